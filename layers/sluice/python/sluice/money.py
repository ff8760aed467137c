"""Money is an integer number of nanodollars (1e-9 USD); JSON carries both exact forms."""

from decimal import Decimal

NANOS_PER_USD = 1_000_000_000


def usd(nanos: int) -> str:
    """`1000000` → `"0.001"`: exact, without an exponent or trailing zeros."""
    return f"{(Decimal(nanos) / NANOS_PER_USD).normalize():f}"


def as_json(nanos: int) -> dict[str, str]:
    """`{"usd": "0.001", "nanos": "1000000"}`; strings, since JSON numbers lose digits."""
    return {"usd": usd(nanos), "nanos": str(nanos)}
