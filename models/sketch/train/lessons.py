"""What one step of training sees: pictures, what is said of them, and a reference beside some."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.sketch.train.latents import Basis
from models.sketch.train.places import POOL

NEIGHBOURS: Final = 3
NO_TEXT: Final = 0.1
NO_REFERENCE: Final = 0.5
NEIGHBOUR_REFERENCE: Final = 0.15
TEXT_NOISE: Final = 0.2
"""Deviation of what is added to half of the standardised embeddings, so that near is enough."""
REFERENCE_NOISE: Final = 0.3
"""At most this is added to a reference, which is to be a hint and not the answer."""
PLAIN: Final = 3.0
"""How much likelier plain pictures are than the pool says, so that one pose is learned well."""
PRIOR_BATCHES: Final = 10
MIN_SPREAD: Final = 0.01


@dataclass(frozen=True, slots=True)
class Batch:
    latent: Tensor
    text: Tensor
    has_text: Tensor
    reference: Tensor
    has_reference: Tensor


@dataclass(frozen=True, slots=True)
class Lessons:
    pictures: NDArray[np.uint8]
    basis: Basis
    embeddings: NDArray[np.float32]
    """Standardised, [texts, 384]."""
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]
    rows: NDArray[np.int32]
    chances: NDArray[np.float64]
    family: NDArray[np.int32]
    """The glyph each picture is made of, -1 for pairs."""
    plain: NDArray[np.int32]
    """The plain picture of each glyph."""
    near: NDArray[np.intp]
    """[glyphs, NEIGHBOURS] by what is said of them."""
    names: list[str]
    texts: list[str]

    @classmethod
    def load(cls) -> Self:
        with np.load(POOL) as pool:
            raw, pictures, rows = (
                pool["embeddings"].astype(np.float32),
                pool["pictures"],
                pool["rows"],
            )
            glyph, weights = pool["glyph"], pool["weights"].astype(np.float64)
            names, texts = [str(n) for n in pool["names"]], [str(t) for t in pool["texts"]]
        mean, deviation = raw.mean(0), raw.std(0) + 1e-6
        embeddings = (raw - mean) / deviation
        count = len(names)
        family = np.maximum.accumulate(glyph)
        # Pairs follow the last glyph's own pictures; of those it has at most ten.
        single = np.flatnonzero(glyph >= 0)
        weights[glyph[rows[:, 0]] >= 0] *= PLAIN
        family[_first_pair(rows, texts, int(single[-1])) :] = -1
        said = np.zeros((count, embeddings.shape[1]), np.float32)
        of_rows = family[rows[:, 0]]
        alone = of_rows >= 0
        np.add.at(said, of_rows[alone], embeddings[rows[alone, 1]] * weights[alone, None])
        said /= np.linalg.norm(said, axis=1, keepdims=True)
        near = np.argsort(-(said @ said.T - 2 * np.eye(count)), 1)[:, :NEIGHBOURS]
        return cls(
            pictures,
            Basis.of(pictures),
            embeddings,
            mean,
            deviation,
            rows,
            weights / weights.sum(),
            family,
            single.astype(np.int32),
            near,
            names,
            texts,
        )

    def batch(self, size: int, random: np.random.Generator) -> Batch:
        chosen = self.rows[random.choice(len(self.rows), size, p=self.chances)]
        latent = torch.from_numpy(self.basis.encode(self.pictures[chosen[:, 0]]))
        text = torch.from_numpy(self.embeddings[chosen[:, 1]])
        noisy = torch.from_numpy((random.random((size, 1)) < 0.5).astype(np.float32))
        text = text + TEXT_NOISE * noisy * torch.randn_like(text)
        shown = np.array([self._reference(int(picture), random) for picture in chosen[:, 0]])
        reference = torch.from_numpy(self.basis.encode(self.pictures[shown]))
        reference = reference + REFERENCE_NOISE * torch.rand(size, 1, 1, 1) * torch.randn_like(
            reference
        )
        return Batch(
            latent,
            text,
            torch.from_numpy((random.random(size) >= NO_TEXT).astype(np.float32)),
            reference,
            torch.from_numpy((random.random(size) >= NO_REFERENCE).astype(np.float32)),
        )

    def gallery(self) -> NDArray[np.int32]:
        """(glyph, text) for every caption of a plain picture, the one naming its own colour too."""
        look = {self.pictures[picture].tobytes(): glyph for glyph, picture in enumerate(self.plain)}
        owner = {
            int(picture): look[key]
            for picture in np.unique(self.rows[:, 0])
            if (key := self.pictures[picture].tobytes()) in look
        }
        named = [(owner[int(p)], int(t)) for p, t in self.rows if int(p) in owner]
        return np.array(sorted(set(named)), np.int32)

    def priors(self) -> tuple[Tensor, Tensor]:
        """The latents' average [12, 16, 16] and mean square distances [2, 12, 16, 16] from it and
        from a reference."""
        random = np.random.default_rng(0)
        batches = [self.batch(250, random) for _ in range(PRIOR_BATCHES)]
        latent = torch.cat([batch.latent for batch in batches])
        reference = torch.cat([batch.reference for batch in batches])
        average = latent.mean(0)
        around = [(latent - middle).square().mean(0) for middle in (average, reference)]
        return average, torch.stack(around).clamp_min(MIN_SPREAD)

    def _reference(self, picture: int, random: np.random.Generator) -> int:
        glyph = int(self.family[picture])
        if glyph < 0:
            return picture
        if random.random() < NEIGHBOUR_REFERENCE:
            return int(self.plain[self.near[glyph, random.integers(NEIGHBOURS)]])
        return int(self.plain[glyph])


def _first_pair(rows: NDArray[np.int32], texts: list[str], last_plain: int) -> int:
    joins = (" next to ", " and ", " beside ", " neben ", " und ")
    after = rows[rows[:, 0] > last_plain + 9]
    first: int = int(after[0, 0])
    if not any(join in texts[after[0, 1]] for join in joins):
        raise ValueError("the pool's pairs do not begin where they should")
    for picture, text in rows[(rows[:, 0] > last_plain + 4) & (rows[:, 0] < first)][::-1]:
        if not any(join in texts[text] for join in joins):
            break
        first = int(picture)
    return first
