"""The one way from libav to a camera: a relay on the loopback that has connected to the address that was judged.

libav is told of the loopback alone, so that no name is resolved twice and nothing it is told on the way leads it
elsewhere. An RTSP answer that redirects closes the door; a place to send to that the camera names is left out.

Once pictures come, the relay would only cost: it puts its own connection to the camera in the place of libav's to the
relay, under the same descriptor, and is gone.
"""

import fcntl
import os
import select
import socket
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from kit.networks import Network, first_reachable

from cctv_gateway.engine.addresses import Address
from cctv_gateway.engine.troubles import Cause, Trouble

CONNECT_SECONDS = 5.0
_CHUNK = 1 << 16
_LONGEST_ANSWER = 1 << 18
_OPEN_FILES = Path("/proc/self/fd")
_DRAINED_WITHIN = 2.0
_LOOK_SECONDS = 0.002
_OF_RECEIVED, _RECEIVED_AT = struct.Struct("Q"), 128
"""Where Linux's tcp_info (4.1 and later) has tcpi_bytes_received."""


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
        self._passage = self._listening
        """The relay's end of libav's connection, once there is one."""
        self._closing = threading.Event()
        self._stepping_aside = threading.Event()
        self._closes = threading.Lock()
        """Held while a descriptor of libav's is given another meaning: libav must not close it then."""
        self._thread = threading.Thread(target=self._run, name="doorway", daemon=True)
        self.trouble: Trouble | None = None
        """Why the door was closed, if the camera is to blame."""
        self._received = 0
        self._thread.start()

    @property
    def port(self) -> int:
        """Where libav finds the camera."""
        port: int = self._listening.getsockname()[1]
        return port

    def step_aside(self) -> None:
        """libav is past all that may lead it elsewhere, and from now on reads the camera without the relay. It may
        close its connection only after this door is closed."""
        self._stepping_aside.set()

    @property
    def received(self) -> int:
        """Bytes that the camera has sent over this connection; nought where the system does not tell."""
        with suppress(OSError, AttributeError):
            told = self._camera.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _OF_RECEIVED.size + _RECEIVED_AT)
            (self._received,) = _OF_RECEIVED.unpack_from(told, _RECEIVED_AT)
        return self._received

    def close(self) -> None:
        """Ends the connection; who reads from it reads its end."""
        with self._closes:
            self._closing.set()
        for each in (self._camera, self._listening, self._passage):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._received = self.received
        self._camera.close()

    def _run(self) -> None:
        with self._listening:
            try:
                libav, _ = self._listening.accept()
            except OSError:
                return
            with libav:
                self._passage = libav
                self._listening.close()
                for each in (self._camera, libav):
                    each.settimeout(None)
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                has_stepped_aside = False
                try:
                    has_stepped_aside = self._relay(libav)
                except Trouble as trouble:
                    self.trouble = trouble
                except OSError:
                    pass
                if not has_stepped_aside:
                    with suppress(OSError):
                        self._camera.shutdown(socket.SHUT_RDWR)

    def _relay(self, libav: socket.socket) -> bool:
        """Moves what comes until the end, or until the relay is needed no more: tells whether it is that."""
        with _mover(self._camera, libav) as to_libav:
            answers = Answers(libav.sendall) if self._is_rtsp else None
            waiting = select.poll()
            for each in (self._camera, libav):
                waiting.register(each, select.POLLIN)
            is_alone = False
            while not self._closing.is_set():
                if answers is None and self._stepping_aside.is_set() and not is_alone:
                    if self._hand_over(libav):
                        return True
                    is_alone = True
                for ready, _ in waiting.poll(1000):
                    if ready == libav.fileno():
                        asked = libav.recv(_CHUNK)
                        if not asked:
                            return False
                        if answers is not None:
                            answers.is_playing = answers.is_playing or asked.startswith(b"PLAY ")
                        self._camera.sendall(asked)
                    elif answers is not None:
                        told = self._camera.recv(_CHUNK)
                        if not told:
                            return False
                        if answers.take(told):
                            answers = None
                    elif not to_libav():
                        return False
        return False

    def _hand_over(self, libav: socket.socket) -> bool:
        """Puts the camera's connection in the place of libav's; false where that cannot be done.

        libav reads in another thread, and waits there: it has read all that it was passed on, and nothing more is. Its
        descriptor is looked up by the address of its connection, whose other end is here.
        """
        name = libav.getpeername()
        number = _descriptor(name)
        deadline = time.monotonic() + _DRAINED_WITHIN
        while number is not None and time.monotonic() < deadline:
            with self._closes:
                if self._closing.is_set() or not _is_at(number, name):
                    return False
                if not _waiting(number, termios.FIONREAD) and not _waiting(libav.fileno(), termios.TIOCOUTQ):
                    self._camera.setblocking(False)
                    os.dup2(self._camera.fileno(), number, inheritable=False)
                    self._pass_on_the_rest(libav)
                    return True
            time.sleep(_LOOK_SECONDS)
        return False

    def _pass_on_the_rest(self, libav: socket.socket) -> None:
        """What libav said to the relay before it was spoken past."""
        libav.setblocking(False)
        with suppress(BlockingIOError):
            while said := libav.recv(_CHUNK):
                self._camera.sendall(said)


def _descriptor(name: object) -> int | None:
    """By which number this process knows its connection of that name; None where the system does not tell."""
    if not _OPEN_FILES.is_dir():
        return None
    return next((number for each in _OPEN_FILES.iterdir() if _is_at(number := int(each.name), name)), None)


def _is_at(number: int, name: object) -> bool:
    """Whether a descriptor is a connection from that address."""
    try:
        seen = socket.socket(fileno=number)
    except OSError:
        return False
    try:
        return bool(seen.getsockname() == name)
    except OSError:
        return False
    finally:
        seen.detach()


def _waiting(number: int, direction: int) -> int:
    """Bytes that stand in a connection's queue."""
    (count,) = struct.unpack("i", fcntl.ioctl(number, direction, b"\0" * 4))
    return int(count)


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
