"""Rekognition's answer to DetectModerationLabels, read strictly.

The taxonomy grows: a label we do not know is read as its parent, and one whose parent is unknown
as well makes the answer unreadable instead of harmless.
"""

from collections.abc import Mapping
from typing import Any

from sluice.errors import ScreeningUnavailable
from sluice.moderation import policy
from sluice.moderation.verdict import SEVERITY, Action, Finding


def read_findings(answer: Mapping[str, Any]) -> tuple[list[Finding], str]:
    """The findings in one answer, and the detector with its model's version; raises
    ScreeningUnavailable when the answer cannot be relied on."""
    try:
        detector = f"rekognition:{answer['ModerationModelVersion']}"
        found = [_finding(label, detector) for label in answer["ModerationLabels"]]
    except (KeyError, TypeError, ValueError) as fault:
        raise ScreeningUnavailable("Rekognition's answer has an unknown shape.") from fault
    return [finding for finding in found if finding is not None], detector


def _finding(label: Mapping[str, Any], detector: str) -> Finding | None:
    name, percent = label["Name"], float(label["Confidence"])
    meaning = policy.LABELS[name if name in policy.LABELS else label["ParentName"]]
    if meaning is None:
        return None
    action = _judge(meaning, percent)
    return Finding(meaning.category, action, f"{percent:.2f}", detector)


def _judge(meaning: policy.Label, percent: float) -> Action:
    rule = policy.RULES[meaning.category]
    certain: Action = "block" if percent >= policy.BLOCK_PERCENT else "flag"
    return min(rule.action, meaning.most, certain, key=SEVERITY.__getitem__)
