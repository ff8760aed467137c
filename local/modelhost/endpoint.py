"""One asynchronous endpoint: a bounded queue before one instance that sleeps when idle."""

import asyncio
import logging
import time
from collections import Counter
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from local.doubles.errors import AwsError
from local.doubles.faults import Faults
from local.modelhost import notices
from local.modelhost.cloud import Cloud, Output, PayloadTooLargeError
from local.modelhost.instance import Instance
from local.modelhost.invocation import Invocation
from local.modelhost.settings import Places, Served
from local.modelhost.worker import InvocationTimeoutError, ModelDiedError, Worker

log = logging.getLogger("modelhost")

SUCCESS = range(200, 300)
NOTICE_FAULTS = frozenset({"lose_notice", "duplicate_notice"})
MODEL_FAULTS = frozenset({"model_error", "model_slow", "model_dies", "lose_output"})


class FailedError(Exception):
    """The invocation failed: what goes to the failure location, and the notice's reason."""

    def __init__(self, reason: str, body: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.body = body or reason.encode()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all endpoints of the host share."""

    places: Places
    cloud: Cloud
    faults: Faults
    queue_limit: int


class Endpoint:
    """Takes invocations at once, runs them one after another, and tells the topics."""

    def __init__(self, served: Served, instance: Instance, around: Surroundings) -> None:
        self.served = served
        self.instance = instance
        self.places = around.places
        self.counts: Counter[str] = Counter()
        self.created = time.time()
        self._cloud = around.cloud
        self._faults = around.faults
        self._queue: asyncio.Queue[Invocation] = asyncio.Queue(around.queue_limit)
        self._in_process = 0

    @property
    def backlog(self) -> int:
        """Queued and being processed, as ApproximateBacklogSize counts."""
        return self._queue.qsize() + self._in_process

    def accept(self, invocation: Invocation) -> None:
        """Queue it, or raise ServiceUnavailable when the queue is full."""
        try:
            self._queue.put_nowait(invocation)
        except asyncio.QueueFull as error:
            raise AwsError(503, "ServiceUnavailable", "The queue is full.") from error
        self.counts["accepted"] += 1

    async def run(self) -> None:
        """Serve the queue until cancelled; then leave no process behind."""
        try:
            while True:
                patience_s = self.served.idle_s if self.instance.running else None
                try:
                    invocation = await asyncio.wait_for(self._queue.get(), patience_s)
                except TimeoutError:
                    await self.instance.sleep()
                    continue
                self._in_process = 1
                await self._serve(invocation)
                self._in_process = 0
                if not self.instance.running:
                    await self.instance.sleep()
        finally:
            await self.instance.sleep()

    async def _serve(self, invocation: Invocation) -> None:
        worker = await self.instance.wake(until=invocation.expires)
        if worker is None:
            # What AWS tells of an expired request is documented nowhere; silence is the harder
            # case for a product, so it is the one it meets here.
            self.counts["expired"] += 1
            log.info("%s: %s expired in the queue", self.served.model, invocation.inference_id)
            return
        began = time.monotonic()
        topic, notice, outcome = await self._finish(worker, invocation)
        self.counts[outcome] += 1
        took_s = time.monotonic() - began
        log.info("%s: %s %s in %.2f s", self.served.model, invocation.inference_id, outcome, took_s)
        await self._announce(topic, notice)

    async def _finish(self, worker: Worker, invocation: Invocation) -> tuple[str, str, str]:
        """The topic to tell, the notice, and the outcome in a word."""
        region = self.places.region
        try:
            output = await self._invoke(worker, invocation)
        except FailedError as failure:
            await self._write_failure(invocation, failure)
            notice = notices.failed(invocation, region, failure.reason)
            return self.places.error_topic, notice, "failed"
        notice = notices.succeeded(invocation, region, output.content_type)
        return self.places.success_topic, notice, "succeeded"

    async def _invoke(self, worker: Worker, invocation: Invocation) -> Output:
        """The stored result; `FailedError` for everything SageMaker calls a failure."""
        body = await self._payload(invocation)
        lose = await self._fail_on_demand(worker, invocation)
        try:
            answer = await worker.invoke(body, invocation.model_headers(), invocation.timeout_s)
        except InvocationTimeoutError as error:
            raise FailedError(notices.timed_out()) from error
        except ModelDiedError as error:
            raise FailedError(notices.model_error(503)) from error
        if answer.status_code not in SUCCESS:
            raise FailedError(notices.model_error(answer.status_code), answer.content)
        kind = answer.headers.get("content-type", "application/octet-stream")
        output = Output(invocation.output_location, answer.content, kind)
        if not lose:
            await self._write(output)
        return output

    async def _fail_on_demand(self, worker: Worker, invocation: Invocation) -> bool:
        """Make the next injected fault happen; true when the output is to be lost."""
        fault = self._faults.take(MODEL_FAULTS, self.served.model)
        match fault and fault.kind:
            case "model_error":
                raise FailedError(notices.model_error(500), b'{"error":{"message":"injected"}}')
            case "model_dies":
                worker.process.kill()
            case "model_slow" if fault:
                await asyncio.sleep(min(fault.delay_s, invocation.timeout_s))
                if fault.delay_s >= invocation.timeout_s:
                    raise FailedError(notices.timed_out())
            case "lose_output":
                return True
        return False

    async def _payload(self, invocation: Invocation) -> bytes:
        if invocation.input_location is None:
            return invocation.body
        try:
            return await self._cloud.read(invocation.input_location)
        except (ClientError, BotoCoreError, PayloadTooLargeError) as error:
            raise FailedError(f"Unable to read {invocation.input_location}.") from error

    async def _write(self, output: Output) -> None:
        try:
            await self._cloud.write(output)
        except (ClientError, BotoCoreError) as error:
            raise FailedError(f"Unable to write {output.location}.") from error

    async def _write_failure(self, invocation: Invocation, failure: FailedError) -> None:
        output = Output(invocation.failure_location, failure.body, "application/json")
        try:
            await self._cloud.write(output)
        except (ClientError, BotoCoreError) as error:
            self.counts["upload_failures"] += 1
            log.warning("%s: cannot write %s: %s", self.served.model, output.location, error)

    async def _announce(self, topic: str, notice: str) -> None:
        fault = self._faults.take(NOTICE_FAULTS, self.served.model)
        if fault and fault.kind == "lose_notice":
            return
        try:
            for _ in range(2 if fault else 1):
                await self._cloud.publish(topic, notice)
        except (ClientError, BotoCoreError) as error:
            self.counts["notification_failures"] += 1
            log.warning("%s: cannot publish to %s: %s", self.served.model, topic, error)
