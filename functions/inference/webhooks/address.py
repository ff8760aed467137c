"""Which addresses a webhook may reach: those of the public internet, by a list of our own.

The standard library's `is_global` lets NAT64 (64:ff9b::/96), 6to4 (2002::/16), multicast and more
through, each of which leads somewhere inside; so IPv6 is open only where IANA has given addresses
out (2000::/3), and what is special in there, as in IPv4, is denied by the tables of RFC 6890 and
its successors. A name is resolved once for an attempt; the connection goes to what was checked.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from functions.inference.webhooks.target import Target

MAX_ADDRESSES = 16
"""More than any honest name has; all of them are checked, and a name with more is refused."""
_ALLOWED = (ip_network("0.0.0.0/0"), ip_network("2000::/3"))
_DENIED = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",
            "100.64.0.0/10",  # carriers' NAT
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local: instance and container credentials
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "2001::/23",  # Teredo, ORCHID, benchmarks
            "2001:db8::/32",
            "2002::/16",  # 6to4
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)


class NameUnknown(Exception):
    """The name has no address."""


class AddressForbidden(Exception):
    """The name leads to an address that is not of the public internet."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in _ALLOWED) and not any(
        address in network for network in _DENIED
    )


def resolve(target: Target) -> list[str]:
    """Every address of the target's host, IPv4 first, as texts that no resolver reads again.
    Raises NameUnknown, or AddressForbidden when even one of them is not public."""
    try:
        found = socket.getaddrinfo(target.host.strip("[]"), target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NameUnknown(target.host) from None
    addresses = {str(entry[4][0]) for entry in found}
    if not 0 < len(addresses) <= MAX_ADDRESSES:
        raise NameUnknown(target.host)
    parsed = [_parsed(address) for address in addresses]
    allowed = _is_loopback if target.is_loopback else is_public
    if not all(map(allowed, parsed)):
        raise AddressForbidden(target.host)
    return [str(address) for address in sorted(parsed, key=lambda one: (one.version, int(one)))]


def _parsed(address: str) -> IPv4Address | IPv6Address:
    """Raises AddressForbidden for one with a zone, which names an interface of this machine."""
    try:
        parsed = ip_address(address)
    except ValueError:
        raise AddressForbidden(address) from None
    if isinstance(parsed, IPv6Address) and parsed.scope_id is not None:
        raise AddressForbidden(address)
    return parsed


def _is_loopback(address: IPv4Address | IPv6Address) -> bool:
    return address.is_loopback
