"""The captioned pictures: Noto Color Emoji's glyphs with their names and keywords from CLDR.

Left out are flags, skin tones, keycaps and what the font has no picture for.
"""

import json
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.sketch.train.places import FONT, LANGUAGES, SOURCE

FONT_SIZE: Final = 109  # the only size the font's bitmaps have
CANVAS: Final = (136, 128)
SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
FLAG_LETTERS: Final = range(0x1F1E6, 0x1F200)
TAGS: Final = range(0xE0020, 0xE0080)
KEYCAP: Final = 0x20E3
JOINER: Final = 0x200D
CLOCKS: Final = range(0x1F550, 0x1F568)
WORD_SIGNS: Final = range(0x1F191, 0x1F266)
FIRST_PICTURE: Final = 0x203C
MAX_KEYWORDS: Final = 4
MAX_OWNERS: Final = 5
"""A keyword that names more glyphs than this says little about any of them."""


@dataclass(frozen=True, slots=True)
class Glyph:
    text: str
    names: dict[str, str]
    keywords: tuple[str, ...]
    picture: NDArray[np.uint8]
    """RGBA, 128 × 136."""
    weight: float
    """How often training sees it: things before people's many variants, short names first."""


def _annotations(language: str) -> dict[str, dict[str, list[str]]]:
    plain = json.loads((SOURCE / language / "plain.json").read_bytes())
    derived = json.loads((SOURCE / language / "derived.json").read_bytes())
    found: dict[str, dict[str, list[str]]] = dict(derived["annotationsDerived"]["annotations"])
    found.update(plain["annotations"]["annotations"])
    return found


def _left_out(text: str) -> bool:
    points = [ord(character) for character in text]
    return points[0] < FIRST_PICTURE or any(
        point in SKIN_TONES or point in FLAG_LETTERS or point in TAGS or point == KEYCAP
        for point in points
    )


def _weight(text: str, name: str) -> float:
    points = [ord(character) for character in text]
    if JOINER in points or points[0] in CLOCKS:
        return 0.25
    if points[0] in WORD_SIGNS:
        return 0.3
    return {1: 2.0, 2: 1.5}.get(len(name.split()), 1.0)


def _draw(font: ImageFont.FreeTypeFont, text: str) -> NDArray[np.uint8] | None:
    # Without a joining layout a sequence the font lacks is two pictures: wider than one.
    if font.getlength(text) > CANVAS[0]:
        return None
    canvas = Image.new("RGBA", CANVAS)
    ImageDraw.Draw(canvas).text((0, 0), text, font=font, embedded_color=True)
    pixels = np.asarray(canvas)
    coloured = pixels[..., 3] > 0
    return pixels if coloured.mean() > 0.04 else None


def read() -> list[Glyph]:
    """Every glyph with a picture of its own, in the order of CLDR."""
    font = ImageFont.truetype(FONT, FONT_SIZE)
    said = {language: _annotations(language) for language in LANGUAGES}
    owners: dict[str, int] = {}
    for entry in said["en"].values():
        for word in entry.get("default", ()):
            owners[word] = owners.get(word, 0) + 1
    glyphs: list[Glyph] = []
    seen: set[bytes] = set()
    for text, entry in said["en"].items():
        if _left_out(text) or "tts" not in entry:
            continue
        picture = _draw(font, text)
        if picture is None or (key := picture.tobytes()) in seen:
            continue
        seen.add(key)
        names = {
            language: entries[text]["tts"][0]
            for language, entries in said.items()
            if text in entries and "tts" in entries[text]
        }
        words = [word for word in entry["default"] if owners[word] <= MAX_OWNERS]
        keywords = tuple(sorted(words, key=lambda word: owners[word])[:MAX_KEYWORDS])
        glyphs.append(Glyph(text, names, keywords, picture, _weight(text, names["en"])))
    return glyphs
