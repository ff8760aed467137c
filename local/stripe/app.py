"""The double over HTTP: Stripe's API with its keys, errors and idempotency, and its pages."""

import asyncio
import base64
import contextlib
import hashlib
import json
import logging
import secrets
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as HttpRoute

from local.doubles.faults import Faults
from local.stripe import (
    catalog,
    checkout,
    clocks,
    customers,
    disputes,
    listeners,
    pages,
    payments,
    reading,
    refunds,
    setups,
)
from local.stripe.call import API_VERSION, Call, Route, expand, told
from local.stripe.errors import StripeError
from local.stripe.params import Params, decode
from local.stripe.store import Store

TURN_S: Final = 0.05
MAX_BODY_BYTES: Final = 1_000_000
KEY_LIFE_S: Final = 24 * 3600
MAX_KEY_CHARS: Final = 255
SLOW_S: Final = 30.0
_LIMITED, _BROKEN = "rate_limited", "broken_before"
_LOST_ANSWER, _BROKEN_AFTER = "answer_lost", "broken_after"
_BEFORE, _AFTER = frozenset({_LIMITED, _BROKEN}), frozenset({_LOST_ANSWER, _BROKEN_AFTER})
FAULTS: Final = _BEFORE | _AFTER | {listeners.LOSES, listeners.REPEATS, listeners.FORGES}
NOUNS: Final = (
    customers,
    setups,
    payments,
    refunds,
    disputes,
    catalog,
    checkout,
    listeners,
    clocks,
    reading,
)
log = logging.getLogger(__name__)


class Double:
    """One Stripe account in test mode, which any key beginning with `sk_test_` opens."""

    def __init__(self, store: Store, site: str, faults: Faults) -> None:
        self._store = store
        self._site = site
        self._faults = faults
        self._postman = listeners.Postman(store, faults)

    def app(self, *, with_faults: bool) -> Starlette:
        routes = [self._api(route) for noun in NOUNS for route in noun.ROUTES]
        routes += [
            HttpRoute("/healthz", _healthz),
            HttpRoute("/pay/{id}", self._pay, methods=["GET", "POST"]),
            HttpRoute("/authenticate/{id}", self._authenticate, methods=["GET", "POST"]),
            *(self._faults.routes() if with_faults else ()),
            HttpRoute("/{rest:path}", _unknown, methods=["GET", "POST", "DELETE"]),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(timeout=listeners.TIMEOUT_S, verify=False) as client:  # noqa: S501 - loopback, self-signed
            turning = asyncio.create_task(self._turn(client))
            yield
            turning.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await turning

    async def _turn(self, client: httpx.AsyncClient) -> None:
        while True:
            try:
                self._pass_time()
                await self._postman.turn(client)
            except Exception:  # the double goes on; what it could not do is in its log
                log.exception("a turn failed")
            await asyncio.sleep(TURN_S)

    def _pass_time(self) -> None:
        """End what banks took their time for, and sessions that nobody paid."""
        call = Call(self._store, self._site)
        for payment in list(self._store.all("payment_intent", _is_processing)):
            payments.clear(call, payment)
            checkout.follow(call, payment)
        for refund in list(self._store.all("refund", lambda one: one["_ends"] is not None)):
            if refund["_due"] <= self._store.now_s(refund["customer"]):
                refunds.settle(call, refund)
        for session in list(self._store.all("checkout.session", _is_open)):
            if session["expires_at"] <= self._store.now_s(session["customer"]):
                checkout.expire(call, Params({}), session["id"])
        self._store.commit()

    def _api(self, route: Route) -> HttpRoute:
        async def answer(request: Request) -> Response:
            return await self._answer(request, route)

        return HttpRoute(route.path, answer, methods=[route.method])

    async def _answer(self, request: Request, route: Route) -> Response:
        request_id = f"req_{secrets.token_hex(7)}"
        try:
            _authorize(request)
            encoded = request.url.query if route.method == "GET" else await _body(request)
            fault = self._faults.take(_BEFORE, request.url.path)
            if fault:
                raise _refusal(fault.kind)
            status, body, more = self._once(request, route, encoded, request_id)
        except StripeError as error:
            status, body, more = error.status, error.body, {}
        self._store.commit()
        fault = self._faults.take(_AFTER, request.url.path)
        if fault and fault.kind == _LOST_ANSWER:
            await asyncio.sleep(fault.delay_s or SLOW_S)
        if fault:
            status, body = 500, _refusal(_BROKEN).body
        headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION} | more
        return JSONResponse(body, status, headers)

    def _once(
        self, request: Request, route: Route, encoded: str, request_id: str
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        """By an idempotency key the first answer again. Raises StripeError for a key that came with
        another request; what was refused before anything was done is not remembered."""
        key = request.headers.get("idempotency-key") if route.method == "POST" else None
        call = Call(self._store, self._site, request_id, key)
        if key is None:
            return (*self._done(call, request, route, encoded), {})
        if len(key) > MAX_KEY_CHARS:
            raise StripeError("The idempotency key is too long.", kind="idempotency_error")
        asked = hashlib.sha256(f"{request.url.path}\n{encoded}".encode()).hexdigest()
        kept_id = f"_key_{hashlib.sha256(key.encode()).hexdigest()}"
        kept = self._store.find(kept_id)
        if kept and kept["created"] > self._store.now_s() - KEY_LIFE_S:
            if kept["asked"] != asked:
                raise StripeError(
                    "Keys for idempotent requests can only be used with the same parameters they "
                    "were first used with.",
                    kind="idempotency_error",
                )
            again = {"Idempotent-Replayed": "true", "Original-Request": kept["request"]}
            return kept["status"], kept["answer"], again
        status, answer = self._done(call, request, route, encoded)
        fields = {"id": kept_id, "asked": asked, "status": status, "answer": answer}
        self._store.keep("_key", fields | {"request": request_id}, self._store.now_s())
        return status, answer, {}

    def _done(
        self, call: Call, request: Request, route: Route, encoded: str
    ) -> tuple[int, dict[str, Any]]:
        params = decode(encoded, route.declared)
        try:
            done = route.operation(call, params, *request.path_params.values())
        except StripeError as error:
            if error.status == 402:  # noqa: PLR2004 - a declined card is an outcome, and remembered
                return error.status, _plain(error.body)
            raise
        return 200, expand(self._store, told(done), params.texts("expand"))

    async def _pay(self, request: Request) -> Response:
        call, id_ = Call(self._store, self._site), request.path_params["id"]
        if request.method == "GET":
            return pages.show_payment(call, id_)
        answer = pages.take_payment(call, id_, decode(await _body(request), ""))
        self._store.commit()
        return answer

    async def _authenticate(self, request: Request) -> Response:
        call, id_ = Call(self._store, self._site), request.path_params["id"]
        if request.method == "GET":
            return pages.show_authentication(call, id_)
        answer = pages.take_authentication(call, id_, decode(await _body(request), ""))
        self._store.commit()
        return answer


def _is_processing(payment: dict[str, Any]) -> bool:
    return bool(payment["status"] == "processing")


def _is_open(session: dict[str, Any]) -> bool:
    return bool(session["status"] == "open")


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    """An error's body with the objects in it as they are told."""
    error = {k: told(v) if isinstance(v, dict) else v for k, v in body["error"].items()}
    return {"error": error}


def _authorize(request: Request) -> None:
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):
            credential = base64.b64decode(credential).decode().partition(":")[0]
    if not credential.startswith("sk_test_"):
        raise StripeError("Invalid API Key provided.", status=401)


async def _body(request: Request) -> str:
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise StripeError("Request is too large.", status=413)
    if request.headers.get("content-type", "").startswith("application/json"):
        return urlencode(json.loads(body or b"{}"))
    return body.decode()


def _refusal(kind: str) -> StripeError:
    if kind == _LIMITED:
        return StripeError("Too many requests.", kind="rate_limit_error", code="rate_limit")
    return StripeError("An unknown error occurred", kind="api_error")


async def _unknown(request: Request) -> Response:
    error = StripeError(
        f"Unrecognized request URL ({request.method}: {request.url.path}).", status=404
    )
    return JSONResponse(error.body, error.status)


async def _healthz(request: Request) -> Response:
    return Response(status_code=200)
