"""AWS calls and capacity units of each operation, counted at botocore's seam."""

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

from benchmarks.counting import Counted, Spent, counted
from benchmarks.report import show
from sluice.limits import limits_of
from tests.inference import samples
from tests.replaced import forget_everything

WARM_BUDGET: Final = 4
COLD_BUDGET: Final = 5
CHAT: Final = {"messages": [{"role": "user", "content": "Why is the sky blue?"}], "max_tokens": 64}


def measure() -> Mapping[str, Spent]:
    """Operation → what it spent. Each is the second of its kind, except where it says cold."""
    with counted() as stage:
        picture = {"image": base64.b64encode(samples.picture()).decode(), "scale": 4}
        plan: dict[str, Callable[[], Any]] = {
            "accept chat, process cold": lambda: stage.submit("smollm2-135m", CHAT),
            "accept chat, key expired": lambda: _with_key_expired(stage),
            "accept chat": lambda: stage.submit("smollm2-135m", CHAT),
            "complete chat": lambda: _completed(stage),
            "read a chat's result": lambda: stage.send("GET", f"/v1/inference/jobs/{chat}"),
            "accept upscale": lambda: stage.submit("span-x4", picture),
            "complete upscale": lambda: _completed(stage),
            "list jobs": lambda: stage.send("GET", "/v1/inference/jobs"),
            "accept chat that must wait": lambda: stage.submit("smollm2-135m", CHAT),
            "accept a batch of 20 that must wait": lambda: _batch(stage, 20),
            "complete chat, and send the one that waits": lambda: _completed(stage),
            "cancel": lambda: stage.send("DELETE", f"/v1/inference/jobs/{waiting}"),
        }
        forget_everything()
        spent: dict[str, Spent] = {}
        chat = waiting = ""
        for name, action in plan.items():
            if name.startswith("complete"):
                stage.work()
                stage.notices[:-1] = []
            if name == "accept chat that must wait":
                stage.during(lambda: _fill_slots(stage))
            if name == "cancel":
                waiting, _ = stage.during(lambda: stage.submit("smollm2-135m", CHAT))
            answer, spent[name] = stage.during(action)
            if name == "accept chat":
                chat = answer
        return spent


def _with_key_expired(stage: Counted) -> str:
    """As after three seconds in a process that lives on."""
    from sluice.principal import forget_cached

    forget_cached()
    return stage.submit("smollm2-135m", CHAT)


def _fill_slots(stage: Counted) -> None:
    for _ in range(limits_of("free").in_flight + 1):
        stage.submit("smollm2-135m", CHAT)


def _batch(stage: Counted, size: int) -> None:
    orders = [{"model": "smollm2-135m", "input": CHAT}] * size
    stage.send("POST", "/v1/inference/jobs/batch", body={"jobs": orders})


def _completed(stage: Counted) -> None:
    stage.complete()


def run() -> Mapping[str, Spent]:
    spent = measure()
    show(
        "AWS calls and capacity units of an operation",
        ["operation", "calls", "read units", "write units", "which"],
        [
            (name, used.total_calls, used.read_units, used.write_units, used.named())
            for name, used in spent.items()
        ],
        f"Budget for accepting a job: {WARM_BUDGET} calls with the key cached, {COLD_BUDGET} with "
        "it expired. A cold process reads the root secret and the balance too, once in its life "
        "and once a minute for an account. Transactions count two units for each kilobyte. An "
        "input over 4 kB is an object of its own, so accepting it takes one call more.",
    )
    return spent
