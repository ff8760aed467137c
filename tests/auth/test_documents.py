"""The versions that sign-up asks for are the ones that the documents carry."""

from pathlib import Path

import pytest

from functions.auth.documents.service import CURRENT, check_current
from sluice.errors import InvalidInput

POLICIES = Path(__file__).parents[2] / "docs" / "policies"
FILES = {"terms": "terms-of-service.md", "privacy": "privacy-policy.md"}


@pytest.mark.parametrize("document", FILES)
def test_the_current_version_is_the_policy_date_in_the_document(document: str) -> None:
    text = (POLICIES / FILES[document]).read_text(encoding="utf-8")

    assert f"Policy date: {CURRENT[document]}" in text


def test_every_document_must_be_accepted_in_its_current_version() -> None:
    check_current(CURRENT)

    for document in CURRENT:
        with pytest.raises(InvalidInput):
            check_current({**CURRENT, document: "2020-01-01"})
        with pytest.raises(InvalidInput):
            check_current({name: now for name, now in CURRENT.items() if name != document})
