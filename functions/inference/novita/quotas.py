"""How many requests a minute each model takes, in the family's shape."""

from functions.inference.models import service as models
from functions.inference.novita.answers import Quota, QuotaList
from functions.inference.novita.results import TASK_TYPES
from sluice.catalog import Card
from sluice.limits import limits_of

AUDIO = ("text-to-speech", "speech-to-text")


def list_quotas(tier: str) -> QuotaList:
    """What one key of an account of this tier may ask."""
    limits = limits_of(tier)
    quotas = [
        _show(card, limits.key_rate) for card in models.known_cards() if models.is_served(card)
    ]
    return QuotaList(data=quotas, total=len(quotas))


def _show(card: Card, key_rate: int) -> Quota:
    is_picture = card.task in TASK_TYPES and card.task not in AUDIO
    per_minute = card.limits["rate_per_minute"]
    return Quota(
        modal="image" if is_picture else "audio" if card.task in AUDIO else "llm",
        quota_object=card.id,
        quota_type="IPM" if is_picture else "RPM",
        product_type="model_api",
        current_quota=per_minute * key_rate,
        default_quota=per_minute,
        adjustable=False,
        quota_items=[],
    )
