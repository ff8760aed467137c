"""What somebody asks of the model, checked: the body of an invocation as values."""

import base64
import binascii
import io
import secrets
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from models.frame import RefusedError

SIDE_PIXELS: Final = 256
MAX_PROMPT_CHARS: Final = 1_000
MAX_PICTURES: Final = 4
MAX_STEPS: Final = 50
DEFAULT_STEPS: Final = 16
MIN_GUIDANCE, MAX_GUIDANCE, DEFAULT_GUIDANCE = 1.0, 20.0, 1.5
DEFAULT_STRENGTH: Final = 0.6
SEEDS: Final = 2**32
MAX_INPUT_PIXELS: Final = 4_194_304
FORMATS: Final = ("PNG", "JPEG")


@dataclass(frozen=True, slots=True)
class Given:
    """A picture to begin with and what of it is to be drawn anew; both are square and cut from
    the middle of what was sent."""

    picture: Image.Image
    """RGB, 256 × 256"""
    redraw: Image.Image | None
    """L, 256 × 256, white where it is drawn anew; None means everywhere"""
    strength: float


@dataclass(frozen=True, slots=True)
class Asked:
    prompt: str
    negative: str | None
    seeds: tuple[int, ...]
    steps: int
    guidance: float
    retrieval: bool
    given: Given | None


def read(body: dict[str, Any]) -> Asked:
    """Raises RefusedError naming the field that is wrong."""
    for name in ("width", "height"):
        if body.get(name, SIDE_PIXELS) != SIDE_PIXELS:
            raise _invalid(f"{name} is {SIDE_PIXELS} here.")
    count = _whole(body, "n", 1, 1, MAX_PICTURES)
    first = _whole(body, "seed", secrets.randbelow(SEEDS - MAX_PICTURES), 0, SEEDS - count)
    retrieval = body.get("retrieval", True)
    if not isinstance(retrieval, bool):
        raise _invalid("retrieval is true or false.")
    return Asked(
        _text(body, "prompt"),
        _text(body, "negative_prompt") if body.get("negative_prompt") else None,
        tuple(range(first, first + count)),
        _whole(body, "steps", DEFAULT_STEPS, 1, MAX_STEPS),
        _number(body, "guidance_scale", DEFAULT_GUIDANCE, MIN_GUIDANCE, MAX_GUIDANCE),
        retrieval,
        _given(body) if "image" in body else None,
    )


def _given(body: dict[str, Any]) -> Given:
    picture, redraw = _picture(body["image"], "image", "RGB"), None
    if "mask" in body:
        redraw = _picture(body["mask"], "mask", "L")
        if redraw.size != picture.size:
            raise RefusedError("mask_size_mismatch", "The mask has another size than the picture.")
        redraw = _square(redraw)
    default = 1.0 if redraw else DEFAULT_STRENGTH
    return Given(_square(picture), redraw, _number(body, "strength", default, 0.0, 1.0))


def _square(picture: Image.Image) -> Image.Image:
    return ImageOps.fit(picture, (SIDE_PIXELS, SIDE_PIXELS), Image.Resampling.LANCZOS)


def _picture(encoded: Any, name: str, mode: str) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(encoded, validate=True)), formats=FORMATS)
        if picture.width * picture.height > MAX_INPUT_PIXELS:
            raise RefusedError("image_too_large", f"{name} has {MAX_INPUT_PIXELS} pixels at most.")
        upright = ImageOps.exif_transpose(picture)
        if mode == "RGB" and upright.has_transparency_data:
            ground = Image.new("RGBA", upright.size, "white")
            upright = Image.alpha_composite(ground, upright.convert("RGBA"))
        return upright.convert(mode)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        SyntaxError,
        TypeError,
        ValueError,
        binascii.Error,
    ) as error:
        raise RefusedError("invalid_image", f"{name} is no PNG or JPEG in base64.") from error


def _text(body: dict[str, Any], name: str) -> str:
    text = body.get(name)
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_PROMPT_CHARS:
        raise _invalid(f"{name} has 1 to {MAX_PROMPT_CHARS} characters and is not blank.")
    # The reader of texts ends at a zero character and takes no lone surrogate.
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise _invalid(f"{name} has characters that are no text.")
    return text


def _whole(body: dict[str, Any], name: str, default: int, least: int, most: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _invalid(f"{name} is a whole number from {least} to {most}.")
    return value


def _number(body: dict[str, Any], name: str, default: float, least: float, most: float) -> float:
    value = body.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise _invalid(f"{name} is a number from {least:g} to {most:g}.")
    return float(value)


def _invalid(message: str) -> RefusedError:
    return RefusedError("invalid_input", message)


def small(picture: Image.Image, side: int) -> NDArray[np.uint8]:
    """A square picture as pixels at another size."""
    pixels: NDArray[np.uint8] = np.asarray(
        picture.resize((side, side), Image.Resampling.LANCZOS), np.uint8
    )
    return pixels
