"""One call of the API: what an operation may use, and how what it gives is told."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from local.stripe.errors import StripeError
from local.stripe.params import Params
from local.stripe.store import DEFAULT_PAGE, MAX_PAGE, Object, Store

API_VERSION = "2026-10-28.endive"
MAX_EXPANSION = 4


@dataclass(frozen=True, slots=True)
class Call:
    """`site` is where the double's own pages are; `request` and `key` identify the call, the latter
    as its idempotency key."""

    store: Store
    site: str
    request: str | None = None
    key: str | None = None

    def emit(
        self, type_: str, thing: Object, previous: Mapping[str, Any] | None = None
    ) -> Object | None:
        """Remember the event, if there is one of the change `previous`; who listens is told after
        the call."""
        if previous is not None and not previous:
            return None
        data: dict[str, Any] = {"object": told(thing)}
        if previous:
            data["previous_attributes"] = dict(previous)
        listening = [one["id"] for one in self.store.all("webhook_endpoint", _hears(type_))]
        return self.store.add(
            "event",
            "evt",
            {
                "type": type_,
                "data": data,
                "api_version": API_VERSION,
                "request": {"id": self.request, "idempotency_key": self.key},
                "pending_webhooks": len(listening),
                "_undelivered": dict.fromkeys(listening, 0),
            },
            self.store.now_s(thing.get("customer")),
        )


type Operation = Callable[..., Object]


@dataclass(frozen=True, slots=True)
class Route:
    """`declared` names the official client's type of the parameters; empty for what that client
    does not know."""

    method: str
    path: str
    operation: Operation
    declared: str = ""


def _hears(type_: str) -> Callable[[Object], bool]:
    return lambda endpoint: (
        endpoint["status"] == "enabled" and {type_, "*"} & set(endpoint["enabled_events"]) != set()
    )


def told(thing: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without the double's own fields."""
    return {name: deepcopy(value) for name, value in thing.items() if not name.startswith("_")}


def page(call: Call, params: Params, kind: str, *filters: str) -> Object:
    """A list's page, by the parameters that all lists have and equality of `filters`."""
    wanted = {name: params.text(name) for name in filters if params.text(name) is not None}
    found = call.store.all(kind, lambda thing: all(thing.get(k) == v for k, v in wanted.items()))
    created = params.nested("created")
    matching = [thing for thing in found if _is_within(thing["created"], created)]
    return cut(matching, params, f"/v1/{kind}s")


def _is_within(created: int, bounds: Params) -> bool:
    lower, above = bounds.whole("gte"), bounds.whole("gt")
    upper, below = bounds.whole("lte"), bounds.whole("lt")
    return (
        (lower is None or created >= lower)
        and (above is None or created > above)
        and (upper is None or created <= upper)
        and (below is None or created < below)
    )


def cut(things: list[Object], params: Params, url: str) -> Object:
    """The page of `things`, newest first, that cursors and `limit` name."""
    limit = params.whole("limit") or DEFAULT_PAGE
    if not 1 <= limit <= MAX_PAGE:
        raise StripeError(f"This value must be between 1 and {MAX_PAGE}.", param="limit")
    ids = [thing["id"] for thing in things]
    after, before = params.text("starting_after"), params.text("ending_before")
    start, end = 0, len(ids)
    if after in ids:
        start = ids.index(after) + 1
    if before in ids:
        end = ids.index(before)
        start = max(0, end - limit)
    data = [told(thing) for thing in things[start:end][:limit]]
    more = start > 0 if before else start + limit < end
    return {"object": "list", "url": url, "has_more": more, "data": data}


def expand(store: Store, answer: Object, paths: list[str]) -> Object:
    """Objects in place of their ids, as `expand[]` asks. Raises StripeError for other paths."""
    for path in paths:
        parts = path.split(".")
        if len(parts) > MAX_EXPANSION:
            raise StripeError(
                f"You cannot expand more than {MAX_EXPANSION} levels.", param="expand"
            )
        for holder, name in _holders(answer, parts, store):
            found = store.find(holder[name]) if isinstance(holder[name], str) else None
            if found:
                holder[name] = told(found)
    return answer


def _holders(holder: Any, parts: list[str], store: Store) -> Iterator[tuple[dict[str, Any], str]]:
    name, *rest = parts
    if isinstance(holder, list):
        for one in holder:
            yield from _holders(one, parts, store)
    elif isinstance(holder, dict):
        if name not in holder:
            raise StripeError(f"This property cannot be expanded ({name}).", param="expand")
        if not rest:
            yield holder, name
        elif isinstance(holder[name], str):
            yield from _holders(_resolved(holder, name, store), rest, store)
        else:
            yield from _holders(holder[name], rest, store)


def _resolved(holder: dict[str, Any], name: str, store: Store) -> Any:
    found = store.find(holder[name])
    if found:
        holder[name] = told(found)
    return holder[name]
