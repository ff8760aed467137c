"""Money is an integer number of nanodollars (1e-9 USD); JSON carries both exact forms."""

NANOS_PER_USD = 1_000_000_000
_PLACES = 9


def usd(nanos: int) -> str:
    """`1000000` → `"0.001"`: exact, without an exponent or trailing zeros."""
    whole, rest = divmod(abs(nanos), NANOS_PER_USD)
    text = f"{whole}.{rest:09d}".rstrip("0").rstrip(".")
    return f"-{text}" if nanos < 0 else text


def as_json(nanos: int) -> dict[str, str]:
    """`{"usd": "0.001", "nanos": "1000000"}`; strings, since JSON numbers lose digits."""
    return {"usd": usd(nanos), "nanos": str(nanos)}


def nanos(usd_text: str) -> int:
    """`"0.001"` → `1000000`, exactly. Raises ValueError for what is no such decimal, or has more
    than nine places."""
    whole, _, rest = usd_text.partition(".")
    if len(rest) > _PLACES:
        raise ValueError(f"more than {_PLACES} decimal places: {usd_text}")
    return int(whole) * NANOS_PER_USD + int(rest.ljust(_PLACES, "0"))
