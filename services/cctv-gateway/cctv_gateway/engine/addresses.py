"""Where a camera may be: what its address may look like. Into which networks it may lead is for `kit.networks`.

Pure: names are resolved elsewhere, and the address that was judged is the one that is connected to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

from kit.networks import Network, may_reach

LONGEST = 500


class Kind(StrEnum):
    """How a camera's picture is fetched."""

    RTSP = "rtsp"
    RTSP_UDP = "rtsp_udp"
    MJPEG = "mjpeg"
    HLS = "hls"
    RTMP = "rtmp"
    FILM = "film"
    """A file played in a loop, for the demo."""


class Misfit(StrEnum):
    """What is wrong with an address."""

    TOO_LONG = "too-long"
    UNREADABLE = "unreadable"
    SCHEME = "scheme"
    CREDENTIALS = "credentials"
    HOST = "host"


SCHEMES = {
    Kind.RTSP: {"rtsp": 554},
    Kind.RTSP_UDP: {"rtsp": 554},
    Kind.MJPEG: {"http": 80, "https": 443},
    Kind.HLS: {"http": 80, "https": 443},
    Kind.RTMP: {"rtmp": 1935},
    Kind.FILM: dict[str, int](),
}


@dataclass(frozen=True, slots=True)
class Address:
    """A camera's address, taken apart. It never holds credentials."""

    scheme: str
    host: str
    port: int
    rest: str
    """Path and query."""

    @property
    def authority(self) -> str:
        """Host and port as a URL writes them."""
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.rest}"


class UnfitAddress(ValueError):
    """An address that no camera of this kind may have."""

    def __init__(self, misfit: Misfit) -> None:
        super().__init__(misfit)
        self.misfit = misfit


OVER_HTTP = {"http": 80, "https": 443}
"""How a camera is asked about itself."""


def read(url: str, kind: Kind) -> Address:
    """Takes a stream's address apart.

    Raises:
        UnfitAddress: it is unreadable, of a foreign scheme, or holds a name and a password.
    """
    return taken_apart(url, SCHEMES[kind])


def taken_apart(url: str, ports: Mapping[str, int]) -> Address:
    """Takes an address apart.

    Args:
        url: the address.
        ports: the schemes that it may have, each with its usual port.

    Raises:
        UnfitAddress: it is unreadable, of a foreign scheme, or holds a name and a password.
    """
    if len(url) > LONGEST:
        raise UnfitAddress(Misfit.TOO_LONG)
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or "#" in url:
        raise UnfitAddress(Misfit.UNREADABLE)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UnfitAddress(Misfit.UNREADABLE) from None
    if parts.scheme not in ports:
        raise UnfitAddress(Misfit.SCHEME)
    if "@" in parts.netloc:
        raise UnfitAddress(Misfit.CREDENTIALS)
    if not host or port == 0:
        raise UnfitAddress(Misfit.HOST)
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, host, port or ports[parts.scheme], rest)


def is_closed(address: Address, allowed: Iterable[Network]) -> bool:
    """Whether an address that is written in numbers lies where the hromada may not be led. A name is judged when it is
    connected to."""
    try:
        literal = ip_address(address.host)
    except ValueError:
        return False
    return not may_reach(literal, allowed)


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
