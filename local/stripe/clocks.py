"""Test clocks: a time of their own for the customers that have one."""

from typing import Any

from local.stripe.call import Call, Route
from local.stripe.errors import StripeError
from local.stripe.params import Params
from local.stripe.store import Object

KIND = "test_helpers.test_clock"
MAX_STEP_S = 2 * 366 * 24 * 3600
LIFE_S = 30 * 24 * 3600


def create(call: Call, params: Params) -> Object:
    now_s = call.store.now_s()
    fields: dict[str, Any] = {
        "frozen_time": params.get_whole("frozen_time"),
        "name": params.text("name"),
        "status": "ready",
        "deletes_after": now_s + LIFE_S,
        "status_details": {},
    }
    clock = call.store.add(KIND, "clock", fields, now_s)
    call.emit("test_helpers.test_clock.created", clock)
    return clock


def advance(call: Call, params: Params, id_: str) -> Object:
    clock = call.store.get(KIND, id_)
    wanted = params.get_whole("frozen_time")
    if not 0 < wanted - clock["frozen_time"] <= MAX_STEP_S:
        raise StripeError("A clock moves forward, by two years at most.", param="frozen_time")
    previous = call.store.change(clock, frozen_time=wanted)
    call.emit("test_helpers.test_clock.advancing", clock, previous)
    call.emit("test_helpers.test_clock.ready", clock)
    return clock


def delete(call: Call, params: Params, id_: str) -> Object:
    clock = call.store.get(KIND, id_)
    for customer in list(call.store.all("customer", lambda one: one["test_clock"] == id_)):
        call.store.remove(customer)
    call.store.remove(clock)
    call.emit("test_helpers.test_clock.deleted", clock)
    return {"id": id_, "object": KIND, "deleted": True}


ROUTES = (
    Route("POST", "/v1/test_helpers/test_clocks", create, "test_helpers.TestClockCreateParams"),
    Route("DELETE", "/v1/test_helpers/test_clocks/{id}", delete),
    Route(
        "POST",
        "/v1/test_helpers/test_clocks/{id}/advance",
        advance,
        "test_helpers.TestClockAdvanceParams",
    ),
)
