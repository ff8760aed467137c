"""Measure the text detectors on evaluation.yaml: `python -m local.moderation.evaluate [--write]`.

Prints the table that docs/moderation.md carries; `--write` puts it there. Runs in the models'
environment (.sluice/models).
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from local.moderation.guardrail import FILTERS, TOPICS, detected
from local.moderation.text import BENIGN, TextClassifier
from local.moderation.training import classifier, read_examples

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "moderation.md"
EVALUATION = Path(__file__).with_name("evaluation.yaml")
CATEGORIES = (*FILTERS.values(), *TOPICS)
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True, slots=True)
class Judged:
    """A held-out phrase: what it is, and what was detected in it."""

    category: str
    text: str
    detected: set[str]


def judge(texts: TextClassifier) -> list[Judged]:
    return [
        Judged(example.category, example.text, detected(texts.scores(example.text)))
        for example in read_examples(EVALUATION)
        if example.category in (*CATEGORIES, BENIGN)
    ]


def table(judged: Iterable[Judged]) -> str:
    """Recall and false positives per category, in Markdown."""
    everything = list(judged)
    ordinary = [one for one in everything if one.category == BENIGN]
    lines = [
        "| category | texts | found as such | found as anything | false on ordinary texts |",
        "|---|---|---|---|---|",
    ]
    lines += [_row(category, everything, ordinary) for category in CATEGORIES]
    harmful = [one for one in everything if one.category != BENIGN]
    found = sum(one.category in one.detected for one in harmful)
    caught = sum(bool(one.detected) for one in harmful)
    false = sum(bool(one.detected) for one in ordinary)
    lines.append(
        f"| all | {len(harmful)} | {_share(found, len(harmful))} "
        f"| {_share(caught, len(harmful))} | {_share(false, len(ordinary))} |"
    )
    return "\n".join(lines)


def _row(category: str, everything: list[Judged], ordinary: list[Judged]) -> str:
    own = [one for one in everything if one.category == category]
    found = sum(category in one.detected for one in own)
    caught = sum(bool(one.detected) for one in own)
    false = sum(category in one.detected for one in ordinary)
    return (
        f"| {category} | {len(own)} | {_share(found, len(own))} | {_share(caught, len(own))} "
        f"| {_share(false, len(ordinary))} |"
    )


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({100 * part / whole:.0f} %)"


def write(measured: str) -> None:
    """Replace what stands between the marks in the document."""
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{measured}\n{END}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the double's text detectors.")
    parser.add_argument("--write", action="store_true", help="into docs/moderation.md")
    parser.add_argument("--misses", action="store_true", help="list what was missed or is false")
    options = parser.parse_args()
    judged = judge(classifier())
    measured = table(judged)
    print(measured)
    if options.misses:
        wrong = [one for one in judged if (one.category == BENIGN) == bool(one.detected)]
        print(*(f"{one.category}: {one.text} -> {sorted(one.detected)}" for one in wrong), sep="\n")
    if options.write:
        write(measured)


if __name__ == "__main__":
    main()
