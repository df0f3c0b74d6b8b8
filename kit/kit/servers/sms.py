"""An SMS gateway that sends nothing: it writes each message into a file, for the demo and for tests.

`python -m kit.servers.sms PORT FILE`, with the token that it asks for in SMS_TOKEN. A message is a line of JSON; one
whose id was seen is not written again. A number that ends in 0000 does not exist, so that a refusal can be seen.
"""

import hmac
import json
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

_LARGEST = 64 * 1024
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")


class Gateway(ThreadingHTTPServer):
    """Listens on the loopback."""

    def __init__(self, port: int, file: Path, token: str) -> None:
        super().__init__(("127.0.0.1", port), Taking)
        self.file = file
        self.token = token
        self._lock = Lock()
        self._seen = {json.loads(line)["id"] for line in file.read_text().splitlines()} if file.exists() else set()

    def take(self, message: dict[str, Any]) -> None:
        """Writes a message down, once."""
        with self._lock:
            if message["id"] in self._seen:
                return
            with self.file.open("a") as lines:
                lines.write(json.dumps(message, ensure_ascii=False) + "\n")
            self._seen.add(message["id"])


class Taking(BaseHTTPRequestHandler):
    """One request."""

    server: Gateway

    def do_GET(self) -> None:
        """Whoever waits for it asks."""
        self._answer(200)

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _LARGEST))
        if not hmac.compare_digest(self.headers.get("Authorization") or "", f"Bearer {self.server.token}"):
            return self._answer(401)
        try:
            said = json.loads(body)
            message = {name: str(said[name]) for name in ("id", "phone", "sender", "text")}
        except (ValueError, KeyError, TypeError):
            return self._answer(400)
        if not _PHONE.fullmatch(message["phone"]) or message["phone"].endswith("0000"):
            return self._answer(422)
        self.server.take(message)
        return self._answer(202)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: a log holds nobody's number."""


def main() -> None:
    Gateway(int(sys.argv[1]), Path(sys.argv[2]), os.environ["SMS_TOKEN"]).serve_forever()


if __name__ == "__main__":
    main()
