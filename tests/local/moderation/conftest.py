"""The moderation double with its real classifiers, read by a real boto3 client."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.local.conftest import ROOT, client, end, start_double

PYTHON = ROOT / ".sluice/models/bin/python"
BUCKET = "sluice-test-pictures"


@dataclass
class Double:
    url: str
    process: subprocess.Popen[bytes]
    emulator: str

    def apply(self, text: str, **more: Any) -> dict[str, Any]:
        return self.apply_to([{"text": {"text": text}}], **more)

    def apply_to(self, content: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        arguments = {
            "guardrailIdentifier": "sluicelocal",
            "guardrailVersion": "1",
            "source": "INPUT",
            "outputScope": "FULL",
            "content": content,
        } | more
        answer: dict[str, Any] = client("bedrock-runtime", self.url).apply_guardrail(**arguments)
        return answer

    def detect(self, image: dict[str, Any], **more: Any) -> dict[str, Any]:
        rekognition = client("rekognition", self.url)
        answer: dict[str, Any] = rekognition.detect_moderation_labels(Image=image, **more)
        return answer

    def fault(self, **fault: Any) -> None:
        assert httpx.post(f"{self.url}/_faults", json=fault).status_code == 201


@pytest.fixture(scope="session")
def double(emulator_url: str) -> Iterator[Double]:
    client("s3", emulator_url).create_bucket(Bucket=BUCKET)
    options = ["--endpoint-url", emulator_url, "--faults"]
    url, process = start_double("local.moderation", options, PYTHON)
    yield Double(url, process, emulator_url)
    end(process)
