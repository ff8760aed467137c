"""ApplyGuardrail: the request checked, the answer in Bedrock's shape with output scope FULL.

It behaves as the guardrail of `stacks/moderation.py` is configured: filters of high strength, which
act upon the lowest confidence, denied topics, and personal data that blocks. Prompt attacks are no
filter of it; they are a class of their own only so that they are not taken for something else.
"""

import base64
import binascii
import math
import time
from dataclasses import dataclass
from typing import Any

from local.doubles.errors import AwsError
from local.moderation.images import ImageClassifier, ImageSizeError, UnreadableImageError
from local.moderation.privacy import entities
from local.moderation.text import Scores, TextClassifier

LOW, MEDIUM, HIGH = 0.7, 0.8, 0.9
ZERO_TOLERANCE = 0.5
FILTERS = {
    "HATE": "hate",
    "INSULTS": "insults",
    "SEXUAL": "sexual",
    "VIOLENCE": "violence",
    "MISCONDUCT": "misconduct",
}
# A topic is detected or not; where nothing is tolerated, less is enough.
TOPICS = {"political": LOW, "threats": LOW, "self_harm": LOW, "minors": ZERO_TOLERANCE}
UNIT_CHARS = 1000
MAX_UNITS = 25
MAX_IMAGES = 20
MAX_IMAGE_BYTES = 4_000_000
BLOCKED_MESSAGE = "Sorry, this content is not allowed."


def invalid(message: str) -> AwsError:
    return AwsError(400, "ValidationException", message)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read: the texts as one, the pictures, and how much to tell."""

    text: str
    images: tuple[bytes, ...]
    full: bool


def read(body: dict[str, Any]) -> Asked:
    """The request, or `AwsError` (ValidationException) as Bedrock would answer."""
    content = body.get("content")
    if body.get("source") not in ("INPUT", "OUTPUT"):
        raise invalid("source must be INPUT or OUTPUT.")
    if not isinstance(content, list) or not content:
        raise invalid("content must have at least one block.")
    texts: list[str] = []
    images: list[bytes] = []
    for block in content:
        match block:
            case {"text": {"text": str(text)}, **rest} if not rest:
                texts.append(text)
            case {"image": {"format": "png" | "jpeg", "source": {"bytes": str(data)}}, **rest} if (
                not rest
            ):
                images.append(_decoded(data))
            case _:
                raise invalid("A content block must have either text or image.")
    text = "\n".join(texts)
    if len(text) > MAX_UNITS * UNIT_CHARS:
        raise invalid(f"Input is too long: at most {MAX_UNITS} text units are taken.")
    if len(images) > MAX_IMAGES:
        raise invalid(f"At most {MAX_IMAGES} images are taken.")
    return Asked(text, tuple(images), body.get("outputScope") == "FULL")


def _decoded(data: str) -> bytes:
    try:
        image = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("The image is not base64.") from error
    if not 0 < len(image) <= MAX_IMAGE_BYTES:
        raise invalid(f"An image may have {MAX_IMAGE_BYTES} bytes.")
    return image


def detected(scores: Scores) -> set[str]:
    """The categories that this guardrail acts upon."""
    limits = dict.fromkeys(FILTERS.values(), LOW) | TOPICS
    return {category for category, least in limits.items() if scores[category] >= least}


def apply(asked: Asked, texts: TextClassifier, pictures: ImageClassifier) -> dict[str, Any]:
    """The whole answer to one call."""
    began = time.monotonic()
    scores = texts.scores(asked.text)
    scores["sexual"] = max([scores["sexual"], *(_explicit(pictures, one) for one in asked.images)])
    filters = [_filter(kind, scores[category]) for kind, category in FILTERS.items()]
    topics = [_topic(name, scores[name]) for name in TOPICS]
    personal = _personal(asked.text)
    intervened = any(entry["detected"] for entry in filters + topics + personal)
    usage = _usage(asked)
    assessment = {
        "contentPolicy": {"filters": _told(filters, asked.full)},
        "topicPolicy": {"topics": _told(topics, asked.full)},
        "sensitiveInformationPolicy": {"piiEntities": personal, "regexes": []},
        "invocationMetrics": {
            "guardrailProcessingLatency": round((time.monotonic() - began) * 1000),
            "usage": usage,
            "guardrailCoverage": _coverage(asked),
        },
    }
    return {
        "usage": usage,
        "action": "GUARDRAIL_INTERVENED" if intervened else "NONE",
        "actionReason": "Guardrail blocked." if intervened else "No action.",
        "outputs": [{"text": BLOCKED_MESSAGE}] if intervened else [],
        "assessments": [assessment],
        "guardrailCoverage": _coverage(asked),
    }


def _explicit(pictures: ImageClassifier, image: bytes) -> float:
    try:
        return pictures.explicit(image)
    except (UnreadableImageError, ImageSizeError) as error:
        raise invalid("The image cannot be read, or its size is not taken.") from error


def _filter(kind: str, score: float) -> dict[str, Any]:
    detected = score >= LOW
    return {
        "type": kind,
        "confidence": confidence(score),
        "filterStrength": "HIGH",
        "action": "BLOCKED" if detected else "NONE",
        "detected": detected,
    }


def confidence(score: float) -> str:
    steps = ((HIGH, "HIGH"), (MEDIUM, "MEDIUM"), (LOW, "LOW"))
    return next((name for least, name in steps if score >= least), "NONE")


def _topic(name: str, score: float) -> dict[str, Any]:
    detected = score >= TOPICS[name]
    action = "BLOCKED" if detected else "NONE"
    return {"name": name, "type": "DENY", "action": action, "detected": detected}


def _personal(text: str) -> list[dict[str, Any]]:
    return [
        {"type": found.kind, "match": found.match, "action": "BLOCKED", "detected": True}
        for found in entities(text)
    ]


def _told(entries: list[dict[str, Any]], full: bool) -> list[dict[str, Any]]:
    return [entry for entry in entries if full or entry["detected"]]


def _usage(asked: Asked) -> dict[str, int]:
    units = math.ceil(len(asked.text) / UNIT_CHARS)
    return {
        "topicPolicyUnits": units,
        "contentPolicyUnits": units,
        "wordPolicyUnits": 0,
        "sensitiveInformationPolicyUnits": units,
        "sensitiveInformationPolicyFreeUnits": 0,
        "contextualGroundingPolicyUnits": 0,
        "contentPolicyImageUnits": len(asked.images),
    }


def _coverage(asked: Asked) -> dict[str, Any]:
    """Everything that was sent was looked at; what has no part is left out, as Bedrock does."""
    coverage: dict[str, Any] = {}
    if asked.text:
        coverage["textCharacters"] = {"guarded": len(asked.text), "total": len(asked.text)}
    if asked.images:
        coverage["images"] = {"guarded": len(asked.images), "total": len(asked.images)}
    return coverage
