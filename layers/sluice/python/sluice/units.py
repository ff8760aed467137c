"""The most units that a request can consume: what is held for it, and what a quote says.

Tokens are bounded without a tokenizer: none of the models makes more tokens than a text has bytes,
measured after the compatibility normalization (NFKC) that some apply first, since that can grow it.
The context bounds them too: a model refuses what does not fit, so it never bills for more.

What a request's flat unit pays for is the same whatever it asks: a job's own AWS calls, and the
screening of its first 1,000 characters or of its picture, before and after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final
from unicodedata import normalize

from sluice.catalog import Card
from sluice.errors import InvalidInput

REQUEST: Final[Mapping[str, int]] = {"request": 1}
"""What every request consumes."""
PROMPT_TOKENS: Final = 64
"""What a chat template adds once: the opening of the answer, a default system message."""
MESSAGE_TOKENS: Final = 16
"""What a chat template adds to each message: its role, its marks of beginning and end."""
TEXT_TOKENS: Final = 16
"""What an embedding model adds to each text: marks of its ends, a prefix such as `query: `."""
DOCUMENT_BYTES: Final = 1_000
"""A document to be ranked counts once for each begun thousand bytes."""


@dataclass(frozen=True, slots=True)
class Media:
    """What the files in an input measure: the picture's (width, height) in pixels, the sound's
    duration. None where the input has no such file, or nobody said."""

    picture: tuple[int, int] | None = None
    audio_ms: int | None = None


NO_MEDIA: Final = Media()


def worst_case_units(
    card: Card, input_: Mapping[str, Any], media: Media = NO_MEDIA
) -> dict[str, int]:
    """Unit → count that a call with this input, valid against the card's schema, cannot exceed.
    Raises InvalidInput when the input has a file that `media` does not measure."""
    return {**REQUEST, **_of_task(card, input_, media)}


def _of_task(card: Card, input_: Mapping[str, Any], media: Media) -> dict[str, int]:
    match card.task:
        case "chat":
            return _chat(card, input_)
        case "completion":
            return _completion(card, input_)
        case "embedding":
            return _embedding(card, input_)
        case "rerank":
            return {"search_document": sum(map(document_units, input_["documents"]))}
        case "speech-to-text":
            return {"input_millisecond": _audio_ms(media)}
        case "text-to-speech":
            return {"input_character": len(input_["text"])}
        case _ if "output_image" in card.prices.rates or "output_pixel" in card.prices.rates:
            return _pictures(card, input_, media)
    raise InvalidInput(f"Nobody can say what a {card.task} request consumes.", code="unpriced_unit")


def document_units(document: str) -> int:
    return max(1, ceil(_size_bytes(document) / DOCUMENT_BYTES))


def picture_units(card: Card, pixels: int, steps: int, count: int = 1) -> dict[str, int]:
    """What `count` pictures of so many pixels consume, in the units that the card prices."""
    counts = {
        "output_image": count,
        "output_pixel": count * pixels,
        "output_pixel_step": count * pixels * steps,
    }
    return {unit: number for unit, number in counts.items() if unit in card.prices.rates}


def _chat(card: Card, input_: Mapping[str, Any]) -> dict[str, int]:
    messages = [turn["content"] for turn in input_["messages"]]
    overhead = PROMPT_TOKENS + MESSAGE_TOKENS * len(messages)
    return _generated(card, input_, overhead + _token_bound(messages))


def _completion(card: Card, input_: Mapping[str, Any]) -> dict[str, int]:
    return _generated(card, input_, TEXT_TOKENS + _token_bound([input_["prompt"]]))


def _generated(card: Card, input_: Mapping[str, Any], input_tokens: int) -> dict[str, int]:
    return {
        "input_token": min(input_tokens, card.limits["context_tokens"]),
        "output_token": int(input_.get("max_tokens", card.limits["max_output_tokens"])),
    }


def _embedding(card: Card, input_: Mapping[str, Any]) -> dict[str, int]:
    longest = card.limits["context_tokens"]
    bounds = (min(TEXT_TOKENS + _token_bound([text]), longest) for text in _texts(input_["input"]))
    return {"input_token": sum(bounds)}


def _pictures(card: Card, input_: Mapping[str, Any], media: Media) -> dict[str, int]:
    """As large as it says, or as the picture that it has; `scale` times as wide and high."""
    if "image" not in input_:
        width, height = int(input_["width"]), int(input_["height"])
    elif media.picture is None:
        raise InvalidInput("Say the picture's width and height in pixels as `picture`.")
    else:
        width, height = media.picture
    scale = int(input_.get("scale", card.limits.get("scale", 1)))
    steps, count = int(input_.get("steps", 1)), int(input_.get("n", 1))
    return picture_units(card, width * height * scale**2, steps, count)


def _audio_ms(media: Media) -> int:
    if media.audio_ms is None:
        raise InvalidInput("Say the sound's duration in milliseconds as `audio`.")
    return media.audio_ms


def _texts(content: str | Sequence[str]) -> Sequence[str]:
    return [content] if isinstance(content, str) else content


def _token_bound(texts: Sequence[str]) -> int:
    return sum(max(_size_bytes(text), _size_bytes(normalize("NFKC", text))) for text in texts)


def _size_bytes(text: str) -> int:
    """Lone surrogates, which JSON can carry, count as the replacement characters they become."""
    return len(text.encode(errors="surrogatepass"))
