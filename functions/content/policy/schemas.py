"""The content policy as the API shows it."""

from typing import Literal

from pydantic import BaseModel, Field

from sluice.moderation import coverage
from sluice.moderation.policy import Rule


class Screening(BaseModel):
    """How a category is looked for. `unmeasured`: there is a detector, but nobody has measured how
    much it finds. `unscreened`: nobody looks, so nothing is found and nothing is ruled out."""

    status: Literal["screened", "unmeasured", "unscreened"]
    detector: str | None
    recall: str | None = Field(
        description="The part that was found of labelled samples; null if not measured.",
        examples=["0.82"],
    )
    samples: int


class CategoryBody(BaseModel):
    """What is forbidden, what a detection leads to, and how it is looked for."""

    category: str = Field(examples=["violence"])
    title: str
    action: Literal["flag", "block"]
    zero_tolerance: bool = Field(description="The faintest detection is enough.")
    text: Screening
    image: Screening


class PolicyBody(BaseModel):
    object: Literal["policy"] = "policy"
    version: str = Field(examples=["2026-11-01"])
    detectors: str = Field(description="The set of detectors that answers here.")
    categories: list[CategoryBody]


def show_category(rule: Rule, guardrail_id: str) -> CategoryBody:
    how = coverage.as_json(guardrail_id, rule.category)
    return CategoryBody(
        category=rule.category,
        title=rule.title,
        action=rule.action,
        zero_tolerance=rule.zero_tolerance,
        text=Screening(**how["text"]),
        image=Screening(**how["image"]),
    )
