"""Reading what there is: one object, a list, a search by metadata."""

import re
from collections.abc import Iterator

from local.stripe.call import Call, Operation, Route, cut, page
from local.stripe.errors import StripeError
from local.stripe.params import Params
from local.stripe.store import Object

# Kind, its path, and the fields that its list may be narrowed by.
_KINDS = (
    ("customer", "customers", ("email", "test_clock")),
    ("payment_method", "payment_methods", ()),
    ("setup_intent", "setup_intents", ("customer", "payment_method")),
    ("payment_intent", "payment_intents", ("customer",)),
    ("charge", "charges", ("customer", "payment_intent")),
    ("refund", "refunds", ("charge", "payment_intent")),
    ("dispute", "disputes", ("charge", "payment_intent")),
    ("radar.early_fraud_warning", "radar/early_fraud_warnings", ("charge", "payment_intent")),
    ("balance_transaction", "balance_transactions", ("source", "type")),
    ("product", "products", ()),
    ("price", "prices", ("product", "type", "currency")),
    ("checkout.session", "checkout/sessions", ("customer", "payment_intent", "status")),
    ("event", "events", ("type",)),
    ("webhook_endpoint", "webhook_endpoints", ()),
    ("test_helpers.test_clock", "test_helpers/test_clocks", ()),
)
_SEARCHABLE = ("customer", "payment_intent", "charge")
_TERM = re.compile(
    r"""\s*(?:and\s+)?(?:metadata\[["'](?P<key>[^"']+)["']\]|(?P<field>[a-z_]+))\s*:\s*"""
    r"""["'](?P<value>[^"']*)["']\s*""",
    re.IGNORECASE,
)
MAX_QUERY_CHARS = 500


def _get(kind: str) -> Operation:
    def get(call: Call, params: Params, id_: str) -> Object:
        return call.store.get(kind, id_)

    return get


def _list(kind: str, filters: tuple[str, ...]) -> Operation:
    def list_(call: Call, params: Params) -> Object:
        return page(call, params, kind, *filters)

    return list_


def _search(kind: str, path: str) -> Operation:
    def search(call: Call, params: Params) -> Object:
        terms = list(_terms(params.get_text("query")))
        found = [thing for thing in call.store.all(kind) if _fits(thing, terms)]
        own = Params({"limit": str(params.whole("limit") or 10)})
        answer = cut(found, own, f"/v1/{path}/search")
        return answer | {"object": "search_result", "next_page": None}

    return search


def _terms(query: str) -> Iterator[tuple[str | None, str | None, str]]:
    """Of a query that wants all of some equalities, which is all that is known here."""
    at = 0
    while at < len(query):
        term = _TERM.match(query, at)
        if term is None or len(query) > MAX_QUERY_CHARS:
            raise StripeError("We could not parse your search query.", param="query")
        yield term["key"], term["field"], term["value"]
        at = term.end()


def _fits(thing: Object, terms: list[tuple[str | None, str | None, str]]) -> bool:
    return all(
        (thing["metadata"] or {}).get(key) == value if key else thing.get(field or "") == value
        for key, field, value in terms
    )


ROUTES = (
    *(
        Route("GET", f"/v1/{path}/search", _search(kind, path))
        for kind, path, _ in _KINDS
        if kind in _SEARCHABLE
    ),
    *(Route("GET", f"/v1/{path}", _list(kind, filters)) for kind, path, filters in _KINDS),
    *(Route("GET", f"/v1/{path}/{{id}}", _get(kind)) for kind, path, _ in _KINDS),
)
"""Behind those of single kinds, where their paths are the same."""
