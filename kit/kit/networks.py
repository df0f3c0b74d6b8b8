"""Into which networks the platform may be led by an address that somebody else writes.

Pure: names are resolved elsewhere, and the address that was judged is the one that is connected to.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")
_OF_THE_CLOUD = frozenset({IPv4Address("168.63.129.16")})
"""Public addresses under which a cloud answers its own machines."""


def may_reach(address: IPv4Address | IPv6Address, allowed: Iterable[Network]) -> bool:
    """Whether the platform may be led to an address: into the networks that are allowed, and otherwise to the public
    internet alone. The machine itself, its neighbours and its cloud are nobody else's business."""
    inner = _unwrapped(address)
    if any(inner in network for network in allowed):
        return True
    return inner.is_global and not inner.is_multicast and inner not in _OF_THE_CLOUD


def first_reachable(addresses: Sequence[str], allowed: Sequence[Network]) -> str | None:
    """The first of a name's addresses that may be reached."""
    return next((each for each in addresses if may_reach(ip_address(each.partition("%")[0]), allowed)), None)


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address that is really reached: IPv6 has several ways to write one of IPv4."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo is not None else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
