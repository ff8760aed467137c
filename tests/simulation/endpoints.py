"""SageMaker's asynchronous endpoints in memory: take a request, answer at once, write an output
later and then say so, as documented: without order, perhaps twice, perhaps never."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from tests import events
from tests.seam import Call, Reply, error
from tests.simulation.storage import Storage

_HEADER = "x-amzn-sagemaker-"


@dataclass(frozen=True, slots=True)
class Invocation:
    """What was asked of an endpoint. `payload` is what the container will read."""

    job: str
    endpoint: str
    payload: bytes
    output_key: str


@dataclass(frozen=True, slots=True)
class Work:
    """What an invocation leads to: an output or None for a failure, after `after_s` seconds, told
    in `notices` of success or failure; a failure without a notice is silence. A notice of failure
    may contradict the output."""

    after_s: float = 1.0
    output: bytes | None = None
    notices: int = 1
    late_object_s: float = 0.0
    is_contradicted: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A model was asked for a job, or has let go of it."""

    job: str
    at_ms: int
    is_asked: bool


type Model = Callable[[Invocation, int], Work]
"""What a model does with an invocation and the number of earlier ones of the same job."""


class Endpoints:
    """`later(seconds, action)` schedules; `notify(text)` puts a notice into the queue."""

    def __init__(
        self,
        storage: Storage,
        model: Model,
        later: Callable[[float, Callable[[], None]], None],
        notify: Callable[[str], None],
        now_ms: Callable[[], int] = lambda: 0,
    ) -> None:
        self._now_ms = now_ms
        self._storage, self._model, self._later, self._notify = storage, model, later, notify
        self.invocations: list[Invocation] = []
        self.turns: list[Turn] = []
        self.missing = False

    def answer(self, call: Call) -> Reply:
        if call.operation == "DescribeEndpoint":
            return Reply(HTTPStatus.OK, json.dumps(_description()).encode())
        if self.missing:
            return error(call, "ValidationError", HTTPStatus.BAD_REQUEST)
        invocation = self._read(call)
        earlier = Counter(known.job for known in self.invocations)[invocation.job]
        self.invocations.append(invocation)
        self.turns.append(Turn(invocation.job, self._now_ms(), is_asked=True))
        work = self._model(invocation, earlier)
        self._later(work.after_s, lambda: self._finish(invocation, work))
        location = f"s3://files/{invocation.output_key}"
        return Reply(
            HTTPStatus.ACCEPTED,
            json.dumps({"InferenceId": invocation.job}).encode(),
            {f"{_HEADER}outputlocation": location},
        )

    def _read(self, call: Call) -> Invocation:
        job = call.headers[f"{_HEADER}inference-id"]
        folder = call.headers[f"{_HEADER}s3outputpathextension"]
        name = call.headers[f"{_HEADER}filename"]
        source = call.headers.get(f"{_HEADER}inputlocation")
        payload = self._storage.objects[source.split("/", 3)[3]] if source else call.body
        return Invocation(job, call.path.split("/")[2], payload, f"raw/{folder}/{name}")

    def _finish(self, invocation: Invocation, work: Work) -> None:
        output, key = work.output, invocation.output_key
        self.turns.append(Turn(invocation.job, self._now_ms(), is_asked=False))

        def store() -> None:
            if output is not None:
                self._storage.objects[key] = output

        if work.late_object_s:
            self._later(work.late_object_s, store)
        else:
            store()
        if work.is_contradicted:
            self._notify(events.failed(invocation.job, f"s3://files/{key}-error.out"))
        for _ in range(work.notices):
            if output is None:
                self._notify(events.failed(invocation.job, f"s3://files/{key}-error.out"))
            else:
                self._notify(events.succeeded(invocation.job, f"s3://files/{key}"))


def _description() -> dict[str, object]:
    variant = {"VariantName": "main", "CurrentInstanceCount": 1, "DesiredInstanceCount": 1}
    return {"EndpointName": "e", "EndpointStatus": "InService", "ProductionVariants": [variant]}
