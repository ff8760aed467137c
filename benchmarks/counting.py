"""A stage whose AWS calls are counted: tables in the emulator, which says what each call consumes;
buckets, models and detectors in memory."""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3

from tests import emulator, events
from tests.inference.platform import answer_well
from tests.replaced import forget_everything
from tests.seam import Call, Fault, Seam
from tests.seeds import Customer, customer
from tests.simulation.detectors import Detectors
from tests.simulation.endpoints import Endpoints
from tests.simulation.storage import Storage
from tests.stage import Stage, create_secret, create_tables

CREDIT_NANOS: Final = 10_000_000_000


@dataclass(slots=True)
class Spent:
    """What an operation used: calls by name, capacity units, bytes put into S3."""

    calls: Counter[str] = field(default_factory=Counter)
    read_units: float = 0.0
    write_units: float = 0.0

    @property
    def total_calls(self) -> int:
        return sum(self.calls.values())

    def named(self) -> str:
        return ", ".join(
            f"{count} x {name}" if count > 1 else name for name, count in self.calls.items()
        )


class Counted:
    """`during(action)` gives the action's answer and what it spent."""

    def __init__(self, address: str) -> None:
        self.stage = Stage("sluice-bench", address)
        create_tables(self.stage)
        create_secret(self.stage)
        os.environ.update(self.stage.environment())
        self.storage = Storage()
        self.notices: list[str] = []
        self._due: list[Callable[[], None]] = []
        self._spent = Spent()
        detectors = Detectors(self.storage)
        models = Endpoints(self.storage, answer_well, self._later, self.notices.append)
        seam = Seam(
            {
                "s3": self.storage,
                "bedrock-runtime": detectors,
                "rekognition": detectors,
                "sagemaker-runtime": models,
                "sagemaker": models,
            }
        )
        seam.seen = self._seen
        session = seam.session()
        handlers: Any = session.events
        handlers.register("provide-client-params.dynamodb", _ask_for_capacity)
        handlers.register("after-call.dynamodb", self._consumed)
        boto3.DEFAULT_SESSION = session
        forget_everything()
        self.who: Customer = customer(self.stage, bought_nanos=CREDIT_NANOS)

    def during[T](self, action: Callable[[], T]) -> tuple[T, Spent]:
        self._spent = Spent()
        answer = action()
        return answer, self._spent

    def work(self) -> None:
        """Let the models do what is due."""
        while self._due:
            self._due.pop(0)()

    def send(self, method: str, path: str, **parts: Any) -> events.Answer:
        from functions.inference import api

        return events.call(api.handler, method, path, bearer=self.who.key, **parts)

    def submit(self, model: str, given: dict[str, Any]) -> str:
        answer = self.send("POST", "/v1/inference/jobs", body={"model": model, "input": given})
        if answer.status >= 400:  # noqa: PLR2004  # HTTP's
            raise RuntimeError(answer.content.decode())
        job: str = answer.json["id"]
        return job

    def complete(self) -> None:
        """Hand the oldest notice to the worker."""
        from functions.inference import completed

        handler: Any = completed.handler
        failures = handler(events.sqs("completed", self.notices.pop(0)), events.Context())
        if failures["batchItemFailures"]:
            raise RuntimeError(json.dumps(failures))

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        self._due.append(action)

    def _seen(self, call: Call, fault: Fault | None, status: int) -> None:
        self._spent.calls[call.name] += 1

    def _consumed(self, parsed: dict[str, Any], model: Any, **unused: Any) -> None:
        given = parsed.get("ConsumedCapacity", [])
        units = sum(
            entry["CapacityUnits"] for entry in (given if isinstance(given, list) else [given])
        )
        if model.name in {"GetItem", "Query", "BatchGetItem"}:
            self._spent.read_units += units
        else:
            self._spent.write_units += units


def _ask_for_capacity(params: dict[str, Any], **unused: Any) -> dict[str, Any]:
    return params | {"ReturnConsumedCapacity": "INDEXES"}


@contextmanager
def counted() -> Iterator[Counted]:
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator.running(Path(folder)) as address,
    ):
        yield Counted(address)
