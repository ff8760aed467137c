"""The double's routes: Bedrock runtime's ApplyGuardrail, Rekognition's DetectModerationLabels."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
from local.moderation import guardrail, rekognition
from local.moderation.images import ImageClassifier
from local.moderation.rekognition import Reader
from local.moderation.text import TextClassifier

APPLY, DETECT = "ApplyGuardrail", "DetectModerationLabels"
FAULTS = frozenset({"throttle", "unavailable", "internal", "slow", "garbage"})
MAX_BODY_BYTES = 110_000_000
GUARDRAIL_ID = re.compile(r"[a-z0-9]+|arn:aws[^:]*:bedrock:[a-z0-9-]+:\d{12}:guardrail/[a-z0-9]+")
GUARDRAIL_VERSION = re.compile(r"[1-9]\d{0,7}|DRAFT")


@dataclass(frozen=True, slots=True)
class Classifiers:
    texts: TextClassifier
    pictures: ImageClassifier


class Double:
    """The two operations over loaded classifiers; one classification runs at a time."""

    def __init__(self, classifiers: Classifiers, read_object: Reader, faults: Faults) -> None:
        self.classifiers = classifiers
        self.read_object = read_object
        self.faults = faults
        self.turn = asyncio.Lock()

    async def apply_guardrail(self, request: Request) -> Response:
        try:
            require_signature(request)
            _check_guardrail(request)
            body = await _object(request)
            return await self._answer(APPLY, lambda: self._apply(body), "application/json")
        except AwsError as error:
            return rest_json_error(error)

    async def rekognition(self, request: Request) -> Response:
        """JSON 1.1: the operation's name is a header."""
        try:
            require_signature(request)
            target = request.headers.get("x-amz-target", "")
            if target != f"RekognitionService.{DETECT}":
                raise AwsError(400, "UnknownOperationException", f"{target} is not known here.")
            body = await _object(request)
            kind = "application/x-amz-json-1.1"
            return await self._answer(DETECT, lambda: self._detect(body), kind)
        except AwsError as error:
            return json_error(error)

    async def healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "ready"})

    def _apply(self, body: dict[str, Any]) -> dict[str, Any]:
        asked = guardrail.read(body)
        return guardrail.apply(asked, self.classifiers.texts, self.classifiers.pictures)

    def _detect(self, body: dict[str, Any]) -> dict[str, Any]:
        return rekognition.detect(body, self.read_object, self.classifiers.pictures)

    async def _answer(
        self, operation: str, classify: Callable[[], dict[str, Any]], media_type: str
    ) -> Response:
        if await self._fail_on_demand(operation):
            return Response(b'{"usage": "unreadable"', media_type=media_type)
        async with self.turn:
            answer = await asyncio.to_thread(classify)
        return JSONResponse(answer, media_type=media_type)

    async def _fail_on_demand(self, operation: str) -> bool:
        """Make the next injected fault happen; true when the answer is to be garbage."""
        fault = self.faults.take(FAULTS, operation)
        match fault and fault.kind:
            case "throttle":
                raise AwsError(400, "ThrottlingException", "Rate exceeded")
            case "unavailable":
                raise AwsError(503, "ServiceUnavailableException", "Service unavailable")
            case "internal":
                raise AwsError(500, "InternalServerException", "Internal server error")
            case "slow" if fault:
                await asyncio.sleep(fault.delay_s)
            case "garbage":
                return True
        return False


def create_app(double: Double, *, take_faults: bool) -> Starlette:
    apply_path = "/guardrail/{guardrail_id:path}/version/{version}/apply"
    return Starlette(
        routes=[
            Route(apply_path, double.apply_guardrail, methods=["POST"]),
            Route("/", double.rekognition, methods=["POST"]),
            Route("/healthz", double.healthz),
            *(double.faults.routes() if take_faults else []),
        ]
    )


def _check_guardrail(request: Request) -> None:
    name, version = request.path_params["guardrail_id"], request.path_params["version"]
    if not GUARDRAIL_ID.fullmatch(name):
        raise guardrail.invalid("The guardrail identifier is not valid.")
    if not GUARDRAIL_VERSION.fullmatch(version):
        raise guardrail.invalid("The guardrail version is not valid.")


async def _object(request: Request) -> dict[str, Any]:
    too_large = AwsError(413, "RequestEntityTooLargeException", "The request is too large.")
    try:
        body = json.loads(await read_body(request, MAX_BODY_BYTES, too_large))
    except ValueError as error:
        raise AwsError(400, "SerializationException", "The request is not JSON.") from error
    if not isinstance(body, dict):
        raise AwsError(400, "SerializationException", "The request is not an object.")
    return body
