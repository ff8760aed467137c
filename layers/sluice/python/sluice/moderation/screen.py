"""The calls to the detectors. They are bounded in size, number and time, and they fail closed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sluice import aws
from sluice.errors import PayloadTooLarge, ScreeningUnavailable, Unscreenable
from sluice.log import logger
from sluice.moderation import guardrail, labels, policy
from sluice.moderation.coverage import unscreened
from sluice.moderation.policy import Medium
from sluice.moderation.verdict import (
    SEVERITY,
    Action,
    Finding,
    S3Image,
    Source,
    Verdict,
    severest,
)
from sluice.settings import load

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import ImageTypeDef

MAX_CALL_CHARS: Final = 3_000
"""ApplyGuardrail takes 25,000; a detector that is no cloud needs less to answer in time."""
OVERLAP_CHARS: Final = 200
"""What is cut in two by one call's end stands whole in the next."""
MAX_CALLS: Final = 64
MAX_TEXT_CHARS: Final = MAX_CALLS * (MAX_CALL_CHARS - OVERLAP_CHARS)
MAX_INLINE_IMAGE_BYTES: Final = 5 * 1024 * 1024
"""Rekognition's limit for bytes in the request; larger pictures are named in S3."""
RETRY_AFTER_S: Final = 5
_UNREADABLE_IMAGE = {
    "ImageTooLargeException",
    "InvalidImageFormatException",
    "InvalidParameterException",
}


@dataclass(frozen=True, slots=True)
class ModerationSettings:
    guardrail_id: str
    guardrail_version: str


def screen_text(text: str, source: Source) -> Verdict:
    """Judge a text of at most `MAX_TEXT_CHARS` characters. Raises PayloadTooLarge for a longer
    one, ScreeningUnavailable when the guardrail gave no complete answer."""
    if len(text) > MAX_TEXT_CHARS:
        raise PayloadTooLarge(f"A text to be screened may have {MAX_TEXT_CHARS} characters.")
    settings = load(ModerationSettings)
    detector = f"guardrail:{settings.guardrail_id}:{settings.guardrail_version}"
    findings: list[Finding] = []
    for part in _parts(text):
        findings += _apply_guardrail(settings, part, source, detector)
    return _verdict(findings, detector, "text")


def screen_image(image: bytes | S3Image, source: Source) -> Verdict:
    """Judge a PNG or JPEG: bytes up to 5 MB, otherwise an object of up to 15 MB. Raises
    Unscreenable for a picture that the detector cannot read, ScreeningUnavailable when it gave
    no complete answer."""
    given: ImageTypeDef
    if isinstance(image, S3Image):
        given = {"S3Object": {"Bucket": image.bucket, "Name": image.key}}
    elif len(image) > MAX_INLINE_IMAGE_BYTES:
        raise ValueError(f"{len(image)} bytes of picture: give it as an S3Image")
    else:
        given = {"Bytes": image}
    try:
        answer = aws.client("rekognition").detect_moderation_labels(
            Image=given, MinConfidence=policy.FLAG_PERCENT
        )
    except (BotoCoreError, ClientError) as fault:
        raise _unavailable(fault, source) from fault
    findings, detector = labels.read_findings(answer)
    return _verdict(findings, detector, "image")


def _parts(text: str) -> Iterator[str]:
    """Overlapping parts that each fit a call; a text of blanks says nothing and has none."""
    if not text.strip():
        return
    step = MAX_CALL_CHARS - OVERLAP_CHARS
    for start in range(0, max(1, len(text) - OVERLAP_CHARS), step):
        part = text[start : start + MAX_CALL_CHARS]
        if part.strip():
            yield part


def _apply_guardrail(
    settings: ModerationSettings, part: str, source: Source, detector: str
) -> list[Finding]:
    try:
        answer = aws.client("bedrock-runtime").apply_guardrail(
            guardrailIdentifier=settings.guardrail_id,
            guardrailVersion=settings.guardrail_version,
            source=source.value,
            content=[{"text": {"text": part}}],
            outputScope="FULL",
        )
    except (BotoCoreError, ClientError) as fault:
        raise _unavailable(fault, source) from fault
    return guardrail.read_findings(answer, detector)


def _unavailable(fault: BotoCoreError | ClientError, source: Source) -> ScreeningUnavailable:
    code = type(fault).__name__
    if isinstance(fault, ClientError):
        code = fault.response["Error"]["Code"]
    logger.warning("screening failed", extra={"detector_error": code})
    if code in _UNREADABLE_IMAGE and source is Source.INPUT:
        return Unscreenable("The picture is too small, too large or damaged to be screened.")
    return ScreeningUnavailable(
        "Content screening gave no answer, so nothing was let through; try again.",
        retry_after_s=RETRY_AFTER_S,
    )


def _verdict(findings: list[Finding], detector: str, medium: Medium) -> Verdict:
    kept = severest(findings)
    action: Action = max((f.action for f in kept), key=SEVERITY.__getitem__, default="allow")
    missing = unscreened(load(ModerationSettings).guardrail_id, medium)
    return Verdict(action, kept, policy.VERSION, detector, missing)
