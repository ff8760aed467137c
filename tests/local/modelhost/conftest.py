"""A model host with a model of a few lines, between a real boto3 client and the emulator."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.local.conftest import client, end, start_double

BUCKET = "sluice-test-files"
WAIT_LIMIT_S = 30
MODEL = """
import json, time
from models.frame import Answer, RefusedError, json_answer, parse_object, serve

def handle(body):
    wanted = parse_object(body)
    time.sleep(wanted.get("sleep_s", 0))
    if "refuse" in wanted:
        raise RefusedError("input_too_long", "Too long.")
    if "fail" in wanted:
        raise RuntimeError("broken")
    return json_answer({"echo": wanted})

serve(lambda: handle)
"""


@dataclass
class Host:
    """The running host, and what a product sees of it."""

    url: str
    process: subprocess.Popen[bytes]
    emulator: str
    notices_url: str

    @property
    def runtime(self) -> Any:
        return client("sagemaker-runtime", self.url)

    @property
    def s3(self) -> Any:
        return client("s3", self.emulator)

    def invoke(self, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        arguments = {
            "EndpointName": "sluice-test-echo",
            "ContentType": "application/json",
            "Body": json.dumps(body).encode(),
        } | more
        answer: dict[str, Any] = self.runtime.invoke_endpoint_async(
            **{name: value for name, value in arguments.items() if value is not None}
        )
        return answer

    def notice(self, inference_id: str) -> dict[str, Any]:
        """The next notice, which is to be about this inference."""
        found = self.notices(1)
        assert [one["inferenceId"] for one in found] == [inference_id]
        return found[0]

    def notices(self, count: int, limit_s: float = WAIT_LIMIT_S) -> list[dict[str, Any]]:
        sqs = client("sqs", self.emulator)
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + limit_s
        while len(found) < count and time.monotonic() < deadline:
            got = sqs.receive_message(QueueUrl=self.notices_url, WaitTimeSeconds=1)
            for message in got.get("Messages", []):
                found.append(json.loads(message["Body"]))
                sqs.delete_message(
                    QueueUrl=self.notices_url, ReceiptHandle=message["ReceiptHandle"]
                )
        return found

    def object(self, location: str) -> bytes:
        bucket, _, key = location.removeprefix("s3://").partition("/")
        content: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def state(self) -> dict[str, Any]:
        answer: dict[str, Any] = httpx.get(f"{self.url}/healthz").json()["models"]["echo"]
        return answer

    def fault(self, **fault: Any) -> None:
        assert httpx.post(f"{self.url}/_faults", json=fault).status_code == 201


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for model, local in (("echo", {"idle_s": 1}), ("cloud-only", None)):
        serve = folder / model / "serve"
        serve.mkdir(parents=True)
        (serve / "server.py").write_text(MODEL)
        serving: dict[str, Any] = {"cloud": {}}
        if local:
            serving["local"] = {"server": f"models/{model}/serve/server.py", "wake_s": 1} | local
        card = {"id": model, "serving": serving}
        (folder / model / "card.yaml").write_text(yaml.safe_dump(card))
    return folder


@pytest.fixture(scope="module")
def host(emulator_url: str, models: Path) -> Iterator[Host]:
    url, process, queue = start_host(emulator_url, models)
    yield Host(url, process, emulator_url, queue)
    end(process)


def start_host(
    emulator_url: str, models: Path, *more: str
) -> tuple[str, subprocess.Popen[bytes], str]:
    """The host's address and process, and the queue that hears both topics raw."""
    client("s3", emulator_url).create_bucket(Bucket=BUCKET)
    sns, sqs = client("sns", emulator_url), client("sqs", emulator_url)
    queue = sqs.create_queue(QueueName=f"notices-{time.monotonic_ns()}")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    topics = [
        sns.create_topic(Name=f"{name}-{time.monotonic_ns()}")["TopicArn"]
        for name in ("succeeded", "failed")
    ]
    for topic in topics:
        sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=queue_arn["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )
    url, process = start_double(
        "local.modelhost",
        [
            *("--models", str(models), "--prefix", "sluice-test", "--files", BUCKET),
            *("--success-topic", topics[0], "--error-topic", topics[1]),
            *("--endpoint-url", emulator_url, "--queue-limit", "3", "--faults", *more),
            *(() if "--python" in more else ("--python", sys.executable)),
        ],
    )
    return url, process, queue
