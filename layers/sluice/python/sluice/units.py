"""The most units that a request can consume: what is held for it, and what a quote says.

Tokens are bounded without a tokenizer: none of the models makes more tokens than a text has bytes,
measured after the compatibility normalization (NFKC) that some apply first, since that can grow it.
The context bounds them too: a model refuses what does not fit, so it never bills for more.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from unicodedata import normalize

from sluice.catalog import Card
from sluice.errors import InvalidInput

PROMPT_TOKENS: Final = 64
"""What a chat template adds once: the opening of the answer, a default system message."""
MESSAGE_TOKENS: Final = 16
"""What a chat template adds to each message: its role, its marks of beginning and end."""
TEXT_TOKENS: Final = 16
"""What an embedding model adds to each text: marks of its ends, a prefix such as `query: `."""


def worst_case_units(
    card: Card, input_: Mapping[str, Any], picture_size: tuple[int, int] | None = None
) -> dict[str, int]:
    """Unit → count that a call with this input, valid against the card's schema, cannot exceed.
    `picture_size` is the (width, height) of the input's picture in pixels, for the tasks that take
    one; raises InvalidInput when such a task is asked about without it."""
    match card.task:
        case "chat":
            return _chat(card, input_)
        case "embedding":
            return _embedding(card, input_)
        case "upscale":
            return _upscale(card, input_, picture_size)
    raise InvalidInput(f"Nobody can say what a {card.task} request consumes.", code="unpriced_unit")


def _chat(card: Card, input_: Mapping[str, Any]) -> dict[str, int]:
    messages = [turn["content"] for turn in input_["messages"]]
    overhead = PROMPT_TOKENS + MESSAGE_TOKENS * len(messages)
    return {
        "input_token": min(overhead + _token_bound(messages), card.limits["context_tokens"]),
        "output_token": int(input_.get("max_tokens", card.limits["max_output_tokens"])),
    }


def _embedding(card: Card, input_: Mapping[str, Any]) -> dict[str, int]:
    longest = card.limits["context_tokens"]
    bounds = (min(TEXT_TOKENS + _token_bound([text]), longest) for text in _texts(input_["input"]))
    return {"input_token": sum(bounds)}


def _upscale(
    card: Card, input_: Mapping[str, Any], picture_size: tuple[int, int] | None
) -> dict[str, int]:
    if picture_size is None:
        raise InvalidInput("Say the picture's width and height in pixels as `picture`.")
    width, height = picture_size
    scale = int(input_.get("scale", card.limits["scale"]))
    return {"output_pixel": width * height * scale**2}


def _texts(content: str | Sequence[str]) -> Sequence[str]:
    return [content] if isinstance(content, str) else content


def _token_bound(texts: Sequence[str]) -> int:
    return sum(max(_size_bytes(text), _size_bytes(normalize("NFKC", text))) for text in texts)


def _size_bytes(text: str) -> int:
    """Lone surrogates, which JSON can carry, count as the replacement characters they become."""
    return len(text.encode(errors="surrogatepass"))
