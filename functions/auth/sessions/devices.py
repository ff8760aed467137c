"""What a session's list says of where it was opened: enough to know one's own, and no more.

Both come out of a closed list or a coarse network, so whatever a client claims to be, nothing of
its own words is kept or shown.
"""

from ipaddress import IPv6Address, ip_address, ip_network

UNKNOWN = "unknown"
_IPV4_BITS, _IPV6_BITS = 24, 48
# The first that fits: browsers name their ancestors too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-", "Python"),
    ("node", "Node"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def describe(agent: str) -> str:
    """`Firefox on Linux` for a `User-Agent`; what is not known is left out, or `unknown`."""
    known = [_first(_BROWSERS, agent), _first(_SYSTEMS, agent)]
    return " on ".join(part for part in known if part) or UNKNOWN


def coarse(address: str) -> str:
    """The network of 256 addresses, or an IPv6 customer's, that an address is of: `192.0.2.0/24`.
    Nobody needs a session's exact address to tell home from elsewhere."""
    try:
        ip = ip_address(address)
    except ValueError:
        return UNKNOWN
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    bits = _IPV6_BITS if isinstance(ip, IPv6Address) else _IPV4_BITS
    return str(ip_network(f"{ip.compressed.partition('%')[0]}/{bits}", strict=False))


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for mark, name in names if mark in agent), "")
