"""Which models are known, which are served at this stage, and whether one is awake."""

from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from functions.inference import endpoints
from functions.inference.settings import get_endpoint, served_models
from sluice import clock, ids
from sluice.catalog import Card, cards, get_card
from sluice.errors import ModelNotServed, ModelWaking
from sluice.log import logger

WAKE_EVERY_MS = 60_000
"""One request in the queue is enough to make an endpoint scale from zero."""


@cache
def known_cards() -> tuple[Card, ...]:
    """Each card once, by id."""
    return tuple(sorted({card.id: card for card in cards().values()}.values(), key=lambda c: c.id))


def is_served(card: Card) -> bool:
    return card.id in served_models()


def default_card(task: str) -> Card:
    """The model of a request that names none: the first of the stage's that does `task`. Raises
    ModelNotServed."""
    served = map(get_card, served_models())
    found = next((card for card in served if card.task == task), None)
    if found is None:
        raise ModelNotServed(
            f"No model of this stage does {task}; GET /v1/inference/models shows what each does."
        )
    return found


def state(card: Card) -> str:
    """`awake`, `asleep`, or `not_served`."""
    if not is_served(card):
        return "not_served"
    return "awake" if endpoints.is_awake(get_endpoint(card.id)) else "asleep"


def sleeps_longer(card: Card, patience_s: int) -> bool:
    """Whether the model sleeps and would not wake within `patience_s`."""
    endpoint = get_endpoint(card.id)
    return endpoint.wake_s > patience_s and not endpoints.is_awake(endpoint)


_woken_ms: dict[str, int] = {}


def wake(card: Card) -> ModelWaking:
    """Begin to wake the model, for nobody's money; gives the refusal that says so."""
    now_ms = clock.now_ms()
    if now_ms - _woken_ms.get(card.id, 0) >= WAKE_EVERY_MS:
        _woken_ms[card.id] = now_ms
        _knock(card)
    wake_s = get_endpoint(card.id).wake_s
    return ModelWaking(
        f"{card.id} sleeps and needs about {wake_s} s to wake, which has begun. Submit a job to "
        "/v1/inference/jobs, which waits for it, or try again then.",
        retry_after_s=wake_s,
    )


def _knock(card: Card) -> None:
    """Ask the model nothing: its container refuses that at once, and no job has the id."""
    try:
        endpoints.invoke(get_endpoint(card.id), ids.new(endpoints.WAKE_PREFIX), b"{}")
    except (endpoints.NoSuchEndpoint, BotoCoreError, ClientError):
        logger.exception("could not wake the model")
