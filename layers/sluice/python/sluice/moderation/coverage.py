"""Who looks for what, and how well that was measured: one table for each set of detectors.

The set is named by the guardrail's id, since that is what differs between stages. A recall is a
measurement of that very set on labelled samples, written here with its count; it is never copied
from one set to another. What has no detector is unscreened, which is not the same as 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sluice.moderation.policy import RULES, Medium


@dataclass(frozen=True, slots=True)
class Detector:
    """`recall` is the part of `samples` labelled texts or pictures that it found, as a decimal
    string; None where nobody has measured it on this set."""

    name: str
    recall: str | None = None
    samples: int = 0


type Coverage = Mapping[Medium, Mapping[str, Detector]]

_AWS: Final[Coverage] = {
    "text": {
        "discrimination": Detector("guardrail filter HATE"),
        "harassment": Detector("guardrail filter INSULTS"),
        "pornography": Detector("guardrail filter SEXUAL"),
        "violence": Detector("guardrail filter VIOLENCE"),
        "illegal_goods": Detector("guardrail filter MISCONDUCT"),
        "political": Detector("guardrail topic political"),
        "threats": Detector("guardrail topic threats"),
        "self_harm": Detector("guardrail topic self-harm"),
        "minors": Detector("guardrail topic minors"),
        "intellectual_property": Detector("guardrail topic intellectual-property"),
        "privacy": Detector("guardrail PII entities"),
    },
    "image": {
        "discrimination": Detector("rekognition Hate Symbols"),
        "pornography": Detector("rekognition Explicit"),
        "violence": Detector("rekognition Violence"),
        "self_harm": Detector("rekognition Self-Harm"),
        "illegal_goods": Detector("rekognition Drugs & Tobacco"),
        "harassment": Detector("rekognition Rude Gestures"),
    },
}

# The local platform's double: a linear classifier over sentence embeddings for text, open_nsfw for
# pictures. Measured on local/moderation/evaluation.yaml, whose phrases it has not learnt from; of
# the 116 ordinary ones there, 3 were taken for forbidden.
_LOCAL: Final[Coverage] = {
    "text": {
        "discrimination": Detector("guardrail filter HATE", "0.88", 17),
        "harassment": Detector("guardrail filter INSULTS", "1.00", 16),
        "pornography": Detector("guardrail filter SEXUAL", "0.94", 16),
        "violence": Detector("guardrail filter VIOLENCE", "0.76", 17),
        "illegal_goods": Detector("guardrail filter MISCONDUCT", "0.72", 18),
        "political": Detector("guardrail topic political", "1.00", 13),
        "threats": Detector("guardrail topic threats", "0.87", 15),
        "self_harm": Detector("guardrail topic self_harm", "0.73", 15),
        "minors": Detector("guardrail topic minors", "1.00", 10),
        "privacy": Detector("guardrail PII entities"),
    },
    "image": {"pornography": Detector("rekognition Explicit")},
}

_SETS: Final[Mapping[str, Coverage]] = {"sluicelocal": _LOCAL}


def coverage(guardrail_id: str) -> Coverage:
    """The detectors of a stage; AWS's own, unmeasured, unless the set is known better."""
    return _SETS.get(guardrail_id, _AWS)


def unscreened(guardrail_id: str, medium: Medium) -> tuple[str, ...]:
    """The categories that nobody looks for in this medium."""
    return tuple(category for category in RULES if category not in coverage(guardrail_id)[medium])


def as_json(guardrail_id: str, category: str) -> dict[str, Any]:
    """`{"text": {status, detector, recall, samples}, "image": …}` of one category, where status is
    screened (measured), unmeasured or unscreened."""
    return {
        medium: _entry(coverage(guardrail_id)[medium].get(category)) for medium in ("text", "image")
    }


def _entry(detector: Detector | None) -> dict[str, Any]:
    if detector is None:
        return {"status": "unscreened", "detector": None, "recall": None, "samples": 0}
    return {
        "status": "unmeasured" if detector.recall is None else "screened",
        "detector": detector.name,
        "recall": detector.recall,
        "samples": detector.samples,
    }
