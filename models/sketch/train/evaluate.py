"""Measures the model on prompts that training never read, and prints a table.

    .sluice/models/bin/python -m models.sketch.train.evaluate [--weights PATH] [--seeds 2]

A prompt's drawing is right when the glyph it asks for is among the 5 training pictures that look
most like it. For two objects both must be, each looked for in its half. Diversity is the mean
distance between drawings of one prompt by different seeds, as a part of the mean distance between
different training pictures. The baseline returns the nearest glyph by its captions.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.sketch.serve import latents, retrieval
from models.sketch.serve.draw import RETRIEVAL_STRENGTH, Sketch
from models.sketch.serve.request import DEFAULT_GUIDANCE, DEFAULT_STEPS
from models.sketch.serve.sampler import Wish, draw
from models.sketch.serve.weights import Floats, Weights
from models.sketch.train.places import EXPORT, HELD_OUT, PROMPTS

TOP: Final = 5
EYE_SIDE: Final = 16
"""Pictures are compared at this size, where a shift of a pixel or two matters little."""
FIRST_SEED: Final = 1

type Artist = Callable[[str, Floats], Floats]
"""From a prompt and its embedding to latents [seeds, 12, 16, 16]."""


def looks(pictures: NDArray[np.uint8]) -> Floats:
    """Pictures [n, h, w, 3] as [n, values]: colours at a small size, centred, of unit length."""
    n, high, wide, _ = pictures.shape
    step = (high // EYE_SIDE, wide // EYE_SIDE)
    small = pictures.reshape(n, EYE_SIDE, step[0], EYE_SIDE, step[1], 3).mean((2, 4))
    flat = 1 - small.reshape(n, -1) / 255
    seen: Floats = flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6)
    return seen.astype(np.float32)


class Judge:
    """Knows what every glyph looks like, alone and as either half of a pair."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        known = weights.gallery.latents
        self.alone = looks(self._pictures(known))
        halves = np.stack([latents.halved(weights, latent) for latent in known])
        canvas = np.tile(halves, (1, 1, 2, 2))
        self.half = looks(self._pictures(canvas)[:, :32, :32])
        spread = 1 - self.alone[::7] @ self.alone[::11].T
        self.usual_distance = float(spread.mean())

    def _pictures(self, made: Floats) -> NDArray[np.uint8]:
        parts = [latents.decode(self.weights, made[at : at + 32]) for at in range(0, len(made), 32)]
        return np.concatenate(parts)

    def right(self, made: Floats, wanted: list[int]) -> float:
        """The part of the drawings that show what was asked."""
        pictures = self._pictures(made)
        if len(wanted) == 1:
            return float(np.mean(_among(looks(pictures), self.alone, wanted[0])))
        sides = pictures[:, 16:48, :32], pictures[:, 16:48, 32:]
        hits = [
            _among(looks(side), self.half, glyph) for side, glyph in zip(sides, wanted, strict=True)
        ]
        return float(np.mean(hits[0] & hits[1]))

    def diversity(self, made: Floats) -> float:
        seen = looks(self._pictures(made))
        if len(seen) < 2:
            return 0.0
        apart = 1 - seen @ seen.T
        return float(apart[np.triu_indices(len(seen), 1)].mean()) / self.usual_distance


def _among(seen: Floats, known: Floats, wanted: int) -> NDArray[np.bool_]:
    order = np.argsort(-(seen @ known.T), 1)[:, :TOP]
    found: NDArray[np.bool_] = (order == wanted).any(1)
    return found


def artists(sketch: Sketch, seeds: tuple[int, ...]) -> dict[str, Artist]:
    weights = sketch.weights

    def flow(prompt: str, text: Floats, *, with_reference: bool) -> Floats:
        wish = Wish(text, seeds, DEFAULT_STEPS, DEFAULT_GUIDANCE)
        found = retrieval.find(weights, prompt, sketch.read, seeds) if with_reference else None
        if found is not None:
            wish = replace(wish, reference=found, start=found, strength=RETRIEVAL_STRENGTH)
        return draw(weights, wish)

    def nearest(prompt: str, text: Floats) -> Floats:
        del prompt
        index = retrieval.best(weights.gallery, text)
        return weights.gallery.latents[index : index + 1]

    return {
        "retrieval off": lambda prompt, text: flow(prompt, text, with_reference=False),
        "retrieval on": lambda prompt, text: flow(prompt, text, with_reference=True),
        "nearest glyph": nearest,
    }


def measure(sketch: Sketch, seeds: tuple[int, ...]) -> list[dict[str, Any]]:
    """A row for each artist and kind of prompt."""
    asked = json.loads(PROMPTS.read_bytes())
    judge = Judge(sketch.weights)
    kinds = {"name": "name", "pair": "pair"} | dict.fromkeys(HELD_OUT, "language")
    rows = []
    for name, artist in artists(sketch, seeds).items():
        scores: dict[str, list[float]] = {}
        apart = []
        for one in asked:
            made = artist(one["text"], sketch.read(one["text"]))
            scores.setdefault(kinds[one["kind"]], []).append(judge.right(made, one["glyphs"]))
            apart.append(judge.diversity(made))
        means = {kind: float(np.mean(values)) for kind, values in scores.items()}
        every = [value for values in scores.values() for value in values]
        rows.append(
            {
                "artist": name,
                **means,
                "all": float(np.mean(every)),
                "diversity": float(np.mean(apart)),
            }
        )
    return rows


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=Path, default=EXPORT)
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    sketch = Sketch(Weights.load(options.weights))
    seeds = tuple(range(FIRST_SEED, FIRST_SEED + options.seeds))
    columns = ("name", "language", "pair", "all", "diversity")
    print(f"{'top-5 accuracy':<16}" + "".join(f"{column:>11}" for column in columns))
    for row in measure(sketch, seeds):
        print(f"{row['artist']:<16}" + "".join(f"{row[column]:>11.3f}" for column in columns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
