"""A picture to work on, drawn here so that none needs to be downloaded."""

import io
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

SIDE_PX: Final = 128
BRIGHT: Final = 150


def draw(side_px: int = SIDE_PX) -> bytes:
    """A small landscape as PNG: sky, sun, two hills, a house."""
    image = Image.new("RGB", (SIDE_PX, SIDE_PX))
    pen = ImageDraw.Draw(image)
    for y in range(SIDE_PX):
        pen.line([(0, y), (SIDE_PX, y)], fill=(120 + y // 2, 170 + y // 3, 235 - y // 4))
    pen.ellipse([88, 14, 112, 38], fill=(255, 214, 90))
    pen.ellipse([-40, 70, 90, 190], fill=(70, 130, 80))
    pen.ellipse([50, 80, 180, 200], fill=(92, 150, 84))
    pen.rectangle([40, 66, 62, 88], fill=(196, 92, 72))
    pen.polygon([(36, 66), (51, 52), (66, 66)], fill=(110, 60, 50))
    pen.rectangle([48, 76, 54, 88], fill=(60, 40, 36))
    stream = io.BytesIO()
    image = image.filter(ImageFilter.GaussianBlur(0.6))
    image.resize((side_px, side_px), Image.Resampling.BICUBIC).save(stream, "PNG")
    return stream.getvalue()


def mask(side_px: int) -> bytes:
    """White where the landscape's sun is, black elsewhere; as PNG."""
    image = Image.new("L", (SIDE_PX, SIDE_PX))
    ImageDraw.Draw(image).rectangle([68, 0, SIDE_PX - 1, 59], fill=255)
    stream = io.BytesIO()
    image.resize((side_px, side_px), Image.Resampling.NEAREST).save(stream, "PNG")
    return stream.getvalue()


def similarity(small: bytes, large: bytes) -> float:
    """1 for the same picture at another size, about 0.7 for unrelated ones."""
    first = Image.open(io.BytesIO(small)).convert("RGB")
    second = Image.open(io.BytesIO(large)).convert("RGB").resize(first.size, Image.Resampling.BOX)
    means = ImageStat.Stat(ImageChops.difference(first, second)).mean
    return 1 - sum(means) / len(means) / 255


def outside(data: bytes, masked: bytes) -> bytes:
    """The picture with black where the mask of its size is white."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    hidden = Image.open(io.BytesIO(masked)).convert("L")
    image.paste((0, 0, 0), mask=hidden)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def size(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


def redness(data: bytes) -> float:
    """The part of all pixels that are plainly red."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    pixels = list(zip(*(band.tobytes() for band in image.split()), strict=True))
    red: int = sum(r > BRIGHT and r > 2 * g and r > 2 * b for r, g, b in pixels)
    return red / len(pixels)
