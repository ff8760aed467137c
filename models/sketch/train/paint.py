"""Ways to make more pictures of a glyph: moved, recoloured, on a ground, beside another."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.sketch.train.places import SIDE_PIXELS

HUES: Final = {
    "red": 0,
    "orange": 28,
    "yellow": 50,
    "green": 125,
    "blue": 212,
    "purple": 275,
    "pink": 332,
}
GROUNDS: Final = {
    "red": (235, 90, 80),
    "orange": (250, 170, 80),
    "yellow": (250, 225, 110),
    "green": (130, 200, 120),
    "blue": (120, 180, 240),
    "purple": (175, 130, 215),
    "pink": (250, 180, 205),
    "black": (25, 25, 28),
    "gray": (150, 150, 150),
}
WHITE: Final = (255, 255, 255)
MIN_COLOURED: Final = 0.45
MIN_AGREEMENT: Final = 0.9

type Picture = NDArray[np.uint8]


def place(
    glyph: Picture,
    scale: float = 0.94,
    centre: tuple[float, float] = (0.5, 0.5),
    ground: tuple[int, int, int] = WHITE,
) -> Picture:
    """The glyph (RGBA) on a ground: RGB, square; `scale` and `centre` are parts of the side."""
    canvas = Image.new("RGBA", (SIDE_PIXELS, SIDE_PIXELS), (*ground, 255))
    canvas.alpha_composite(*_fit(glyph, scale, centre))
    return np.asarray(canvas.convert("RGB"))


def beside(left: Picture, right: Picture) -> Picture:
    """Two glyphs next to each other on white."""
    canvas = Image.new("RGBA", (SIDE_PIXELS, SIDE_PIXELS), (*WHITE, 255))
    canvas.alpha_composite(*_fit(left, 0.5, (0.25, 0.5)))
    canvas.alpha_composite(*_fit(right, 0.5, (0.75, 0.5)))
    return np.asarray(canvas.convert("RGB"))


def _fit(
    glyph: Picture, scale: float, centre: tuple[float, float]
) -> tuple[Image.Image, tuple[int, int]]:
    image = Image.fromarray(glyph)
    side = round(scale * SIDE_PIXELS)
    box = (side, round(side * image.height / image.width))
    # Pillow multiplies colours by their alpha before it scales, so edges stay clean.
    small = image.resize(box, Image.Resampling.LANCZOS)
    corner = [round(centre[axis] * SIDE_PIXELS - box[axis] / 2) for axis in (0, 1)]
    return small, (
        min(max(corner[0], 0), SIDE_PIXELS - box[0]),
        min(max(corner[1], 0), SIDE_PIXELS - box[1]),
    )


def main_hue(glyph: Picture) -> float | None:
    """The hue in degrees that most of a glyph has, None where it is colourless or motley."""
    hsv = np.asarray(Image.fromarray(glyph).convert("RGB").convert("HSV")).reshape(-1, 3)
    opaque = glyph[..., 3].reshape(-1) > 128
    vivid = opaque & (hsv[:, 1] > 90) & (hsv[:, 2] > 60)
    if vivid.sum() < MIN_COLOURED * opaque.sum():
        return None
    angles = hsv[vivid, 0].astype(np.float64) * (2 * np.pi / 255)
    mean = np.exp(1j * angles).mean()
    return None if abs(mean) < MIN_AGREEMENT else float(np.degrees(np.angle(mean)) % 360)


def recolour(glyph: Picture, from_hue: float, to_hue: float) -> Picture:
    """The glyph with all its hues turned so that `from_hue` becomes `to_hue`, in degrees."""
    rgb = Image.fromarray(glyph).convert("RGB").convert("HSV")
    hsv = np.array(rgb)
    turned = hsv[..., 0].astype(np.float64) + (to_hue - from_hue) * 255 / 360
    hsv[..., 0] = np.mod(turned, 255).astype(np.uint8)
    painted = np.array(Image.fromarray(hsv, "HSV").convert("RGB"))
    return np.dstack([painted, glyph[..., 3]])


def colour_name(hue: float) -> str:
    """The name nearest to a hue in degrees."""
    return min(HUES, key=lambda name: min((hue - HUES[name]) % 360, (HUES[name] - hue) % 360))
