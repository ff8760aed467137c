"""Finds the training pictures whose captions are nearest to a prompt, for the flow to begin with.

A prompt that names two things side by side gets one picture made of both. A colour in words turns
the hue of what was found, unless a caption says just this already.
"""

import re
from collections.abc import Callable
from typing import Final

import numpy as np

from models.sketch.serve.latents import CHANNELS, PATCH, SIDE, halved
from models.sketch.serve.tint import HUES, turned
from models.sketch.serve.weights import Floats, Gallery, Weights

JOINS: Final = re.compile(r"(?<=\S)\s+(?:next to|beside|and|neben|und)\s+(?=\S)", re.IGNORECASE)
COLOUR: Final = re.compile(rf"\b({'|'.join(HUES)})(?:e[rsnm]?)?\b", re.IGNORECASE)
SAME: Final = 0.93
"""Cosine from which a caption says what the prompt says."""
MIN_LIKENESS: Final = 0.25
"""Cosine below which nothing in the gallery is near, and the flow draws from noise alone."""
WHOLE_WEIGHT: Final = 0.5
"""What likeness to all captions of a picture counts beside that to the nearest one: it tells the
automobile from the railway car when somebody asks for a car."""
ALTERNATIVES: Final = 3
ALTERNATIVE_MARGIN: Final = 0.08
"""Pictures this close behind the best one are taken in turns by the seeds."""

type Reader = Callable[[str], Floats]
"""From a text to its standardised embedding, [384]."""


def scores(gallery: Gallery, text: Floats) -> tuple[Floats, Floats]:
    """For every picture: how well it fits, and the likeness of its nearest caption alone."""
    asked = text / np.linalg.norm(text)
    nearest = np.full(len(gallery.latents), -1.0, np.float32)
    np.maximum.at(nearest, gallery.owner, gallery.texts @ asked)
    return nearest + np.float32(WHOLE_WEIGHT) * (gallery.middles @ asked), nearest


def best(gallery: Gallery, text: Floats) -> int:
    """The picture that fits best."""
    return int(np.argmax(scores(gallery, text)[0]))


def find(weights: Weights, prompt: str, read: Reader, seeds: tuple[int, ...]) -> Floats | None:
    """Latents to begin with, [seeds, 12, 16, 16], or None when nothing is near."""
    whole, is_same = _candidates(weights, prompt, read)
    join = JOINS.search(prompt)
    if join and not is_same:
        parts = prompt[: join.start()], prompt[join.end() :]
        left, right = (_candidates(weights, part, read)[0] for part in parts)
        if left and right:
            pairs = [(_turn(left, seed), _turn(right, seed)) for seed in seeds]
            return np.stack([_beside(weights, pair) for pair in pairs])
    if not whole:
        return None
    return np.stack([_turn(whole, seed) for seed in seeds])


def _turn(candidates: list[Floats], seed: int) -> Floats:
    return candidates[int(np.random.Generator(np.random.PCG64(seed)).integers(len(candidates)))]


def _candidates(weights: Weights, text: str, read: Reader) -> tuple[list[Floats], bool]:
    """The latents that fit best, and whether a caption says just what the text says."""
    gallery = weights.gallery
    fit, likeness = scores(gallery, read(text))
    colour = COLOUR.search(text)
    thing = " ".join(COLOUR.sub(" ", text).split())
    is_same = bool(likeness.max() >= SAME)
    if colour and thing and not is_same:
        fit, likeness = scores(gallery, read(thing))
    first = float(fit.max())
    order = np.argsort(-fit, kind="stable")[:ALTERNATIVES]
    near = [
        int(index)
        for index in order
        if fit[index] >= first - ALTERNATIVE_MARGIN and likeness[index] >= MIN_LIKENESS
    ]
    found = [gallery.latents[index] for index in near]
    if colour and thing and not is_same:
        found = [turned(weights, latent, HUES[colour[1].lower()]) for latent in found]
    return found, is_same


def _beside(weights: Weights, latents: tuple[Floats, Floats]) -> Floats:
    """Two latents at half size next to each other on white."""
    white = (np.ones(3 * PATCH**2, np.float32) - weights.patch_mean) @ weights.components.T
    canvas = np.broadcast_to((white / weights.scale)[:, None, None], (CHANNELS, SIDE, SIDE)).copy()
    quarter, half = SIDE // 4, SIDE // 2
    for index, latent in enumerate(latents):
        canvas[:, quarter : quarter + half, index * half : (index + 1) * half] = halved(
            weights, latent
        )
    return canvas.astype(np.float32)
