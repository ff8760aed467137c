"""Pictures as callers send them: base64, a data URL or `upload:{id}`, checked before they cost."""

import base64
import binascii
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.inference.uploads import service as uploads
from sluice.catalog import Card
from sluice.errors import InvalidInput, PayloadTooLarge

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

CONTENT_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
_UPLOAD = "upload:"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes and size in pixels, read from the picture itself."""

    data: bytes
    content_type: str
    width: int
    height: int


def read_input(card: Card, given: str, account: str) -> Picture:
    """The picture that `given` means, within the card's limits. Raises InvalidInput,
    PayloadTooLarge, or NotFound for an upload that is not the account's."""
    if given.startswith(_UPLOAD):
        data = uploads.read(given.removeprefix(_UPLOAD), account)
    else:
        data = _decode(given)
    if len(data) > card.limits["max_input_bytes"]:
        raise PayloadTooLarge(f"A picture may have {card.limits['max_input_bytes']} bytes.")
    picture = measure(data)
    pixels = picture.width * picture.height
    if pixels > card.limits["max_pixels"]:
        raise InvalidInput(
            f"{picture.width} × {picture.height} is too large for {card.id}: "
            f"at most {card.limits['max_pixels']} pixels.",
            code="image_too_large",
        )
    longest = max(picture.width, picture.height)
    if longest > card.limits["max_side_pixels"]:
        raise InvalidInput(
            f"A side may have {card.limits['max_side_pixels']} pixels, not {longest}.",
            code="image_too_large",
        )
    _check_whole(data)
    return picture


def measure(data: bytes) -> Picture:
    """A picture's size, from its header alone: one made to exhaust memory is refused by its size,
    before anything decodes it. Raises InvalidInput unless the bytes begin a PNG or JPEG."""
    with _opened(data) as image:
        return Picture(data, CONTENT_TYPES[image.format or ""], *image.size)


def _check_whole(data: bytes) -> None:
    """Decode every pixel; raises InvalidInput when some are missing or damaged."""
    with _opened(data) as image:
        try:
            image.load()
        except (OSError, SyntaxError, ValueError) as error:
            raise InvalidInput("The picture is damaged or cut off.", code="not_an_image") from error


def _opened(data: bytes) -> "ImageFile":
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(io.BytesIO(data), formats=tuple(CONTENT_TYPES))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as error:
        raise InvalidInput("That is no PNG or JPEG.", code="not_an_image") from error


def _decode(given: str) -> bytes:
    text = given.partition(",")[2] if given.startswith("data:") else given
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise InvalidInput("The picture is not valid base64.", code="not_an_image") from error
