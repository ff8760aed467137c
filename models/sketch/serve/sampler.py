"""From noise to latents: Euler's method along the flow, with guidance, a start and a mask.

The flow goes along straight lines between a latent (time 0) and noise (time 1), so a picture at
time t is `(1 - t) latent + t noise`: that is how a given picture is started from, and how the
kept part of an inpainting is laid back in at every step.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from models.sketch.serve.latents import CHANNELS, SIDE
from models.sketch.serve.weights import Floats, Weights

SHAPE: Final = (CHANNELS, SIDE, SIDE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to draw. Texts are standardised embeddings [384], pictures are latents."""

    text: Floats
    seeds: tuple[int, ...]
    steps: int
    guidance: float
    negative: Floats | None = None
    reference: Floats | None = None
    """[seeds, 12, 16, 16], one for each"""
    start: Floats | None = None
    """One latent, or one for each seed"""
    strength: float = 1.0
    """With a start: how much of it is noised away, up to 1 for all."""
    keep: Floats | None = None
    """With a start: [16, 16], 1 where the start stays, 0 where it is drawn anew."""


def draw(weights: Weights, wish: Wish) -> Floats:
    """Latents [seeds, 12, 16, 16]; each depends on its own seed alone."""
    noise = np.stack([_noise(seed) for seed in wish.seeds])
    first = wish.strength if wish.start is not None else 1.0
    times = np.linspace(first, 0, max(1, round(wish.steps * first)) + 1, dtype=np.float32)
    latent = noise if wish.start is None else _between(wish.start, noise, times[0])
    for now, then in pairwise(times):
        latent = latent + (then - now) * _velocity(weights, wish, latent, now)
        if wish.start is not None and wish.keep is not None:
            kept = _between(wish.start, noise, then)
            latent = wish.keep * kept + (1 - wish.keep) * latent
    return latent.astype(np.float32)


def _noise(seed: int) -> Floats:
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(SHAPE, np.float32)


def _between(start: Floats, noise: Floats, time: np.float32) -> Floats:
    mixed: Floats = (1 - time) * start + time * noise
    return mixed


def _velocity(weights: Weights, wish: Wish, latent: Floats, time: np.float32) -> Floats:
    """With guidance, each picture is computed with and without the prompt, in one batch. A
    negative prompt takes the place of no prompt; the reference guides both alike."""
    guided = wish.guidance != 1
    rows = len(latent) * (2 if guided else 1)
    text = np.zeros((rows, wish.text.size), np.float32)
    text[: len(latent)] = wish.text
    has_text = np.zeros(rows, np.float32)
    has_text[: len(latent)] = 1
    if guided and wish.negative is not None:
        text[len(latent) :], has_text[len(latent) :] = wish.negative, 1
    shown = np.zeros((rows, *SHAPE), np.float32)
    if wish.reference is not None:
        shown[:] = np.concatenate([wish.reference] * (rows // len(latent)))
    (velocity,) = weights.flow.run(
        None,
        {
            "latent": np.concatenate([latent, latent]) if guided else latent,
            "time": np.full(rows, time, np.float32),
            "text": text,
            "has_text": has_text,
            "reference": shown,
            "has_reference": np.full(rows, float(wish.reference is not None), np.float32),
        },
    )
    if not guided:
        plain: Floats = velocity
        return plain
    with_text, without = velocity[: len(latent)], velocity[len(latent) :]
    mixed: Floats = without + np.float32(wish.guidance) * (with_text - without)
    return mixed
