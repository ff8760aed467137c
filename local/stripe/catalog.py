"""Products and their prices."""

from typing import Any

from local.stripe.call import Call, Route
from local.stripe.errors import StripeError, required
from local.stripe.params import Params
from local.stripe.store import Object

_INTERVALS = ("day", "week", "month", "year")


def create_product(call: Call, params: Params) -> Object:
    now_s = call.store.now_s()
    fields = {"name": params.get_text("name"), "description": params.text("description")}
    flags = {"active": params.flag("active", default=True), "type": "service"}
    lists: dict[str, Any] = {"images": [], "marketing_features": [], "updated": now_s}
    taxed = {"tax_code": params.text("tax_code"), "metadata": params.metadata()}
    product = call.store.add("product", "prod", fields | flags | lists | taxed, now_s)
    call.emit("product.created", product)
    if "default_price_data" in params:
        price = _price(call, params.nested("default_price_data"), product["id"])
        call.store.change(product, default_price=price["id"])
    return product


def update_product(call: Call, params: Params, id_: str) -> Object:
    product = call.store.get("product", id_)
    fields: dict[str, Any] = {"metadata": params.metadata(product["metadata"])}
    fields |= {name: params.text(name) for name in ("name", "description") if name in params}
    if "active" in params:
        fields["active"] = params.flag("active")
    call.emit("product.updated", product, call.store.change(product, **fields))
    return product


def delete_product(call: Call, params: Params, id_: str) -> Object:
    product = call.store.get("product", id_)
    if any(call.store.all("price", lambda price: price["product"] == id_)):
        raise StripeError("This product cannot be deleted because it has prices.")
    call.store.remove(product)
    call.emit("product.deleted", product)
    return {"id": id_, "object": "product", "deleted": True}


def create_price(call: Call, params: Params) -> Object:
    product = params.text("product")
    if product is None and "product_data" in params:
        product = create_product(call, params.nested("product_data"))["id"]
    if product is None:
        raise required("product")
    call.store.get("product", product, "product")
    return _price(call, params, product)


def inline_price(call: Call, params: Params) -> Object:
    """Of a line that brings its price along, as `price_data`."""
    return create_price(call, params)


def _price(call: Call, params: Params, product: str) -> Object:
    amount = params.get_whole("unit_amount")
    if amount < 0:
        raise StripeError("Invalid non-negative integer", param=params.path("unit_amount"))
    recurring = _recurring(params)
    price = call.store.add(
        "price",
        "price",
        {
            "active": True,
            "billing_scheme": "per_unit",
            "currency": params.get_text("currency").lower(),
            "lookup_key": params.text("lookup_key"),
            "metadata": params.metadata(),
            "nickname": params.text("nickname"),
            "product": product,
            "recurring": recurring,
            "tax_behavior": params.text("tax_behavior") or "unspecified",
            "type": "recurring" if recurring else "one_time",
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
        },
        call.store.now_s(),
    )
    call.emit("price.created", price)
    return price


def _recurring(params: Params) -> dict[str, Any] | None:
    if "recurring" not in params:
        return None
    given = params.nested("recurring")
    interval = given.one_of("interval", _INTERVALS)
    if interval is None:
        raise required("recurring[interval]")
    count = given.whole("interval_count") or 1
    return {"interval": interval, "interval_count": count, "meter": None} | {
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def update_price(call: Call, params: Params, id_: str) -> Object:
    price = call.store.get("price", id_)
    fields: dict[str, Any] = {"metadata": params.metadata(price["metadata"])}
    if "active" in params:
        fields["active"] = params.flag("active")
    if "nickname" in params:
        fields["nickname"] = params.text("nickname")
    call.emit("price.updated", price, call.store.change(price, **fields))
    return price


ROUTES = (
    Route("POST", "/v1/products", create_product, "ProductCreateParams"),
    Route("POST", "/v1/products/{id}", update_product, "ProductUpdateParams"),
    Route("DELETE", "/v1/products/{id}", delete_product),
    Route("POST", "/v1/prices", create_price, "PriceCreateParams"),
    Route("POST", "/v1/prices/{id}", update_price, "PriceUpdateParams"),
)
