"""How the ledger's items are named; the key table stands in the package."""

STRIPE = 0
"""Until hot accounts are split, every balance has one stripe; the key already names it."""
HOLD_SHARDS = 8
"""Partitions of the index of open holds, so that it cannot throttle the table."""
REVENUE, PROMOTION = "SYS#revenue", "SYS#promotion"


def balance_pk(account: str) -> str:
    return f"BAL#{account}#{STRIPE}"


def grant_pk(grant: str) -> str:
    return f"GRANT#{grant}"


def line_sk(cause: str) -> str:
    return f"LINE#{cause}"


def hold_shards() -> list[str]:
    """The partitions of the index of open holds."""
    return [f"HOLD#{shard}" for shard in range(HOLD_SHARDS)]


def statement_sk(ended_ms: int, cause: str) -> str:
    """Where an ended line stands in its bucket's statement: the index by bucket and time. That is
    written no more often than the bucket's own partition, so it is not the hotter of the two."""
    return f"{ended_ms:013d}#{cause}"
