"""Texts as callers send them, bounded before they cost."""

from collections.abc import Sequence

from sluice.catalog import Card
from sluice.errors import InvalidInput
from sluice.moderation import MAX_TEXT_CHARS


def check_size(card: Card, texts: Sequence[str]) -> None:
    """Raises InvalidInput when all of them together are more than the card takes, or than can be
    screened. Whether they fit the context in tokens, only the model can say."""
    limit = min(card.limits["max_input_bytes"], MAX_TEXT_CHARS)
    size_bytes = sum(len(text.encode()) for text in texts)
    if size_bytes > limit:
        raise InvalidInput(
            f"The text has {size_bytes} bytes; {card.id} takes {limit}. Shorten or divide it.",
            code="prompt_too_long",
        )
