"""A stage in which the inference service runs whole, in one process and on a clock of its own:
tables, bucket and secret in moto, models and detectors in memory, notices delivered when due."""

import asyncio
import heapq
import itertools
import json
from collections.abc import Callable, Iterator, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import boto3
import botocore.session
from botocore.exceptions import ClientError
from moto.core.models import botocore_stubber

from functions.inference import api, completed, sweeper
from tests import events
from tests.events import Answer, Context
from tests.replaced import ManualClock
from tests.seam import Call, Double, Fault, Reply, Seam, error
from tests.seeds import Customer, customer
from tests.simulation.detectors import Detectors
from tests.simulation.endpoints import Endpoints, Invocation, Work
from tests.simulation.processes import VirtualLoop
from tests.simulation.storage import Storage
from tests.stage import Stage

CREDIT_NANOS = 100_000_000


class Agenda(ManualClock):
    """Time that does what is due when it passes."""

    def __init__(self) -> None:
        super().__init__()
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.at_ms + round(seconds * 1000), next(self._order), action))

    def advance(self, seconds: float) -> None:
        until_ms = self.at_ms + max(1, round(seconds * 1000))
        while self._due and self._due[0][0] <= until_ms:
            due_ms, _, action = heapq.heappop(self._due)
            self.at_ms = max(self.at_ms, due_ms)
            action()
        self.at_ms = until_ms


class Objects(MutableMapping[str, bytes]):
    """The stage's bucket by key."""

    def __init__(self, stage: Stage) -> None:
        self._client, self._bucket = stage.client("s3"), stage.bucket

    def __getitem__(self, key: str) -> bytes:
        try:
            content: bytes = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise KeyError(key) from error
        return content

    def __setitem__(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def __delitem__(self, key: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=key)

    def __iter__(self) -> Iterator[str]:
        listed = self._client.list_objects_v2(Bucket=self._bucket)
        return iter([entry["Key"] for entry in listed.get("Contents", [])])

    def __len__(self) -> int:
        return len(list(iter(self)))


class Bucket:
    """What the doubles of models and detectors know of S3."""

    def __init__(self, stage: Stage) -> None:
        self.objects: Any = Objects(stage)


class MotoSeam(Seam):
    """A seam in front of moto instead of a network."""

    def session(self) -> boto3.Session:
        inner = botocore.session.Session()
        emitter: Any = inner.get_component("event_emitter")
        # Every handler of the event is called, so moto's own would do all of it a second time.
        emitter.unregister("before-send", botocore_stubber)
        emitter.register("before-send", self._before_send)
        return boto3.Session(botocore_session=inner)

    def _effect(self, call: Call, request: Any) -> Reply:
        double = self.doubles.get(call.service)
        if double is not None:
            return double.answer(call)
        if call.operation == "CopyObject" and not _is_unchanged(call):
            return error(call, "PreconditionFailed", HTTPStatus.PRECONDITION_FAILED)
        answered = botocore_stubber.process_request(request)
        assert answered is not None, call
        status, headers, body = answered
        return Reply(status, body.encode() if isinstance(body, str) else body, dict(headers))


def _is_unchanged(call: Call) -> bool:
    """moto copies whatever is there; S3 compares."""
    bucket, _, key = unquote(call.headers["x-amz-copy-source"]).partition("/")
    found = boto3.client("s3").head_object(Bucket=bucket, Key=key)
    return bool(found["ETag"] == call.headers["x-amz-copy-source-if-match"])


class Platform:
    """`model` is what endpoints do; `calls` are the product's own AWS calls so far."""

    def __init__(self, stage: Stage, clock: Agenda) -> None:
        self.stage, self.clock = stage, clock
        self.model: Callable[[Invocation, int], Work] = answer_well
        self.fault: Callable[[Call], Fault | None] = lambda call: None
        self.calls: list[Call] = []
        self.awake = True
        self.deaf = False
        self.failures: list[Any] = []
        bucket = Bucket(stage)
        self.objects: MutableMapping[str, bytes] = bucket.objects
        self.detectors = Detectors(bucket)  # type: ignore[arg-type]  # a Storage by its objects
        self.endpoints = Endpoints(
            bucket,  # type: ignore[arg-type]  # likewise
            self._work,
            clock.later,
            self._notice,
        )
        doubles: dict[str, Double] = {
            "bedrock-runtime": self.detectors,
            "rekognition": self.detectors,
            "sagemaker-runtime": self.endpoints,
            "sagemaker": self,
        }
        self.seam = MotoSeam(doubles)
        self.seam.decide = self._decide

    def answer(self, call: Call) -> Reply:
        """SageMaker's own API: DescribeEndpoint."""
        count = int(self.awake)
        variant = {"VariantName": "main", "CurrentInstanceCount": count, "DesiredInstanceCount": 1}
        return Reply(200, json.dumps({"ProductionVariants": [variant]}).encode())

    def _work(self, invocation: Invocation, earlier: int) -> Work:
        return self.model(invocation, earlier)

    def _decide(self, call: Call) -> Fault | None:
        self.calls.append(call)
        return self.fault(call)

    def _notice(self, text: str) -> None:
        if not self.deaf:
            self.deliver(text)

    def deliver(self, *notices: str) -> list[Any]:
        """Hand notices to the queue's handler; gives what it could not do."""
        event = events.sqs(f"{self.stage.prefix}-completed", *notices)
        failures: list[Any] = completed.handler(event, Context())["batchItemFailures"]  # type: ignore[arg-type]  # a LambdaContext by its members
        self.failures += failures
        return failures

    def sweep(self) -> dict[str, int]:
        return sweeper.handler(events.schedule(), Context())

    def send(self, method: str, path: str, **parts: Any) -> Answer:
        """One HTTP request; while it waits, time passes."""
        return _call(VirtualLoop(self.clock.now_ms, self.clock.sleep), method, path, **parts)

    def customer(self, nanos: int = CREDIT_NANOS) -> "Client":
        return Client(self, customer(self.stage, bought_nanos=nanos))

    def operations(self) -> list[str]:
        return [call.operation for call in self.calls]

    @property
    def results(self) -> list[str]:
        return [key for key in self.objects if key.startswith("results/")]


class Racing:
    """A stage in the emulator, where requests may race; its models take work and never answer."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.storage = stage, Storage()
        self.detectors = Detectors(self.storage)
        self.endpoints = Endpoints(
            self.storage, answer_well, lambda seconds, action: None, lambda text: None
        )
        self.seam = Seam(
            {
                "s3": self.storage,
                "bedrock-runtime": self.detectors,
                "rekognition": self.detectors,
                "sagemaker-runtime": self.endpoints,
            }
        )

    def send(self, method: str, path: str, **parts: Any) -> Answer:
        """One HTTP request, from any thread."""
        return _call(asyncio.new_event_loop(), method, path, **parts)


def _call(loop: asyncio.AbstractEventLoop, method: str, path: str, **parts: Any) -> Answer:
    asyncio.set_event_loop(loop)
    try:
        return events.call(api.handler, method, path, **parts)
    finally:
        asyncio.set_event_loop(None)
        loop.close()


class Client:
    """A customer at the API."""

    def __init__(self, platform: Platform, who: Customer) -> None:
        self.platform, self.who = platform, who

    def send(self, method: str, path: str, **parts: Any) -> Answer:
        return self.platform.send(method, path, bearer=self.who.key, **parts)

    def get(self, path: str, **parts: Any) -> Answer:
        return self.send("GET", path, **parts)

    def submit(self, model: str, given: Any, **headers: str) -> Answer:
        """POST a job; a header's underscores are hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = {"model": model, "input": given}
        return self.send("POST", "/v1/inference/jobs", body=body, headers=named)

    def job(self, job: str) -> Any:
        answer = self.get(f"/v1/inference/jobs/{job}")
        assert answer.status == 200, answer.content
        return answer.json

    @property
    def money(self) -> dict[str, int]:
        """What is `available` and `held` over all of the account's buckets."""
        buckets = [
            item
            for item in self.platform.stage.scan("ledger")
            if item["sk"] == "BUCKET" and item["account"] == self.who.account
        ]
        return {side: sum(item[side] for item in buckets) for side in ("available", "held")}

    @property
    def spent_nanos(self) -> int:
        """Of the usual credit; also proves that nothing is held any more."""
        money = self.money
        assert money["held"] == 0, money
        return CREDIT_NANOS - money["available"]


# What models answer


def answer_well(invocation: Invocation, earlier: int) -> Work:
    from tests.inference import samples

    if invocation.endpoint.endswith("e5-small"):
        return Work(output=samples.embeddings(json.loads(invocation.payload)["input"]))
    if invocation.endpoint.endswith("span-x4"):
        return Work(output=samples.upscaled(json.loads(invocation.payload)["image"]))
    return Work(output=samples.completion())


def always(work: Work) -> Callable[[Invocation, int], Work]:
    return lambda invocation, earlier: work
