"""Schedule handler, every minute: wakes the lanes in which a delivery is due.

Whatever happened to a lane's messages and workers, it stays in the index of what is due while
anything in it is pending; so this is what makes deliveries come at least once.
"""

from typing import Any

from functions.inference.webhooks import lanes, store

MAX_PAGES_PER_SHARD = 20
"""Of a hundred lanes each; with more, the rest wait for the next minute."""


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Gives how many lanes it woke."""
    woken = 0
    for shard in store.due_shards():
        cursor = None
        for _ in range(MAX_PAGES_PER_SHARD):
            due, cursor = store.list_due(shard, cursor)
            lanes.wake_all(due)
            woken += len(due)
            if cursor is None:
                break
    return {"woken": woken}
