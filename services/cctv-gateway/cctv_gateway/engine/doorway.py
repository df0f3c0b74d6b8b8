"""The one way from libav to a camera: a relay on the loopback that has connected to the address that was judged.

libav is told of the loopback alone, so that no name is resolved twice and nothing it is told on the way leads it
elsewhere. An RTSP answer that redirects closes the door; a place to send to that the camera names is left out.
"""

import os
import select
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from kit.networks import Network, first_reachable

from cctv_gateway.engine.addresses import Address
from cctv_gateway.engine.troubles import Cause, Trouble

CONNECT_SECONDS = 5.0
_CHUNK = 1 << 16
_LONGEST_ANSWER = 1 << 18


def connected(address: Address, allowed: Sequence[Network]) -> socket.socket:
    """A connection to the camera.

    Raises:
        Trouble: its name is unknown, it does not answer, or it lies where the hromada may not be led.
    """
    try:
        return socket.create_connection(
            (resolved(address.host, address.port, allowed), address.port), timeout=CONNECT_SECONDS
        )
    except OSError:
        raise Trouble(Cause.UNREACHABLE) from None


def resolved(host: str, port: int, allowed: Sequence[Network]) -> str:
    """The address in numbers that is to be connected to.

    Raises:
        Trouble: the name is unknown, or leads nowhere that the hromada may be led.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Trouble(Cause.UNREACHABLE) from None
    reachable = first_reachable([str(each[4][0]) for each in found], allowed)
    if reachable is None:
        raise Trouble(Cause.NOT_ALLOWED)
    return reachable


class Doorway:
    """A relay for one connection."""

    def __init__(self, address: Address, allowed: Sequence[Network]) -> None:
        self._camera = connected(address, allowed)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._listening.settimeout(CONNECT_SECONDS)
        self._is_rtsp = address.scheme == "rtsp"
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="doorway", daemon=True)
        self.trouble: Trouble | None = None
        """Why the door was closed, if the camera is to blame."""
        self.passed = 0
        """Bytes that the camera has sent since it plays."""
        self._thread.start()

    @property
    def port(self) -> int:
        """Where libav finds the camera."""
        port: int = self._listening.getsockname()[1]
        return port

    def close(self) -> None:
        """Ends the connection; who reads from it reads its end."""
        self._closing.set()
        for each in (self._camera, self._listening):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        with self._camera, self._listening:
            try:
                libav, _ = self._listening.accept()
            except OSError:
                return
            with libav:
                self._listening.close()
                for each in (self._camera, libav):
                    each.settimeout(None)
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    self._relay(libav)
                except Trouble as trouble:
                    self.trouble = trouble
                except OSError:
                    return

    def _relay(self, libav: socket.socket) -> None:
        with _mover(self._camera, libav) as to_libav:
            answers = Answers(libav.sendall) if self._is_rtsp else None
            waiting = select.poll()
            for each in (self._camera, libav):
                waiting.register(each, select.POLLIN)
            while not self._closing.is_set():
                for ready, _ in waiting.poll(1000):
                    if ready == libav.fileno():
                        asked = libav.recv(_CHUNK)
                        if not asked:
                            return
                        if answers is not None:
                            answers.is_playing = answers.is_playing or asked.startswith(b"PLAY ")
                        self._camera.sendall(asked)
                    elif answers is not None:
                        told = self._camera.recv(_CHUNK)
                        if not told:
                            return
                        if answers.take(told):
                            answers = None
                    else:
                        moved = to_libav()
                        self.passed += moved
                        if not moved:
                            return


class Answers:
    """What an RTSP server answers until it plays, checked before it is passed on."""

    def __init__(self, pass_on: Callable[[bytes], object]) -> None:
        self._pass_on = pass_on
        self._held = b""
        self.is_playing = False
        """The server was asked to play: after its next answer come pictures."""

    def take(self, told: bytes) -> bool:
        """Takes what the server sent; tells whether from here on everything may pass unseen.

        Raises:
            Trouble: it redirects, or what it sends is no answer.
        """
        self._held += told
        while self._held:
            if self._held.startswith(b"$"):
                self._pass_on(self._held)
                self._held = b""
                return True
            head, separator, _ = self._held.partition(b"\r\n\r\n")
            if len(head) > _LONGEST_ANSWER:
                raise Trouble(Cause.BROKEN)
            if not separator:
                return False
            lines = head.split(b"\r\n")
            if not lines[0].startswith(b"RTSP/1.0 "):
                raise Trouble(Cause.BROKEN)
            if lines[0][9:10] == b"3":
                raise Trouble(Cause.REDIRECTS)
            length = _length(lines)
            end = len(head) + 4 + length
            if len(self._held) < end:
                return False
            body, self._held = self._held[len(head) + 4 : end], self._held[end:]
            self._pass_on(b"\r\n".join(_without_source(line) for line in lines) + b"\r\n\r\n" + body)
            if self.is_playing and lines[0].startswith(b"RTSP/1.0 200"):
                self._pass_on(self._held)
                return True
        return False


def _length(lines: Sequence[bytes]) -> int:
    for line in lines:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            if not value.strip().isdigit() or int(value) > _LONGEST_ANSWER:
                raise Trouble(Cause.BROKEN)
            return int(value)
    return 0


def _without_source(line: bytes) -> bytes:
    """A Transport header without the address that the server would have libav send to."""
    if not line.lower().startswith(b"transport:"):
        return line
    return b";".join(
        part for part in line.split(b";") if not part.strip().lower().startswith((b"source=", b"destination="))
    )


@contextmanager
def _mover(source: socket.socket, target: socket.socket) -> Iterator[Callable[[], int]]:
    """Moves what has come from one socket to the other, inside the kernel where it can; tells how much."""
    if not hasattr(os, "splice"):

        def move() -> int:
            data = source.recv(_CHUNK)
            target.sendall(data)
            return len(data)

        yield move
        return
    inlet, outlet = os.pipe()

    def splice() -> int:
        moved = left = os.splice(source.fileno(), outlet, _CHUNK)
        while left:
            left -= os.splice(inlet, target.fileno(), left)
        return moved

    try:
        yield splice
    finally:
        os.close(inlet)
        os.close(outlet)
