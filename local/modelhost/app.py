"""The host's routes: SageMaker runtime, what is needed of SageMaker's own API, and health."""

import asyncio
import json
import logging
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.doubles.errors import (
    AwsError,
    json_error,
    read_body,
    require_signature,
    rest_json_error,
)
from local.doubles.faults import Faults
from local.modelhost.describe import describe, health
from local.modelhost.endpoint import MODEL_FAULTS, NOTICE_FAULTS, Endpoint
from local.modelhost.invocation import MAX_BODY_BYTES, invalid, parse

log = logging.getLogger("modelhost")

API_FAULTS = frozenset({"throttle", "unavailable", "internal", "slow"})
FAULTS = API_FAULTS | MODEL_FAULTS | NOTICE_FAULTS
MAX_API_BODY_BYTES = 64_000


class Host:
    """The endpoints by name, as requests see them."""

    def __init__(self, endpoints: Mapping[str, Endpoint], faults: Faults) -> None:
        self.endpoints = endpoints
        self.faults = faults

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Run the endpoints; at the end, end their processes."""
        tasks = [asyncio.create_task(endpoint.run()) for endpoint in self.endpoints.values()]
        for task in tasks:
            task.add_done_callback(_end_if_broken)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def invoke_async(self, request: Request) -> Response:
        try:
            require_signature(request)
            return await self._accept(request)
        except AwsError as error:
            return rest_json_error(error)

    async def invoke(self, request: Request) -> Response:
        name = request.path_params["name"]
        return rest_json_error(invalid(f"Endpoint {name} only takes asynchronous invocations."))

    async def api(self, request: Request) -> Response:
        """JSON 1.1: the operation's name is a header."""
        try:
            require_signature(request)
            return JSONResponse(
                describe(await self._named(request)), media_type="application/x-amz-json-1.1"
            )
        except AwsError as error:
            return json_error(error)

    async def healthz(self, _: Request) -> Response:
        states = {each.served.model: health(each) for each in self.endpoints.values()}
        return JSONResponse({"models": states})

    async def _accept(self, request: Request) -> Response:
        too_large = invalid(f"The inline payload is over {MAX_BODY_BYTES} bytes.")
        body = await read_body(request, MAX_BODY_BYTES, too_large)
        name = request.path_params["name"]
        endpoint = self.endpoints.get(name)
        if endpoint is None:
            raise invalid(f"Endpoint {name} not found.")
        await _fail_on_demand(self.faults, endpoint.served.model)
        invocation = parse(name, request.headers, body, endpoint.places)
        endpoint.accept(invocation)
        return JSONResponse(
            {"InferenceId": invocation.inference_id},
            status_code=202,
            headers={
                "X-Amzn-SageMaker-OutputLocation": invocation.output_location,
                "X-Amzn-SageMaker-FailureLocation": invocation.failure_location,
            },
        )

    async def _named(self, request: Request) -> Endpoint:
        """The endpoint that a DescribeEndpoint asks for."""
        target = request.headers.get("x-amz-target", "")
        too_large = AwsError(413, "RequestEntityTooLarge", "The request is too large.")
        body = await read_body(request, MAX_API_BODY_BYTES, too_large)
        if target != "SageMaker.DescribeEndpoint":
            raise AwsError(400, "UnknownOperationException", f"{target} is not known here.")
        try:
            name = json.loads(body)["EndpointName"]
        except (ValueError, TypeError, KeyError) as error:
            raise AwsError(400, "SerializationException", "The request is unreadable.") from error
        if name not in self.endpoints:
            raise AwsError(400, "ValidationException", f'Could not find endpoint "{name}".')
        return self.endpoints[name]


def create_app(host: Host, *, take_faults: bool) -> Starlette:
    return Starlette(
        lifespan=host.lifespan,
        routes=[
            Route("/endpoints/{name}/async-invocations", host.invoke_async, methods=["POST"]),
            Route("/endpoints/{name}/invocations", host.invoke, methods=["POST"]),
            Route("/", host.api, methods=["POST"]),
            Route("/healthz", host.healthz),
            *(host.faults.routes() if take_faults else []),
        ],
    )


def _end_if_broken(task: asyncio.Task[None]) -> None:
    """An endpoint that has stopped serving would be a silent host: better none, and a reason."""
    if not task.cancelled() and (error := task.exception()):
        log.error("an endpoint broke", exc_info=error)
        signal.raise_signal(signal.SIGTERM)


async def _fail_on_demand(faults: Faults, model: str) -> None:
    fault = faults.take(API_FAULTS, model)
    match fault and fault.kind:
        case "throttle":
            raise AwsError(400, "ThrottlingException", "Rate exceeded")
        case "unavailable":
            raise AwsError(503, "ServiceUnavailable", "The service is unavailable.")
        case "internal":
            raise AwsError(500, "InternalFailure", "An internal failure occurred.")
        case "slow" if fault:
            await asyncio.sleep(fault.delay_s)
