"""Bedrock Guardrails and Rekognition in memory: they find what a test planted, and remember what
they were shown, so that what left the platform can be compared with what was screened."""

import base64
import hashlib
import json
from http import HTTPStatus

from tests.seam import Call, Reply
from tests.simulation.storage import Storage

FORBIDDEN, DOUBTFUL = "FORBIDDEN", "DOUBTFUL"
"""Words that a text contains, or that a picture's bytes end with."""
_FILTERS = ("SEXUAL", "VIOLENCE", "HATE", "INSULTS", "MISCONDUCT", "PROMPT_ATTACK")


class Detectors:
    """`allowed` holds the texts and the SHA-256 of the pictures that got past, by source."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.allowed_texts: list[str] = []
        self.allowed_pictures: set[str] = set()

    def answer(self, call: Call) -> Reply:
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
        label = {"Name": "Violence", "ParentName": "", "TaxonomyLevel": 1, "Confidence": 99.0}
        if content.endswith(FORBIDDEN.encode()):
            return {"ModerationLabels": [label], "ModerationModelVersion": "7.0"}
        self.allowed_pictures.add(digest(content))
        found = [label | {"Confidence": 60.0}] if content.endswith(DOUBTFUL.encode()) else []
        return {"ModerationLabels": found, "ModerationModelVersion": "7.0"}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
