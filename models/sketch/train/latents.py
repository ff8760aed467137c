"""Latents: patches of 4 × 4 pixels in 12 numbers, by principal components of the pictures.

Linear on purpose: there is nothing to train before the flow can begin, and a picture that
somebody sends is read with one product of matrices. What a component carries falls with its
rank; scaling by a root of that keeps the coarse parts loud, and the flow learns those first.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

PATCH: Final = 4
CHANNELS: Final = 12
LOUDNESS: Final = 0.6
"""The power of its deviation that a component is divided by; 1 would make all equally loud."""
SAMPLE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Basis:
    mean: NDArray[np.float32]
    """[48]"""
    components: NDArray[np.float32]
    """[12, 48], orthonormal rows"""
    scale: NDArray[np.float32]
    """[12], what projections are divided by"""

    @classmethod
    def of(cls, pictures: NDArray[np.uint8]) -> Self:
        """From pictures uint8 [n, 64, 64, 3]."""
        step = max(1, len(pictures) // SAMPLE)
        found = patches(pictures[::step]).reshape(-1, 3 * PATCH**2)
        mean = found.mean(0)
        covariance = np.cov((found - mean).T)
        values, vectors = np.linalg.eigh(covariance)
        order = np.argsort(values)[::-1][:CHANNELS]
        deviation = np.sqrt(values[order])
        scale = deviation**LOUDNESS
        # Overall unit variance: what the flow's noise has.
        scale *= np.sqrt(np.mean((deviation / scale) ** 2))
        return cls(
            mean.astype(np.float32),
            vectors[:, order].T.astype(np.float32),
            scale.astype(np.float32),
        )

    def encode(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 [n, 64, 64, 3] to latents [n, 12, 16, 16]."""
        projected = (patches(pictures) - self.mean) @ self.components.T / self.scale
        latent: NDArray[np.float32] = projected.transpose(0, 3, 1, 2).astype(np.float32)
        return latent

    def linear(self) -> NDArray[np.float32]:
        """[48, 12]: from a latent's place to its patch less the mean; the decoder begins here."""
        return (self.components * self.scale[:, None]).T


def patches(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 [n, 64, 64, 3] to float [n, 16, 16, 48] in -1..1, in the order of a pixel shuffle."""
    n, side = pictures.shape[0], pictures.shape[1] // PATCH
    cut = pictures.reshape(n, side, PATCH, side, PATCH, 3).transpose(0, 1, 3, 5, 2, 4)
    return cut.reshape(n, side, side, 3 * PATCH**2).astype(np.float32) / np.float32(127.5) - 1
