"""A request of OpenAI's as a job of ours: its fields by the card's names, and back in refusals."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.inference import doors
from functions.inference.doors import Answered, Retry
from sluice.catalog import Card, get_card
from sluice.errors import InvalidInput
from sluice.principal import Principal

MAX_REPORTED = 10
_REASONS = {
    "stream": "Answers are not streamed yet; send stream=false.",
    "tools": "No tools can be called here; send none.",
}
"""Why a field is refused, where its name alone would not help."""


@dataclass(frozen=True, slots=True)
class Call:
    """`given` is the card's input. `names` are the card's fields that the caller knows by another
    name; `further` are fields that the door does not know: the card may."""

    route: str
    tasks: Collection[str]
    model: str
    given: Mapping[str, Any]
    further: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


async def answer(principal: Principal, call: Call, retry: Retry) -> Answered:
    """The ended job and its result. Raises what `doors.run` raises, the fields at fault by the
    caller's own names."""
    card = get_card(call.model)
    if card.task not in call.tasks:
        raise InvalidInput(
            f"{card.id} does {card.task}, not {' or '.join(sorted(call.tasks))}.", code="wrong_task"
        )
    given = {**call.given, **_known(card, call)}
    try:
        return await doors.run(principal, card.task, card.id, given, call.route, retry)
    except InvalidInput as refusal:
        raise _renamed(refusal, call.names) from None


def _known(card: Card, call: Call) -> Mapping[str, Any]:
    """`further`, when the card knows all of it and of the rest; otherwise raises InvalidInput."""
    properties = card.input_schema["properties"]
    ours = [call.names.get(name, name) for name in call.given if name not in properties]
    taken = {*call.given, *call.names}
    theirs = [name for name in call.further if name not in properties or name in taken]
    unknown = [*ours, *theirs]
    if not unknown:
        return call.further
    raise InvalidInput(
        _REASONS.get(unknown[0], f"{card.id} does not take {unknown[0][:80]!r}; leave it out."),
        code="unsupported_parameter",
        errors=[
            {"pointer": f"/input/{name[:80]}", "message": f"{card.id} does not take it"}
            for name in unknown[:MAX_REPORTED]
        ],
    )


def _renamed(refusal: InvalidInput, names: Mapping[str, str]) -> InvalidInput:
    """The same refusal, in the caller's words."""
    for error in refusal.errors:
        place, _, rest = error["pointer"].removeprefix("/").partition("/")
        first, slash, deeper = rest.partition("/")
        if first in names:
            error["pointer"] = f"/{place}/{names[first]}{slash}{deeper}"
    return refusal
