"""Bedrock Guardrails and Rekognition in memory: they find what a test planted, and remember what
they were shown, so that what left the platform can be compared with what was screened."""

import base64
import hashlib
import io
import json
from http import HTTPStatus

from PIL import Image

from tests.seam import Call, Reply, error
from tests.simulation.storage import Storage

FORBIDDEN, DOUBTFUL = "FORBIDDEN", "DOUBTFUL"
"""Words that a text contains, and what a picture's first pixel may say."""
COLOURS: dict[str, tuple[int, int, int]] = {
    FORBIDDEN: (255, 0, 255),
    DOUBTFUL: (255, 255, 0),
    "": (200, 30, 30),
}
_PERCENT: dict[tuple[int, ...], float] = {COLOURS[FORBIDDEN]: 99.0, COLOURS[DOUBTFUL]: 60.0}
BLOCKED_PERCENT = 90
_FILTERS = ("SEXUAL", "VIOLENCE", "HATE", "INSULTS", "MISCONDUCT", "PROMPT_ATTACK")


class Detectors:
    """`allowed_texts` and `allowed_pictures` (digests) are what got past. `outage_calls`
    is how many calls from now on get no answer."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.allowed_texts: list[str] = []
        self.allowed_pictures: set[str] = set()
        self.outage_calls = 0

    def answer(self, call: Call) -> Reply:
        if self.outage_calls:
            self.outage_calls -= 1
            return error(call, "InternalServerException", HTTPStatus.INTERNAL_SERVER_ERROR)
        body = self._text(call) if call.service == "bedrock-runtime" else self._picture(call)
        return Reply(HTTPStatus.OK, json.dumps(body).encode())

    def _text(self, call: Call) -> dict[str, object]:
        text = "".join(block["text"]["text"] for block in call.json["content"])
        is_forbidden, is_doubtful = FORBIDDEN in text, DOUBTFUL in text
        if not is_forbidden:
            self.allowed_texts.append(text)
        filters = [
            {"type": name, "confidence": "NONE", "action": "NONE", "detected": False}
            for name in _FILTERS
        ]
        if is_forbidden:
            filters[1] |= {"confidence": "HIGH", "action": "BLOCKED", "detected": True}
        elif is_doubtful:
            filters[1] |= {"confidence": "LOW", "action": "NONE", "detected": True}
        return {
            "usage": {"contentPolicyUnits": 1},
            "action": "GUARDRAIL_INTERVENED" if is_forbidden else "NONE",
            "outputs": [],
            "assessments": [{"contentPolicy": {"filters": filters}}],
        }

    def _picture(self, call: Call) -> dict[str, object]:
        image = call.json["Image"]
        if "S3Object" in image:
            content = self._storage.objects[image["S3Object"]["Name"]]
        else:
            content = base64.b64decode(image["Bytes"])
        label = {"Name": "Graphic Violence", "ParentName": "Violence", "TaxonomyLevel": 2}
        percent = _PERCENT.get(_corner(content), 0.0)
        if percent < BLOCKED_PERCENT:
            self.allowed_pictures.add(digest(content))
        found = [label | {"Confidence": percent}] if percent else []
        return {"ModerationLabels": found, "ModerationModelVersion": "7.0"}

    def have_allowed(self, text: str) -> bool:
        """Whether every word of a text was in a part that was screened and allowed."""
        covered = [character.isspace() for character in text]
        for part in self.allowed_texts:
            start = text.find(part)
            if start >= 0:
                covered[start : start + len(part)] = [True] * len(part)
        return all(covered)


def _corner(content: bytes) -> tuple[int, ...]:
    with Image.open(io.BytesIO(content)) as picture:
        return tuple(picture.convert("RGB").tobytes()[:3])


def digest(content: bytes) -> str:
    """Of a picture's pixels: it may be written anew on its way, but not changed."""
    with Image.open(io.BytesIO(content)) as picture:
        return hashlib.sha256(picture.convert("RGBA").tobytes()).hexdigest()
