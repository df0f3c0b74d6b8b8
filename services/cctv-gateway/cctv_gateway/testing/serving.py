"""Servers that misbehave, and servers of HTTP, for the tests."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SO_REUSEADDR, SOL_SOCKET, create_connection, create_server, socket
from typing import Any


@contextmanager
def http(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """A server of HTTP; tells its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def jpeg_camera(pictures: list[bytes], seen: list[str]) -> type[BaseHTTPRequestHandler]:
    """A camera that sends JPEG after JPEG once it is told its name and password."""

    class Camera(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            login = self.headers.get("authorization", "")
            seen.append(login)
            if self.path == "/elsewhere":
                self.send_response(302)
                self.send_header("location", "/")
                self.end_headers()
                return
            if not login:
                self.send_response(401)
                self.send_header("www-authenticate", 'Basic realm="camera"')
                self.send_header("content-length", "0")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("content-type", "multipart/x-mixed-replace; boundary=picture")
            self.end_headers()
            try:
                for place in range(100_000):
                    body = pictures[place % len(pictures)]
                    head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
                    self.wfile.write(head.encode() + body + b"\r\n")
                    time.sleep(0.05)
            except OSError:
                return

        def log_message(self, format: str, *args: Any) -> None: ...

    return Camera


def flooding(picture: bytes) -> type[BaseHTTPRequestHandler]:
    """A camera that sends as fast as it is read."""
    head = f"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n".encode()

    class Flood(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "multipart/x-mixed-replace; boundary=picture")
            self.end_headers()
            try:
                while True:
                    self.wfile.write((head + picture + b"\r\n") * 100)
            except OSError:
                return

        def log_message(self, format: str, *args: Any) -> None: ...

    return Flood


def folder(path: Path) -> type[BaseHTTPRequestHandler]:
    """A folder of files."""

    class Folder(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(path))

        def log_message(self, format: str, *args: Any) -> None: ...

    return Folder


@contextmanager
def answering(answer: Callable[[socket], None]) -> Iterator[int]:
    """A server that does with each connection what it is told; tells its port."""
    listening = create_server(("127.0.0.1", 0))
    listening.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_until_gone, args=(answer, connection), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.close()


def _until_gone(answer: Callable[[socket], None], connection: socket) -> None:
    with connection:
        try:
            answer(connection)
        except OSError:
            return


def between(port: int, change: Callable[[bytes, int], bytes | None]) -> Callable[[socket], None]:
    """A bad line to a server: what the server sends is changed, given how much it has sent; None lets it hang."""

    def pass_on(client: socket) -> None:
        with create_connection(("127.0.0.1", port)) as server:
            threading.Thread(target=_until_gone, args=(lambda it: _copy(client, it), server), daemon=True).start()
            sent = 0
            while data := server.recv(1 << 14):
                changed = change(data, sent)
                sent += len(data)
                if changed is None:
                    time.sleep(60)
                    return
                client.sendall(changed)

    return pass_on


def _copy(source: socket, target: socket) -> None:
    while data := source.recv(1 << 14):
        target.sendall(data)
