"""Turns the hue of a picture that has one, given as a latent."""

from typing import Any, Final

import numpy as np
from PIL import Image

from models.sketch.serve.latents import encode, plain
from models.sketch.serve.weights import Floats, Weights

HUES: Final = {
    "red": 0,
    "orange": 28,
    "yellow": 50,
    "green": 125,
    "blue": 212,
    "purple": 275,
    "pink": 332,
    "rot": 0,
    "gelb": 50,
    "grün": 125,
    "blau": 212,
    "lila": 275,
    "rosa": 332,
}
"""In degrees, by English and German names."""
VIVID_SATURATION, VIVID_VALUE = 90, 60
MIN_AGREEMENT: Final = 0.7
"""How much of one hue a picture's coloured parts are, for it to be turned."""


def turned(weights: Weights, latent: Floats, hue: float) -> Floats:
    """The latent of its picture with its main hue turned to `hue` degrees, and all others along;
    the same latent where there is no main hue."""
    image = Image.fromarray(plain(weights, latent))
    hsv: Any = np.array(image.convert("HSV"))
    vivid = (hsv[..., 1] > VIVID_SATURATION) & (hsv[..., 2] > VIVID_VALUE)
    if not vivid.any():
        return latent
    mean = np.exp(1j * hsv[..., 0][vivid] * (2 * np.pi / 255)).mean()
    if abs(mean) < MIN_AGREEMENT:
        return latent
    by = hue / 360 * 255 - float(np.angle(mean)) / (2 * np.pi) * 255
    hsv[..., 0] = np.mod(hsv[..., 0] + by, 255).astype(np.uint8)
    again = Image.fromarray(hsv, "HSV").convert("RGB")
    return encode(weights, np.asarray(again, np.uint8))
