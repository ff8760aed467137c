"""Refusals that many operations answer with alike stand in the document once."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

REFUSAL: Final = "400"

type Document = dict[str, Any]


def share_refusals(document: Document) -> None:
    """Moves what occurs more than once to `components/responses`, named by status and number."""
    often = Counter(_text(answers[status]) for answers, status in _refusals(document))
    names: dict[str, str] = {}
    shared: Document = {}
    for answers, status in _refusals(document):
        text = _text(answers[status])
        if often[text] == 1:
            continue
        if text not in names:
            alike = sum(name.startswith(status) for name in shared)
            names[text] = f"{status}.{alike + 1}"
            shared[names[text]] = answers[status]
        answers[status] = {"$ref": f"#/components/responses/{names[text]}"}
    document["components"]["responses"] = shared


def _refusals(document: Document) -> Iterator[tuple[Document, str]]:
    for methods in document["paths"].values():
        for operation in methods.values():
            for status in operation["responses"]:
                if status >= REFUSAL:
                    yield operation["responses"], status


def _text(answer: Document) -> str:
    return json.dumps(answer, sort_keys=True)
