"""Which models are known, which are served at this stage, and whether one is awake."""

from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from functions.inference import endpoints
from functions.inference.settings import get_endpoint, served_models
from functions.inference.tasks.known import TASKS
from sluice import clock, ids
from sluice.catalog import Card, cards
from sluice.errors import ModelWaking
from sluice.log import logger

WAKE_EVERY_MS = 60_000
"""One request in the queue is enough to make an endpoint scale from zero."""


@cache
def known_cards() -> tuple[Card, ...]:
    """Each card once, by id."""
    return tuple(sorted({card.id: card for card in cards().values()}.values(), key=lambda c: c.id))


def is_served(card: Card) -> bool:
    return card.id in served_models()


def state(card: Card) -> str:
    """`awake`, `asleep`, or `not_served`."""
    if not is_served(card):
        return "not_served"
    return "awake" if endpoints.is_awake(get_endpoint(card.id)) else "asleep"


def refuse_if_asleep(card: Card, patience_s: int) -> None:
    """For doors that answer at once: raises ModelWaking when the model sleeps and would not wake
    within `patience_s`, and begins to wake it. Nobody is charged for that."""
    endpoint = get_endpoint(card.id)
    if endpoint.wake_s <= patience_s or endpoints.is_awake(endpoint):
        return
    _wake(card)
    raise ModelWaking(
        f"{card.id} sleeps and needs about {endpoint.wake_s} s to wake, which has begun. Submit a "
        "job to /v1/inference/jobs, which waits for it, or try again then.",
        retry_after_s=endpoint.wake_s,
    )


_woken_ms: dict[str, int] = {}


def _wake(card: Card) -> None:
    """Ask the model its card's own example; nobody waits for the answer, and what it is worth is
    nothing: no job has the id."""
    now_ms = clock.now_ms()
    if now_ms - _woken_ms.get(card.id, 0) < WAKE_EVERY_MS:
        return
    _woken_ms[card.id] = now_ms
    example = TASKS[card.task].prepare(card, card.input_schema["examples"][0], account="")
    try:
        endpoints.invoke(get_endpoint(card.id), ids.new(endpoints.WAKE_PREFIX), example.payload)
    except (endpoints.NoSuchEndpoint, BotoCoreError, ClientError):
        logger.exception("could not wake the model")
