"""Bedrock Guardrails' answer to ApplyGuardrail, read strictly.

With output scope FULL each policy lists every entry it assessed, detected or not. What is missing
was not looked at, so a missing part makes the answer unreadable instead of harmless.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sluice.errors import ScreeningUnavailable
from sluice.moderation import policy
from sluice.moderation.verdict import Action, Finding

_DETECTED_ONLY = "detected"
_LISTS = {
    "contentPolicy": ("filters",),
    "topicPolicy": ("topics",),
    "wordPolicy": ("customWords", "managedWordLists"),
    "sensitiveInformationPolicy": ("piiEntities", "regexes"),
}


def read_findings(answer: Mapping[str, Any], detector: str) -> list[Finding]:
    """The findings in one answer; raises ScreeningUnavailable when it cannot be relied on."""
    try:
        return _read(answer, detector)
    except (KeyError, TypeError, AttributeError) as fault:
        raise ScreeningUnavailable("The guardrail's answer has an unknown shape.") from fault


def _read(answer: Mapping[str, Any], detector: str) -> list[Finding]:
    intervened = {"NONE": False, "GUARDRAIL_INTERVENED": True}[answer["action"]]
    if not answer["assessments"]:
        raise ScreeningUnavailable("The guardrail answered without an assessment.")
    findings = []
    for assessment in answer["assessments"]:
        _check_complete(assessment)
        for category, entry, score in _entries(assessment):
            action = _judge(category, entry)
            if action is not None:
                findings.append(Finding(category, action, score, detector))
    if intervened and not findings:
        raise ScreeningUnavailable("The guardrail intervened for a reason we cannot read.")
    return findings


def _check_complete(assessment: Mapping[str, Any]) -> None:
    if not assessment["contentPolicy"]["filters"]:
        raise ScreeningUnavailable("The guardrail assessed no content filter.")
    metrics = assessment.get("invocationMetrics") or {}
    characters = (metrics.get("guardrailCoverage") or {}).get("textCharacters")
    if characters and characters["guarded"] < characters["total"]:
        raise ScreeningUnavailable("The guardrail looked at a part of the text only.")


def _entries(assessment: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Every assessed entry with our category and its score; a KeyError is an unknown name."""
    for part, lists in _LISTS.items():
        for name in lists:
            for entry in (assessment.get(part) or {}).get(name, ()):
                category = _category(name, entry)
                if category is not None:
                    yield category, entry, entry.get("confidence", _DETECTED_ONLY)


def _category(name: str, entry: Mapping[str, Any]) -> str | None:
    match name:
        case "filters":
            return policy.FILTERS[entry["type"]]
        case "topics":
            return policy.category_of_topic(entry["name"])
        case "managedWordLists":
            return policy.WORD_LISTS[entry["type"]]
        case "customWords":
            return policy.CUSTOM_WORDS_CATEGORY
        case _:
            return policy.PII_CATEGORY


def _judge(category: str, entry: Mapping[str, Any]) -> Action | None:
    """None when nothing was detected. `NONE` with `detected` is a guardrail that only watches."""
    acted = {"BLOCKED": True, "ANONYMIZED": True, "NONE": False}[entry["action"]]
    if not acted and not entry.get("detected", False):
        return None
    rule = policy.RULES[category]
    return rule.action if acted or rule.zero_tolerance else "flag"
