"""The record as the API shows it."""

from typing import Literal

from pydantic import BaseModel, Field

from functions.content.record.service import Recorded
from sluice import clock


class FindingBody(BaseModel):
    """One detector's opinion; `score` is in its own words: `HIGH`, `detected`, or a percentage."""

    category: str
    action: Literal["flag", "block"]
    score: str = Field(examples=["HIGH", "97.31"])
    detector: str


class VerdictBody(BaseModel):
    """What moderation said about a job's input or output. The content itself is not shown."""

    object: Literal["verdict"] = "verdict"
    job: str
    model: str
    stage: Literal["input", "output"]
    action: Literal["flag", "block"]
    findings: list[FindingBody]
    policy: str = Field(description="The version of the content policy.")
    unscreened: list[str] = Field(description="Categories that nobody looked for.")
    created_at: str = Field(description="When the job was created.")


class VerdictPage(BaseModel):
    data: list[VerdictBody]
    next_cursor: str | None


def show(recorded: Recorded) -> VerdictBody:
    verdict = recorded.verdict
    return VerdictBody(
        job=recorded.job,
        model=recorded.model,
        stage=recorded.stage,
        action=verdict.action,
        findings=[
            FindingBody(
                category=finding.category,
                action=finding.action,
                score=finding.score,
                detector=finding.detector,
            )
            for finding in verdict.findings
        ],
        policy=verdict.policy,
        unscreened=list(verdict.unscreened),
        created_at=clock.iso(recorded.created_ms),
    )
