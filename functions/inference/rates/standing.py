"""How a request stands against its rates, told in the headers of its answer in its family's form.

What is told is what the rate's one write said; a request that counts against no rate tells none.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

WINDOW_S = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one limit: `remaining` of `limit` requests until the minute is over in `reset_s`. `policy`
    says whose limit it is: the key's or the account's."""

    policy: str
    limit: int
    remaining: int
    reset_s: int


_noted: ContextVar[list[Standing] | None] = ContextVar("rate standing", default=None)


def note(*standing: Standing) -> None:
    """Remember how the current request stands; the last to be noted is told."""
    noted = _noted.get()
    if noted is not None:
        noted[:] = standing


def current() -> tuple[Standing, ...]:
    """How the current request stands, empty while it has counted against no rate."""
    return tuple(_noted.get() or ())


def tightest(standing: tuple[Standing, ...]) -> Standing:
    """The limit that will be met first."""
    return min(standing, key=lambda one: (one.remaining, one.limit))


def ietf_headers(standing: tuple[Standing, ...]) -> Mapping[str, str]:
    """`RateLimit-Policy` and `RateLimit` of draft-ietf-httpapi-ratelimit-headers."""
    policies = (f'"{one.policy}";q={one.limit};w={WINDOW_S}' for one in standing)
    limits = (f'"{one.policy}";r={one.remaining};t={one.reset_s}' for one in standing)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(limits)}


def openai_headers(standing: tuple[Standing, ...]) -> Mapping[str, str]:
    """OpenAI's `x-ratelimit-*-requests`, of the limit that will be met first."""
    one = tightest(standing)
    return {
        "x-ratelimit-limit-requests": str(one.limit),
        "x-ratelimit-remaining-requests": str(one.remaining),
        "x-ratelimit-reset-requests": _duration(one.reset_s),
    }


def _duration(seconds: int) -> str:
    """As OpenAI writes it: `1s`, `6m0s`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


_FAMILIES: Mapping[str, Callable[[tuple[Standing, ...]], Mapping[str, str]]] = {
    "/openai/": openai_headers,
    "/v3/": openai_headers,
    "/v1/": ietf_headers,
}
"""By the path's beginning. Novita documents none, so `/v3` has those that its clients' OpenAI half
knows."""


class RateHeaders:
    """Tells every request's standing, whatever became of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        _noted.set([])

        async def send_with_rates(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = _headers(scope["path"])
                message["headers"] = [*message["headers"], *told]
            await send(message)

        await self.app(scope, receive, send_with_rates)


def _headers(path: str) -> list[tuple[bytes, bytes]]:
    standing = current()
    if not standing:
        return []
    render = next(
        (render for prefix, render in _FAMILIES.items() if path.startswith(prefix)), ietf_headers
    )
    return [(name.lower().encode(), value.encode()) for name, value in render(standing).items()]
