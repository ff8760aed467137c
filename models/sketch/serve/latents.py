"""Between pictures and latents: the linear way in, the decoder's way out."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.sketch.serve.weights import Floats, Weights

PATCH: Final = 4
SIDE: Final = 16
"""Places along a latent's side; its picture has PATCH times as many pixels."""
CHANNELS: Final = 12
VALUES: Final = 3 * PATCH**2


def encode(weights: Weights, picture: NDArray[np.uint8]) -> Floats:
    """uint8 [64, 64, 3] to a latent [12, 16, 16]."""
    cut = picture.reshape(SIDE, PATCH, SIDE, PATCH, 3).transpose(0, 2, 4, 1, 3)
    values = cut.reshape(SIDE, SIDE, VALUES).astype(np.float32) / np.float32(127.5) - 1
    projected = (values - weights.patch_mean) @ weights.components.T / weights.scale
    latent: Floats = projected.transpose(2, 0, 1).astype(np.float32)
    return latent


def _pixels(weights: Weights, latent: Floats) -> Floats:
    """The linear way back: a latent [12, 16, 16] to [3, 64, 64] in -1..1, roughly."""
    places = latent.transpose(1, 2, 0) * weights.scale
    patches = places @ weights.components + weights.patch_mean
    cut = patches.reshape(SIDE, SIDE, 3, PATCH, PATCH).transpose(2, 0, 3, 1, 4)
    pixels: Floats = cut.reshape(3, SIDE * PATCH, SIDE * PATCH)
    return pixels


def plain(weights: Weights, latent: Floats) -> NDArray[np.uint8]:
    """A latent's picture without the decoder, uint8 [64, 64, 3]; encoding it gives it back."""
    pixels = (np.clip(_pixels(weights, latent), -1, 1) + 1) * 127.5
    picture: NDArray[np.uint8] = np.rint(pixels).astype(np.uint8).transpose(1, 2, 0)
    return picture


def halved(weights: Weights, latent: Floats) -> Floats:
    """The latent [12, 8, 8] of a latent's picture at half its size."""
    half = SIDE // 2
    pixels = _pixels(weights, latent).reshape(3, half * PATCH, 2, half * PATCH, 2).mean((2, 4))
    cut = pixels.reshape(3, half, PATCH, half, PATCH).transpose(1, 3, 0, 2, 4)
    values = cut.reshape(half, half, VALUES) - weights.patch_mean
    small: Floats = (values @ weights.components.T / weights.scale).transpose(2, 0, 1)
    return small.astype(np.float32)


def decode(weights: Weights, latents: Floats) -> NDArray[np.uint8]:
    """Latents [n, 12, 16, 16] to pictures uint8 [n, 64, 64, 3]."""
    (drawn,) = weights.decoder.run(None, {"latent": latents})
    pixels = np.rint((np.clip(drawn, -1, 1) + 1) * 127.5).astype(np.uint8)
    pictures: NDArray[np.uint8] = pixels.transpose(0, 2, 3, 1)
    return pictures
