"""GET /v1/content/policy"""

import re
from pathlib import Path

from functions.content.api import handler
from sluice.moderation import coverage
from sluice.moderation.policy import FILTERS, RULES, category_of_topic
from stacks import moderation as stack
from tests.events import call
from tests.stage import Stage

PATH = "/v1/content/policy"
DOCUMENT = Path(__file__).parents[2] / "docs" / "moderation.md"
MEASURED = re.compile(r"^\| (?!all)(\w+) \| \d+ \| (\d+)/(\d+)", re.MULTILINE)
TERMS = {
    "discrimination",
    "political",
    "pornography",
    "violence",
    "harassment",
    "threats",
    "self_harm",
    "illegal_goods",
    "minors",
    "privacy",
    "intellectual_property",
}


def test_anybody_may_read_the_policy(aws: Stage) -> None:
    answer = call(handler, "GET", PATH)

    assert (answer.status, answer.json["version"]) == (200, "2026-11-01")


def test_every_category_of_the_terms_has_an_action(aws: Stage) -> None:
    categories = call(handler, "GET", PATH).json["categories"]

    assert {entry["category"] for entry in categories} == TERMS
    assert {entry["action"] for entry in categories} == {"flag", "block"}


def test_what_nobody_looks_for_is_unscreened_and_never_zero(aws: Stage) -> None:
    categories = {
        entry["category"]: entry for entry in call(handler, "GET", PATH).json["categories"]
    }

    assert categories["intellectual_property"]["image"] == {
        "status": "unscreened",
        "detector": None,
        "recall": None,
        "samples": 0,
    }


def test_a_detector_that_nobody_measured_has_no_recall() -> None:
    how = coverage.as_json("a-guardrail-of-aws", "violence")

    assert how["text"]["status"] == "unmeasured"
    assert how["text"]["recall"] is None


def test_minors_are_zero_tolerance(aws: Stage) -> None:
    categories = call(handler, "GET", PATH).json["categories"]

    assert [entry["category"] for entry in categories if entry["zero_tolerance"]] == ["minors"]


def test_no_detector_looks_for_a_category_that_the_policy_lacks() -> None:
    for known in (coverage.coverage("sluicelocal"), coverage.coverage("a-guardrail-of-aws")):
        assert {category for medium in known.values() for category in medium} <= set(RULES)


def test_the_guardrail_that_is_deployed_says_only_what_the_policy_can_read() -> None:
    assert set(stack.FILTERS) <= set(FILTERS)
    assert {category_of_topic(topic) for topic in stack.TOPICS} <= set(RULES)


def test_what_is_deployed_is_what_the_policy_says_looks_at_text() -> None:
    text = coverage.coverage("a-guardrail-of-aws")["text"]

    deployed = {FILTERS[kind] for kind in stack.FILTERS}
    deployed |= {category_of_topic(topic) for topic in stack.TOPICS}

    assert set(text) == deployed | {"privacy"}


def test_the_recalls_are_those_that_the_document_shows() -> None:
    text = coverage.coverage("sluicelocal")["text"]

    told = {
        FILTERS.get(name.upper()) or name: (int(found), int(samples))
        for name, found, samples in MEASURED.findall(DOCUMENT.read_text(encoding="utf-8"))
    }

    assert {c: d.recall for c, d in text.items() if d.recall is not None} == {
        category: f"{found / samples:.2f}" for category, (found, samples) in told.items()
    }
    assert all(text[category].samples == samples for category, (_, samples) in told.items())


def test_a_measured_recall_is_a_part_of_named_samples() -> None:
    for medium in coverage.coverage("sluicelocal").values():
        for detector in medium.values():
            if detector.recall is not None:
                assert 0 < float(detector.recall) <= 1
                assert detector.samples > 0
