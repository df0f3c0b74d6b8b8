"""The files that pages refer to: held in memory, compressed once, under addresses that change with their content."""

import gzip
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_SHRINKS = {".css", ".js", ".svg", ".txt"}
_REFERENCE = re.compile(r'url\((?!["\']?data:)([^)]+)\)')


@dataclass(frozen=True)
class Asset:
    body: bytes
    packed: bytes | None
    type: str


class Static:
    """Addresses are `/static/<digest>/<path>`: what is behind one never changes, so browsers keep it for a year."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._assets: dict[str, Asset] = {}
        self._addresses: dict[str, str] = {}
        files = {
            path.relative_to(folder).as_posix(): path
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if path.suffix in TYPES
        }
        # Stylesheets come last: they name the addresses of the others.
        for name in sorted(files, key=lambda name: name.endswith(".css")):
            self._add(name, files[name].read_bytes())

    def _add(self, name: str, body: bytes) -> None:
        suffix = Path(name).suffix
        if suffix == ".css":
            body = _REFERENCE.sub(lambda found: f"url({self.address(found[1])})", body.decode()).encode()
        key = f"{hashlib.sha256(body).hexdigest()[:16]}/{name}"
        packed = gzip.compress(body, 9, mtime=0) if suffix in _SHRINKS else None
        self._assets[key] = Asset(body, packed, TYPES[suffix])
        self._addresses[name] = f"/static/{key}"

    def address(self, name: str) -> str:
        return self._addresses[name]

    def serve(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["key"])
        if asset is None:
            raise HTTPException(404)
        headers = {"cache-control": "public, max-age=31536000, immutable", "content-type": asset.type}
        body = asset.body
        if asset.packed is not None:
            headers["vary"] = "accept-encoding"
            if "gzip" in request.headers.get("accept-encoding", ""):
                headers["content-encoding"] = "gzip"
                body = asset.packed
        return Response(body, headers=headers)
