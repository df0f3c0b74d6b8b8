"""HTTP to a camera: to the address that was judged, and nowhere else."""

from collections.abc import Generator, Iterator, Sequence
from io import BytesIO
from typing import Any

import httpx
from kit.networks import Network

from cctv_gateway.engine.addresses import Address, Kind, UnfitAddress, bracketed, read
from cctv_gateway.engine.doorway import CONNECT_SECONDS, resolved
from cctv_gateway.engine.troubles import BY_STATUS, Cause, Trouble

_READ_SECONDS = 5.0
_LARGEST = 32 << 20


class Visitor:
    """Fetches for one camera, in one thread."""

    def __init__(
        self, address: Address, kind: Kind, allowed: Sequence[Network], username: str = "", password: str = ""
    ) -> None:
        self._kind = kind
        self._allowed = allowed
        self._origin = address.authority
        self._auth = _Asked(username, password) if username else None
        self._client = httpx.Client(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(_READ_SECONDS, connect=CONNECT_SECONDS),
        )
        self._is_closed = False

    def fetch(self, url: str) -> BytesIO:
        """The whole of a file.

        Raises:
            Trouble: it cannot be had, or is too large.
        """
        body = BytesIO()
        for piece in self.pieces(url):
            body.write(piece)
            if body.tell() > _LARGEST:
                raise Trouble(Cause.FLOODS)
        body.seek(0)
        return body

    def pieces(self, url: str) -> Iterator[bytes]:
        """What the server sends, as it comes.

        Raises:
            Trouble: it cannot be had, redirects, or stalls.
        """
        try:
            address = read(url, self._kind)
        except UnfitAddress:
            raise Trouble(Cause.NOT_ALLOWED) from None
        numbers = bracketed(resolved(address.host, address.port, self._allowed))
        try:
            with self._client.stream(
                "GET",
                f"{address.scheme}://{numbers}:{address.port}{address.rest}",
                headers={"host": address.authority, "accept-encoding": "identity"},
                extensions={"sni_hostname": address.host},
                auth=self._auth if address.authority == self._origin else None,
            ) as answer:
                if answer.is_redirect:
                    raise Trouble(Cause.REDIRECTS)
                if answer.status_code != httpx.codes.OK:
                    raise Trouble(BY_STATUS.get(answer.status_code, Cause.UNREACHABLE))
                for piece in answer.iter_raw():
                    if self._is_closed:
                        return
                    yield piece
        except httpx.ReadTimeout:
            raise Trouble(Cause.STALLS) from None
        except httpx.HTTPError:
            raise Trouble(Cause.UNREACHABLE) from None

    def close(self) -> None:
        """Ends what is being fetched, with the next piece that comes."""
        self._is_closed = True


class Poured:
    """Pieces as a file that libav reads. What goes wrong under its hands is kept: libav says only that it ended."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""
        self.trouble: Trouble | None = None

    def read(self, size: int) -> bytes:
        """Up to as many bytes, as soon as there are some; none at the end."""
        try:
            while not self._left:
                self._left = next(self._pieces)
        except StopIteration:
            return b""
        except Trouble as trouble:
            self.trouble = trouble
            return b""
        taken, self._left = self._left[:size], self._left[size:]
        return taken


class _Asked(httpx.Auth):
    """Name and password in the way the camera asks for, once it asks."""

    def __init__(self, username: str, password: str) -> None:
        self._basic = httpx.BasicAuth(username, password)
        self._digest = httpx.DigestAuth(username, password)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        answer = yield request
        if answer.status_code != httpx.codes.UNAUTHORIZED:
            return
        asked = answer.headers.get("www-authenticate", "").lower()
        ways: dict[str, Any] = {"digest": self._digest, "basic": self._basic}
        for name, way in ways.items():
            if asked.startswith(name):
                yield from way.auth_flow(request)
                return
