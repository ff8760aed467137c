"""The content policy as data: what is forbidden, who looks for it, how well that was measured.

The categories are those that the terms of service name (docs/policies/content-policy.md). A
detector's own vocabulary is mapped here and nowhere else. The guardrail of a stage is configured
to match: content filters of these types, denied topics called by a category's own name, PII
entities, a word list of slurs. A name that stands in none of these tables is not guessed at: the
answer counts as unreadable, and screening fails closed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sluice.moderation.verdict import Action

VERSION: Final = "2026-11-01"

type Medium = Literal["text", "image"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`action` is what a detection leads to. With zero tolerance the faintest detection blocks;
    otherwise what a detector saw but did not itself hold for certain is only flagged."""

    category: str
    title: str
    action: Action
    zero_tolerance: bool = False


RULES: Final[Mapping[str, Rule]] = {
    rule.category: rule
    for rule in (
        Rule("discrimination", "Discrimination and hate", "block"),
        Rule("political", "Political persuasion and propaganda", "flag"),
        Rule("pornography", "Pornography", "block"),
        Rule("violence", "Violence and gore", "block"),
        Rule("harassment", "Harassment and insults", "flag"),
        Rule("threats", "Threats", "block"),
        Rule("self_harm", "Self-harm and suicide", "block"),
        Rule("illegal_goods", "Illegal goods and services", "block"),
        Rule("minors", "Sexual or harmful content about minors", "block", zero_tolerance=True),
        Rule("privacy", "Other people's private data", "flag"),
        Rule("intellectual_property", "Infringement of intellectual property", "flag"),
    )
}

# Bedrock Guardrails' vocabulary

FILTERS: Final[Mapping[str, str | None]] = {
    "HATE": "discrimination",
    "INSULTS": "harassment",
    "SEXUAL": "pornography",
    "VIOLENCE": "violence",
    "MISCONDUCT": "illegal_goods",
    # It attacks a model's instructions, which is no content that the terms forbid.
    "PROMPT_ATTACK": None,
}
PII_CATEGORY: Final = "privacy"
WORD_LISTS: Final[Mapping[str, str]] = {"PROFANITY": "harassment"}
CUSTOM_WORDS_CATEGORY: Final = "discrimination"

# Rekognition's vocabulary: moderation model 7, all of level 1 and 2, and level 3 where it differs

FLAG_PERCENT: Final = 60
BLOCK_PERCENT: Final = 80


@dataclass(frozen=True, slots=True)
class Label:
    """What a label means to us. `most` caps what it can lead to, whatever the category's rule."""

    category: str
    most: Action = "block"


LABELS: Final[Mapping[str, Label | None]] = {
    "Explicit": Label("pornography"),
    "Explicit Nudity": Label("pornography"),
    "Explicit Sexual Activity": Label("pornography"),
    "Sex Toys": Label("pornography"),
    "Non-Explicit Nudity of Intimate parts and Kissing": None,
    "Non-Explicit Nudity": Label("pornography", "flag"),
    "Obstructed Intimate Parts": Label("pornography", "flag"),
    "Kissing on the Lips": None,
    "Swimwear or Underwear": None,
    "Female Swimwear or Underwear": None,
    "Male Swimwear or Underwear": None,
    "Violence": Label("violence", "flag"),
    "Weapons": Label("violence", "flag"),
    "Graphic Violence": Label("violence"),
    "Self-Harm": Label("self_harm"),
    "Visually Disturbing": Label("violence", "flag"),
    "Death and Emaciation": Label("violence"),
    "Crashes": Label("violence", "flag"),
    "Drugs & Tobacco": Label("illegal_goods", "flag"),
    "Products": Label("illegal_goods", "flag"),
    "Drugs & Tobacco Paraphernalia & Use": Label("illegal_goods", "flag"),
    "Alcohol": None,
    "Alcohol Use": None,
    "Alcoholic Beverages": None,
    "Rude Gestures": Label("harassment", "flag"),
    "Middle Finger": Label("harassment", "flag"),
    "Gambling": None,
    "Hate Symbols": Label("discrimination"),
    "Nazi Party": Label("discrimination"),
    "White Supremacy": Label("discrimination"),
    "Extremist": Label("discrimination"),
}


def category_of_topic(topic: str) -> str:
    """A denied topic is called by its category, `self-harm` or `Self harm` for `self_harm`. Raises
    KeyError for one that is not."""
    return RULES[topic.lower().replace("-", "_").replace(" ", "_")].category
