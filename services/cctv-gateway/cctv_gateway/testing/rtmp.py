"""A small RTMP server that plays one film to whoever asks, for the tests."""

import struct
import time
from io import BytesIO
from pathlib import Path
from socket import socket
from typing import Any

import av

_HANDSHAKE = 1536
_CHUNK = 1 << 20


def playing(film: Path) -> Any:
    """What the server does with a connection: the film, in real time."""

    def play(connection: socket) -> None:
        _shake_hands(connection)
        connection.sendall(_message(1, struct.pack(">I", _CHUNK), chunk=2))
        received = b""
        while b"play" not in received:
            data = connection.recv(1 << 14)
            if not data:
                return
            received += data
            if b"connect" in data:
                connection.sendall(_message(20, _text("_result") + _number(1) + b"\5" + _status("Connect.Success")))
            if b"createStream" in data:
                connection.sendall(_message(20, _text("_result") + _number(_asked(data)) + b"\5" + _number(1)))
        connection.sendall(_message(20, _text("onStatus") + _number(0) + b"\5" + _status("Play.Start"), stream=1))
        began = time.monotonic()
        for kind, at, body in _tags(film):
            time.sleep(max(0.0, at / 1000 - (time.monotonic() - began)))
            connection.sendall(_message(kind, body, stream=1, at=at, chunk=6))

    return play


def _shake_hands(connection: socket) -> None:
    _exactly(connection, 1 + _HANDSHAKE)
    connection.sendall(b"\3" + bytes(_HANDSHAKE) + bytes(_HANDSHAKE))
    _exactly(connection, _HANDSHAKE)


def _exactly(connection: socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise OSError
        data += piece
    return data


def _message(kind: int, body: bytes, *, stream: int = 0, at: int = 0, chunk: int = 3) -> bytes:
    head = struct.pack(">B", chunk) + at.to_bytes(3, "big") + len(body).to_bytes(3, "big") + bytes([kind])
    return head + struct.pack("<I", stream) + body


def _asked(data: bytes) -> float:
    """The number of the call: it stands behind its name."""
    at = data.index(b"createStream") + len(b"createStream") + 1
    number: float = struct.unpack(">d", data[at : at + 8])[0]
    return number


def _text(text: str) -> bytes:
    return b"\2" + struct.pack(">H", len(text)) + text.encode()


def _number(number: float) -> bytes:
    return b"\0" + struct.pack(">d", number)


def _status(code: str) -> bytes:
    said = {"level": "status", "code": f"NetStream.{code}" if code.startswith("Play") else f"NetConnection.{code}"}
    pairs = b"".join(struct.pack(">H", len(name)) + name.encode() + _text(value) for name, value in said.items())
    return b"\3" + pairs + b"\0\0\x09"


def _tags(film: Path) -> Any:
    """The film's tags of FLV, as libav writes them: kind, milliseconds, body."""
    written = BytesIO()
    source: Any = av.open(str(film))
    target: Any = av.open(written, "w", format="flv")
    stream = target.add_stream_from_template(source.streams.video[0])
    for packet in source.demux(source.streams.video[0]):
        if packet.size:
            packet.stream = stream
            target.mux(packet)
    target.close()
    data, at = written.getvalue(), 13
    while at + 11 < len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        moment = int.from_bytes(data[at + 4 : at + 7], "big")
        yield data[at], moment, data[at + 11 : at + 11 + size]
        at += 11 + size + 4
