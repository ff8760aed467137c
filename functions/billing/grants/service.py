"""The free grant: once for each person, however many accounts they open."""

from functions.billing.grants import store
from functions.billing.settings import settings
from sluice import clock, ids
from sluice.errors import Conflict, Unavailable
from sluice.log import logger

MAX_PLANS = 3
"""Each plan that is refused finds at least one thing more done, and there are two things to do."""
DAY_MS = 24 * 3600 * clock.MS_PER_S
REASON = "free"


def welcome(account: str, person: str) -> None:
    """Open the account's balance and give the person's free grant, as far as either is missing.

    It may be called any number of times, concurrently and late: the keys of balance and grant let
    each happen once. `person` is a stable digest of who it is; it outlives every account, and so
    does the grant, so a second account gets a balance alone. Raises Unavailable under contention.
    """
    grant = store.Grant(
        id=ids.derive("grant", "free", person),
        nanos=settings().free_grant_nanos,
        reason=REASON,
        expires_ms=clock.now_ms() + settings().free_grant_days * DAY_MS,
    )
    for _ in range(MAX_PLANS):
        missing = store.missing(account, grant)
        if missing is None:
            return
        try:
            missing.commit()
        except Conflict:
            continue
        logger.info("welcomed", extra={"account": account, "grant": grant.id})
        return
    raise Unavailable("The balance is being opened by others; try again.", retry_after_s=1)
