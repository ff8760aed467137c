"""How many requests an account, and each of its keys, made to a model this minute: one item, one
conditional update a request.

It stands outside every transaction and is never given back: cancelled and refused work counts,
or a limit would bound nothing. The key table is in `jobs/store.py`.
"""

from boto3.dynamodb.conditions import Attr

from functions.inference.rates.standing import WINDOW_S, Standing, note
from functions.inference.settings import settings
from sluice import clock
from sluice.catalog import Card
from sluice.errors import RateLimited
from sluice.limits import limits_of
from sluice.principal import Principal
from sluice.table import Item, Table

KEPT_WINDOWS = 2
MAX_TRIES = 3
_ACCOUNT = "taken"


def take(principal: Principal, card: Card, wanted: int = 1) -> int:
    """Count `wanted` requests, or as many of them as the minute still takes, and give how many;
    raises RateLimited, with the seconds until the next minute, when it takes none. The request's
    standing is noted for its answer's headers."""
    now_s = clock.now_s()
    minute, elapsed_s = divmod(now_s, WINDOW_S)
    window = _Window(principal, card, minute, WINDOW_S - elapsed_s)
    wanted = min(wanted, window.most)
    for _ in range(MAX_TRIES):
        try:
            window.count(wanted)
        except _Full as full:
            wanted = min(wanted - 1, full.left)
            if wanted <= 0:
                break
        else:
            return wanted
    raise RateLimited(window.refusal, retry_after_s=window.reset_s)


class _Full(Exception):
    """The minute takes only `left` more."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class _Window:
    """One account's minute at one model, as one of its credentials sees it."""

    def __init__(self, principal: Principal, card: Card, minute: int, reset_s: int) -> None:
        limits, base = limits_of(principal.tier), card.limits["rate_per_minute"]
        self._pk = f"RATE#{principal.account}#{card.id}#{minute}"
        self._credential = principal.credential
        self._most = {
            principal.credential: base * limits.key_rate,
            _ACCOUNT: base * limits.account_rate,
        }
        self.most = min(self._most.values())
        self.reset_s = reset_s
        self.refusal = (
            f"{card.id} takes {base * limits.key_rate} requests a minute from one credential and "
            f"{base * limits.account_rate} from one account; wait and try again."
        )

    def count(self, wanted: int) -> None:
        """Raises _Full."""
        by_key, by_account = (
            Attr(name).not_exists() | Attr(name).lte(most - wanted)
            for name, most in self._most.items()
        )
        counted = Table(settings().jobs_table).update(
            self._pk,
            "RATE",
            add=dict.fromkeys(self._most, wanted),
            set_={"ttl": clock.now_s() + KEPT_WINDOWS * WINDOW_S},
            when=by_key & by_account,
            refused=self._refused,
        )
        self._note(counted.send("ALL_NEW"))

    def _refused(self, old: Item | None) -> Exception:
        self._note(old or {})
        return _Full(min(self._left(old or {}).values()))

    def _left(self, item: Item) -> dict[str, int]:
        return {name: max(0, most - item.get(name, 0)) for name, most in self._most.items()}

    def _note(self, item: Item) -> None:
        left = self._left(item)
        note(
            Standing("key", self._most[self._credential], left[self._credential], self.reset_s),
            Standing("account", self._most[_ACCOUNT], left[_ACCOUNT], self.reset_s),
        )
