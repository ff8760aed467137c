"""Which models are known, which are served at this stage, and whether one is awake."""

from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from functions.inference.settings import Endpoint, get_endpoint, served_models
from sluice import aws, clock
from sluice.catalog import Card, cards
from sluice.errors import ModelWaking
from sluice.log import logger

STATE_CACHE_MS = 5_000


@cache
def known_cards() -> tuple[Card, ...]:
    """Each card once, by id."""
    return tuple(sorted({card.id: card for card in cards().values()}.values(), key=lambda c: c.id))


def is_served(card: Card) -> bool:
    return card.id in served_models()


_states: dict[str, tuple[int, bool]] = {}


def is_awake(endpoint: Endpoint) -> bool:
    """Whether an instance of the endpoint runs, at most five seconds old; when SageMaker does not
    say, the caller may as well try."""
    seen_ms, awake = _states.get(endpoint.name, (0, False))
    if clock.now_ms() - seen_ms < STATE_CACHE_MS:
        return awake
    try:
        answer = aws.client("sagemaker").describe_endpoint(EndpointName=endpoint.name)
    except (BotoCoreError, ClientError):
        logger.exception("the endpoint's state is unknown")
        return True
    variants = answer.get("ProductionVariants", [])
    awake = any(variant.get("CurrentInstanceCount", 0) > 0 for variant in variants)
    _states[endpoint.name] = (clock.now_ms(), awake)
    return awake


def state(card: Card) -> str:
    """`awake`, `asleep`, or `not_served`."""
    if not is_served(card):
        return "not_served"
    return "awake" if is_awake(get_endpoint(card.id)) else "asleep"


def refuse_if_asleep(model: str, patience_s: int) -> None:
    """For doors that answer at once: raises ModelWaking when the model sleeps and would not wake
    within `patience_s`."""
    endpoint = get_endpoint(model)
    if endpoint.wake_s > patience_s and not is_awake(endpoint):
        raise ModelWaking(
            f"{model} sleeps and needs about {endpoint.wake_s} s to wake. Submit a job to "
            "/v1/inference/jobs, which waits for it, or try again then.",
            retry_after_s=endpoint.wake_s,
        )
