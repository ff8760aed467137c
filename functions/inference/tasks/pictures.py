"""Pictures as callers send them: base64, a data URL or `upload:{id}`, checked before they cost."""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.inference.tasks import encoded
from sluice.catalog import Card
from sluice.errors import InvalidInput, PayloadTooLarge
from sluice.moderation.screen import MAX_INLINE_IMAGE_BYTES

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MAX_SCANS = 100
"""Of a JPEG. Progressive ones have about ten; profiles and previews inside may hold the same two
bytes by chance."""
_SCAN = b"\xff\xda"
CONTENT_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
_MULTI_PICTURE_JPEG = "MPO"
"""What Pillow calls the JPEGs of many phones."""
_DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, struct.error, zlib.error)
"""What Pillow raises on bytes that are no picture, or not a whole one."""


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
    data = encoded.read(given, account, fault="not_an_image")
    limit_bytes = max_bytes(card)
    if len(data) > limit_bytes:
        raise PayloadTooLarge(f"{card.id} takes pictures of up to {limit_bytes} bytes.")
    picture = measure(data)
    _check_size(card, picture)
    _check_whole(data)
    return picture


def max_bytes(card: Card) -> int:
    """The largest picture that the card takes and that can be screened before it is stored."""
    return min(card.limits["max_input_bytes"], MAX_INLINE_IMAGE_BYTES)


def check_area(card: Card, width: int, height: int) -> None:
    """Raises InvalidInput when a picture of this size has more pixels than the card allows."""
    if width * height > card.limits["max_pixels"]:
        raise InvalidInput(
            f"{width} × {height} is too large for {card.id}: "
            f"at most {card.limits['max_pixels']} pixels.",
            code="image_too_large",
        )


def _check_size(card: Card, picture: Picture) -> None:
    check_area(card, picture.width, picture.height)
    longest = max(picture.width, picture.height)
    if longest > card.limits["max_side_pixels"]:
        raise InvalidInput(
            f"A side may have {card.limits['max_side_pixels']} pixels, not {longest}.",
            code="image_too_large",
        )
    shortest = min(picture.width, picture.height)
    if shortest < card.limits["min_side_pixels"]:
        raise InvalidInput(
            f"A side must have {card.limits['min_side_pixels']} pixels, not {shortest}: "
            "smaller pictures cannot be screened.",
            code="image_too_small",
        )


def measure(data: bytes) -> Picture:
    """A picture's size, from its header alone: one made to exhaust memory is refused by its size,
    before anything decodes it. Raises InvalidInput unless the bytes begin a PNG or JPEG, one that
    can be decoded in reasonable time."""
    with _opened(data) as image:
        kind = "JPEG" if image.format == _MULTI_PICTURE_JPEG else str(image.format)
        picture = Picture(data, CONTENT_TYPES[kind], *image.size)
    _check_scans(picture)
    return picture


def _check_scans(picture: Picture) -> None:
    """A JPEG may paint its few pixels over and over: each scan is a handful of bytes and costs as
    much as the whole picture. Raises InvalidInput."""
    if picture.content_type == "image/jpeg" and picture.data.count(_SCAN) > MAX_SCANS:
        raise InvalidInput(
            f"The JPEG is made of more than {MAX_SCANS} scans; save it anew.", code="not_an_image"
        )


def _check_whole(data: bytes) -> None:
    """Decode every pixel; raises InvalidInput when some are missing or damaged."""
    with _opened(data) as image:
        try:
            image.load()
        except _DAMAGE as error:
            raise InvalidInput("The picture is damaged or cut off.", code="not_an_image") from error


def _opened(data: bytes) -> "ImageFile":
    from PIL import Image

    try:
        return Image.open(io.BytesIO(data), formats=tuple(CONTENT_TYPES))
    except Image.DecompressionBombError as error:
        raise InvalidInput(
            "The picture's header announces more pixels than any model here takes.",
            code="image_too_large",
        ) from error
    except _DAMAGE as error:
        raise InvalidInput("That is no PNG or JPEG.", code="not_an_image") from error
