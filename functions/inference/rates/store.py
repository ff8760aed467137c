"""How many requests an account, and each of its keys, made to a model this minute: one item, one
conditional update a request; and of a key that has a rate of its own, one item more, of all models.

It stands outside every transaction and is never given back: cancelled and refused work counts,
or a limit would bound nothing. The key table is in `jobs/store.py`.
"""

from collections.abc import Mapping
from functools import reduce
from operator import and_

from boto3.dynamodb.conditions import Attr, ConditionBase

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
    minute, elapsed_s = divmod(clock.now_s(), WINDOW_S)
    reset_s = WINDOW_S - elapsed_s
    if principal.rate_per_minute is not None:
        wanted = _take(_own_rate(principal, principal.rate_per_minute, minute, reset_s), wanted)
    return _take(_of_tier(principal, card, minute, reset_s), wanted)


def _take(window: "_Window", wanted: int) -> int:
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


def _of_tier(principal: Principal, card: Card, minute: int, reset_s: int) -> "_Window":
    """One account's minute at one model, as one of its credentials sees it."""
    limits, base = limits_of(principal.tier), card.limits["rate_per_minute"]
    most = {
        principal.credential: base * limits.key_rate,
        _ACCOUNT: base * limits.account_rate,
    }
    refusal = (
        f"{card.id} takes {base * limits.key_rate} requests a minute from one credential and "
        f"{base * limits.account_rate} from one account; wait and try again."
    )
    return _Window(f"RATE#{principal.account}#{card.id}#{minute}", most, reset_s, refusal)


def _own_rate(principal: Principal, rate: int, minute: int, reset_s: int) -> "_Window":
    """One key's minute at all models."""
    refusal = f"This key takes {rate} requests a minute; wait and try again."
    pk = f"RATE#{principal.account}#{principal.credential}#{minute}"
    return _Window(pk, {principal.credential: rate}, reset_s, refusal)


class _Window:
    """One minute's counters in one item, each with the `most` that it takes."""

    def __init__(self, pk: str, most: Mapping[str, int], reset_s: int, refusal: str) -> None:
        self._pk, self._most = pk, most
        self.most = min(most.values())
        self.reset_s, self.refusal = reset_s, refusal

    def count(self, wanted: int) -> None:
        """Raises _Full."""
        fits: list[ConditionBase] = [
            Attr(name).not_exists() | Attr(name).lte(most - wanted)
            for name, most in self._most.items()
        ]
        counted = Table(settings().jobs_table).update(
            self._pk,
            "RATE",
            add=dict.fromkeys(self._most, wanted),
            set_={"ttl": clock.now_s() + KEPT_WINDOWS * WINDOW_S},
            when=reduce(and_, fits),
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
            *(
                Standing("account" if name == _ACCOUNT else "key", most, left[name], self.reset_s)
                for name, most in self._most.items()
            )
        )
