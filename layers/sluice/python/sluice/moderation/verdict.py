"""What screening says, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal

type Action = Literal["allow", "flag", "block"]

SEVERITY: Mapping[str, int] = {"allow": 0, "flag": 1, "block": 2}
MAX_FINDINGS = 32
"""Findings kept in one verdict, the severest first; there are fewer categories than that."""


class Source(StrEnum):
    """Whose words or picture it is: the customer's, or the model's."""

    INPUT = "INPUT"
    OUTPUT = "OUTPUT"


@dataclass(frozen=True, slots=True)
class S3Image:
    """A PNG or JPEG in a bucket, of at most 15 MB (a limit of Rekognition)."""

    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One detector's opinion. `score` is in the detector's own words: Guardrails' confidence
    (`HIGH`), `detected` where it knows no degrees, Rekognition's percent (`97.31`)."""

    category: str
    action: Action
    score: str
    detector: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`policy` is the version that was applied; `detector` what answered, with its version;
    `unscreened` names the categories that nobody looked for: absence there says nothing."""

    action: Action
    findings: tuple[Finding, ...]
    policy: str
    detector: str = ""
    unscreened: tuple[str, ...] = ()

    def as_item(self) -> dict[str, Any]:
        """For DynamoDB; `of_item` reads it back."""
        return {
            "action": self.action,
            "findings": [asdict(finding) for finding in self.findings],
            "policy": self.policy,
            "detector": self.detector,
            "unscreened": list(self.unscreened),
        }

    def as_json(self) -> dict[str, Any]:
        """For an API's answer. It carries no content, so nothing needs hiding."""
        return self.as_item()


def of_item(item: Mapping[str, Any]) -> Verdict:
    """The verdict that `as_item` wrote."""
    return Verdict(
        action=item["action"],
        findings=tuple(Finding(**finding) for finding in item["findings"]),
        policy=item["policy"],
        detector=item["detector"],
        unscreened=tuple(item["unscreened"]),
    )


def severest(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """One finding of each category, the severest, in order of severity."""
    kept: dict[str, Finding] = {}
    for finding in findings:
        known = kept.get(finding.category)
        if known is None or SEVERITY[finding.action] > SEVERITY[known.action]:
            kept[finding.category] = finding
    ordered = sorted(kept.values(), key=lambda f: (-SEVERITY[f.action], f.category))
    return tuple(ordered[:MAX_FINDINGS])


def joined(verdicts: Sequence[Verdict]) -> Verdict | None:
    """One verdict of several parts, as severe as the severest; None of none."""
    if len(verdicts) <= 1:
        return verdicts[0] if verdicts else None
    worst = max(verdicts, key=lambda verdict: SEVERITY[verdict.action])
    return Verdict(
        action=worst.action,
        findings=severest([finding for verdict in verdicts for finding in verdict.findings]),
        policy=worst.policy,
        detector=", ".join(sorted({verdict.detector for verdict in verdicts})),
        unscreened=tuple(sorted({name for verdict in verdicts for name in verdict.unscreened})),
    )
