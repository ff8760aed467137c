"""How many requests a credential made to a model this minute: one conditional counter.

It stands outside every transaction and is never given back: cancelled and refused work counts,
or a limit would bound nothing. The key table is in `jobs/store.py`.
"""

from boto3.dynamodb.conditions import Attr

from functions.inference.settings import settings
from sluice import clock
from sluice.errors import RateLimited
from sluice.table import Table

WINDOW_S = 60
KEPT_WINDOWS = 2


def take(credential: str, model: str, limit: int) -> None:
    """Count one request; raises RateLimited with the seconds until the next minute."""
    now_s = clock.now_s()
    minute, elapsed_s = divmod(now_s, WINDOW_S)
    Table(settings().jobs_table).update(
        f"RATE#{credential}#{model}#{minute}",
        "RATE",
        add={"taken": 1},
        set_={"ttl": now_s + KEPT_WINDOWS * WINDOW_S},
        when=Attr("taken").not_exists() | Attr("taken").lt(limit),
        refused=lambda old: RateLimited(
            f"{model} takes {limit} requests a minute from one credential; wait and try again.",
            retry_after_s=WINDOW_S - elapsed_s,
        ),
    ).send()
