"""Screens what a caller shows us, by the very detectors that screen jobs: free and bounded; nothing
of it is kept or held against anybody."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from functions.inference.once import Asked, once
from functions.inference.openai.moderations import categories, store
from functions.inference.openai.moderations.schemas import (
    ImageInput,
    Moderation,
    ModerationRequest,
    TextInput,
)
from functions.inference.tasks import pictures
from sluice import ids
from sluice.errors import InvalidInput, PayloadTooLarge
from sluice.moderation import Source, Verdict, joined, screen_image, screen_text
from sluice.moderation.screen import MAX_INLINE_IMAGE_BYTES

ROUTE: Final = "/openai/v1/moderations"
MAX_CHARS: Final = 12_000
MAX_PICTURES: Final = 4
MAX_PIXELS: Final = 40_000_000
UNIT_CHARS: Final = 1_000
PICTURE_UNITS: Final = 3
"""What screening a picture costs, in thousands of characters."""

type Part = str | bytes


@dataclass(frozen=True, slots=True)
class Moderated:
    id: str
    results: Sequence[Moderation]


def moderate(
    account: str, body: ModerationRequest, idempotency_key: str | None
) -> tuple[Moderated, bool]:
    """A result for each text, or one for all objects together; and whether the same key asked
    before: then the id is the same, and all is looked at and counted anew, since what was shown is
    not kept. Raises InvalidInput, PayloadTooLarge, RateLimited, ScreeningUnavailable,
    IdempotencyMismatch."""
    asked = Asked(account, ROUTE, idempotency_key, body.model_dump(mode="json"))
    groups = _groups(body)
    _check([part for group in groups for part in group])

    def screened(moderation_id: str) -> Moderated:
        store.take(account, sum(_units(part) for group in groups for part in group))
        return Moderated(moderation_id, [_together(list(map(_screened, one))) for one in groups])

    def first() -> Moderated:
        moderated = screened(ids.new("modr"))
        for write in asked.remember(moderated.id):
            write.send()
        return moderated

    return once(asked, first, screened)


def _groups(body: ModerationRequest) -> list[list[Part]]:
    if isinstance(body.input, str):
        return [[body.input]]
    texts = [given for given in body.input if isinstance(given, str)]
    if texts:
        return [[text] for text in texts]
    return [[_part(given) for given in body.input if not isinstance(given, str)]]


def _part(given: TextInput | ImageInput) -> Part:
    if isinstance(given, TextInput):
        return given.text
    encoded = given.image_url.url.partition(",")[2]
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise InvalidInput("The picture is not valid base64.", code="not_an_image") from error


def _check(parts: Sequence[Part]) -> None:
    chars = sum(len(part) for part in parts if isinstance(part, str))
    if chars > MAX_CHARS:
        raise PayloadTooLarge(f"All texts together may have {MAX_CHARS} characters, not {chars}.")
    shown = [part for part in parts if isinstance(part, bytes)]
    if len(shown) > MAX_PICTURES:
        raise InvalidInput(f"At most {MAX_PICTURES} pictures at once.")
    for picture in shown:
        _check_picture(picture)


def _check_picture(picture: bytes) -> None:
    if len(picture) > MAX_INLINE_IMAGE_BYTES:
        raise PayloadTooLarge(f"A picture may have {MAX_INLINE_IMAGE_BYTES} bytes.")
    measured = pictures.measure(picture)
    if measured.width * measured.height > MAX_PIXELS:
        raise InvalidInput(f"A picture may have {MAX_PIXELS} pixels.", code="image_too_large")


def _units(part: Part) -> int:
    return PICTURE_UNITS if isinstance(part, bytes) else max(1, ceil(len(part) / UNIT_CHARS))


def _screened(part: Part) -> tuple[categories.Kind, Verdict]:
    if isinstance(part, str):
        return "text", screen_text(part, Source.INPUT)
    return "image", screen_image(part, Source.INPUT)


def _together(verdicts: Sequence[tuple[categories.Kind, Verdict]]) -> Moderation:
    scores = dict.fromkeys(categories.MEANING, 0.0)
    applied: dict[str, list[categories.Kind]] = {name: [] for name in categories.MEANING}
    for kind, verdict in verdicts:
        found, looked = categories.scores(verdict), categories.applied(kind, verdict)
        for name in categories.MEANING:
            scores[name] = max(scores[name], found[name])
            applied[name] = sorted({*applied[name], *looked[name]})
    flags = {name: score > 0 for name, score in scores.items()}
    whole = joined([verdict for _, verdict in verdicts])
    return Moderation(
        flagged=any(flags.values()),
        categories=flags,
        category_scores=scores,
        category_applied_input_types=applied,
        verdict=whole.as_json() if whole else {},
    )
