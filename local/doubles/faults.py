"""Faults on demand, for tests of what depends on a double.

A double started with `--faults` takes `POST /_faults {"kind", "target", "times", "delay_s"}` and
forgets them all at `DELETE /_faults`. A fault is used up by the calls it meets, in order. A
double started without the flag has no such path.
"""

import json
from collections import deque
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

MAX_FAULTS = 1000
MAX_DELAY_S = 600.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` says what goes wrong, `target` to whom (a model or an operation; empty: anybody)."""

    kind: str
    target: str = ""
    delay_s: float = 0.0


class Faults:
    """The faults that are still to happen."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self.kinds = kinds
        self._waiting: deque[Fault] = deque(maxlen=MAX_FAULTS)

    def take(self, kinds: frozenset[str], target: str) -> Fault | None:
        """The oldest waiting fault of these kinds for this target, now used up."""
        for fault in self._waiting:
            if fault.kind in kinds and fault.target in ("", target):
                self._waiting.remove(fault)
                return fault
        return None

    def routes(self) -> list[Route]:
        return [Route("/_faults", self._change, methods=["POST", "DELETE"])]

    async def _change(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._waiting.clear()
            return Response(status_code=204)
        try:
            self._add(json.loads(await request.body()))
        except (ValueError, TypeError, KeyError) as error:
            return JSONResponse({"error": str(error), "kinds": sorted(self.kinds)}, 400)
        return JSONResponse({"waiting": len(self._waiting)}, 201)

    def _add(self, wanted: dict[str, Any]) -> None:
        kind, times = str(wanted["kind"]), int(wanted.get("times", 1))
        delay_s = float(wanted.get("delay_s", 0))
        if kind not in self.kinds:
            raise ValueError(f"no fault is called {kind}")
        if not 1 <= times <= MAX_FAULTS - len(self._waiting) or not 0 <= delay_s <= MAX_DELAY_S:
            raise ValueError("times or delay_s is out of bounds")
        fault = Fault(kind, str(wanted.get("target", "")), delay_s)
        self._waiting.extend([fault] * times)
