"""Personal data by its form: what a pattern and a checksum can tell, and nothing more.

The types are Bedrock Guardrails' own. Passwords, names and addresses have no form of their own, so
they have no detector here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_ENTITIES = 100
IBAN_LETTERS = 36


@dataclass(frozen=True, slots=True)
class Entity:
    kind: str
    match: str


@dataclass(frozen=True, slots=True)
class Form:
    kind: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = lambda _: True


def luhn(number: str) -> bool:
    """The checksum of payment cards."""
    digits = [int(character) for character in reversed(number) if character.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def iban(number: str) -> bool:
    """The checksum of bank accounts (ISO 13616)."""
    compact = number.replace(" ", "").upper()
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(character, IBAN_LETTERS)) for character in turned)) % 97 == 1


FORMS = (
    Form("CREDIT_DEBIT_CARD_NUMBER", re.compile(r"\b[2-6](?:[ -]?\d){12,18}\b"), luhn),
    Form(
        "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
        re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
        iban,
    ),
    Form(
        "US_SOCIAL_SECURITY_NUMBER", re.compile(r"\b(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b")
    ),
)


def entities(text: str) -> list[Entity]:
    """The first `MAX_ENTITIES` found."""
    return [found for found, _ in zip(_found(text), range(MAX_ENTITIES), strict=False)]


def _found(text: str) -> Iterator[Entity]:
    for form in FORMS:
        for match in form.pattern.finditer(text):
            if form.holds(match.group()):
                yield Entity(form.kind, match.group())
