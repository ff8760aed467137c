"""Schedule handler, every hour: closes the accounts whose time has come."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.auth.closing import store
from functions.auth.closing.completion import complete
from sluice import ids
from sluice.caller import Caller
from sluice.errors import SluiceError
from sluice.log import logger

MAX_PAGES_PER_SHARD = 10
"""Of a hundred accounts each; with more, the rest close in the next hour."""
_TROUBLE = (SluiceError, BotoCoreError, ClientError, LookupError, TypeError, ValueError)
"""What one account may meet; it must not keep the others open."""


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Gives how many accounts it closed."""
    closed = 0
    for shard in store.shards():
        cursor = None
        for _ in range(MAX_PAGES_PER_SHARD):
            due, cursor = store.list_due(shard, cursor)
            closed += sum(map(_close, due))
            if cursor is None:
                break
    return {"closed": closed}


def _close(account: str) -> bool:
    logger.append_keys(account=account)
    try:
        return complete(account, Caller("schedule", ids.new("req")))
    except _TROUBLE:
        logger.exception("could not close; the next hour tries again")
        return False
