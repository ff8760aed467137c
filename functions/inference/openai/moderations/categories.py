"""OpenAI's thirteen categories by ours, and what nobody looks for.

A verdict of ours names categories; OpenAI's are finer in some places. What has no detector here is
false with a score of 0 and, so that this is not taken for an answer, with an empty list among
`category_applied_input_types`: the score applies to no input.
"""

from collections.abc import Mapping
from typing import Final, Literal

from sluice.moderation.verdict import Finding, Verdict

type Kind = Literal["text", "image"]

MEANING: Final[Mapping[str, tuple[str, ...]]] = {
    "harassment": ("harassment",),
    "harassment/threatening": ("threats",),
    "hate": ("discrimination",),
    "hate/threatening": ("discrimination", "threats"),
    "illicit": ("illegal_goods",),
    "illicit/violent": ("illegal_goods", "violence"),
    "self-harm": ("self_harm",),
    "self-harm/intent": (),
    "self-harm/instructions": (),
    "sexual": ("pornography",),
    "sexual/minors": ("minors",),
    "violence": ("violence",),
    "violence/graphic": (),
}
"""Ours that must all be found for one of OpenAI's; none: nobody looks for it."""
_CONFIDENCE: Final[Mapping[str, float]] = {
    "NONE": 0.1,
    "LOW": 0.4,
    "MEDIUM": 0.7,
    "HIGH": 0.95,
    "detected": 0.95,
}
"""Guardrails' words as numbers: an order, no probability."""
_PERCENT: Final = 100


def scores(verdict: Verdict) -> dict[str, float]:
    """OpenAI's category → score between 0 and 1; 0 where nothing was found."""
    found = {finding.category: _number(finding) for finding in verdict.findings}
    return {
        name: min((found.get(category, 0.0) for category in ours), default=0.0)
        for name, ours in MEANING.items()
    }


def applied(kind: Kind, verdict: Verdict) -> dict[str, list[Kind]]:
    """OpenAI's category → the kinds of input that somebody looked at for it."""
    return {
        name: [kind] if ours and not set(ours) & set(verdict.unscreened) else []
        for name, ours in MEANING.items()
    }


def _number(finding: Finding) -> float:
    if finding.score in _CONFIDENCE:
        return _CONFIDENCE[finding.score]
    return float(finding.score) / _PERCENT
