"""How often something was tried in a window of time: one counter each, never given back.

item     pk                                  sk     index  ttl            retention
attempt  RATE#{limit}#{subject}#{window}     RATE   -      two windows    two windows

Counted before the work, by a condition, so that parallel guesses cannot slip through together.
"""

import hashlib
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from boto3.dynamodb.conditions import Attr

from functions.auth.digests import digest
from functions.auth.settings import settings
from sluice import clock
from sluice.errors import RateLimited
from sluice.table import Table, Write

KEPT_WINDOWS = 2
IPV6_NETWORK_BITS = 64
"""What one customer of an access provider usually has; single addresses of it cost nothing."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in a fixed window of `window_s` seconds."""

    name: str
    count: int
    window_s: int


def network(address: str) -> str:
    """A keyed digest of the network that limits apply to: an IPv4 address, or 64 bits of IPv6."""
    try:
        ip = ip_address(address)
    except ValueError:
        return digest("network", "unknown")
    if isinstance(ip, IPv6Address):
        return digest("network", f"{int(ip) >> (128 - IPV6_NETWORK_BITS):x}/{IPV6_NETWORK_BITS}")
    return digest("network", str(ip))


def take(limit: Limit, *subject: str) -> None:
    """Count one attempt; raises RateLimited, with the seconds until the window ends, beyond the
    limit. Subjects are ids or digests, never plain addresses."""
    _, left_s = _window(limit)
    _count(limit, subject, limited=True, left_s=left_s).send()


def count(limit: Limit, *subject: str) -> int:
    """Count one attempt without limiting; gives how many there were in this window."""
    taken = _count(limit, subject, limited=False, left_s=0).send("ALL_NEW")["taken"]
    return int(taken)


def _window(limit: Limit) -> tuple[int, int]:
    window, elapsed_s = divmod(clock.now_s(), limit.window_s)
    return window, limit.window_s - elapsed_s


def _count(limit: Limit, subject: tuple[str, ...], *, limited: bool, left_s: int) -> Write:
    key = hashlib.sha256("#".join(subject).encode()).hexdigest()
    return Table(settings().accounts_table).update(
        f"RATE#{limit.name}#{key}#{_window(limit)[0]}",
        "RATE",
        add={"taken": 1},
        set_={"ttl": clock.now_s() + KEPT_WINDOWS * limit.window_s},
        when=Attr("taken").not_exists() | Attr("taken").lt(limit.count) if limited else None,
        refused=lambda old: RateLimited(
            f"Too many attempts; try again in {left_s} seconds.", retry_after_s=left_s
        ),
    )
