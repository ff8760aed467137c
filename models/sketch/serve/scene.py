"""Lays a drawing on white into the masked part of a picture, as a rough scene to draw from."""

from typing import Any, Final

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

WHITE_TOLERANCE: Final = 60
"""Sum over the three colours up to which a pixel next to the ground still belongs to it."""
RIM_PIXELS: Final = 9
_GROUND: Final = (255, 0, 255)


def laid(picture: Image.Image, redraw: Image.Image, drawing: Image.Image) -> Image.Image:
    """`picture` (RGB) with `drawing` (RGB on white) fitted into the white part of `redraw` (L, of
    the picture's size), before the colour that surrounds it there."""
    scene = picture.copy()
    scene.paste(_around(picture, redraw), mask=redraw)
    box = redraw.getbbox()
    if box is None:
        return scene
    side = min(box[2] - box[0], box[3] - box[1])
    small = drawing.resize((side, side), Image.Resampling.LANCZOS)
    corner = (box[0] + box[2] - side) // 2, (box[1] + box[3] - side) // 2
    scene.paste(small, corner, _shape(drawing).resize((side, side), Image.Resampling.BILINEAR))
    scene.paste(picture, mask=ImageChops.invert(redraw))
    return scene


def _around(picture: Image.Image, redraw: Image.Image) -> tuple[int, int, int]:
    """The mean colour of what lies right outside the mask; white when nothing does."""
    rim = ImageChops.subtract(redraw.filter(ImageFilter.MaxFilter(RIM_PIXELS)), redraw)
    weights = np.asarray(rim, np.float64)[..., None]
    if not weights.any():
        return (255, 255, 255)
    mean: Any = (np.asarray(picture, np.float64) * weights).sum((0, 1)) / weights.sum()
    red, green, blue = (round(value) for value in mean)
    return red, green, blue


def _shape(drawing: Image.Image) -> Image.Image:
    """Where a drawing is not its white ground, which is what reaches the corners."""
    filled = drawing.copy()
    for x in (0, drawing.width - 1):
        for y in (0, drawing.height - 1):
            ImageDraw.floodfill(filled, (x, y), _GROUND, thresh=WHITE_TOLERANCE)
    is_ground = np.all(np.asarray(filled) == _GROUND, axis=2)
    return Image.fromarray(np.where(is_ground, 0, 255).astype(np.uint8), "L")
