"""The files that pages refer to: held in memory, compressed once, under addresses that change with their content."""

import gzip
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from kit.pages.packing import takes
from kit.pages.sheets import named_in, tightened, without_unnamed

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_COMPONENTS = "govuk-"
_SHEET_OF_COMPONENTS = "govuk-frontend.min.css"
_SHRINKS = {".css", ".js", ".svg", ".txt"}
_REFERENCE = re.compile(r'url\((?!["\']?data:)([^)]+)\)')


@dataclass(frozen=True)
class Asset:
    body: bytes
    packed: Mapping[str, bytes]
    """By the encoding that a browser takes, the tightest first."""
    type: str


class Static:
    """Addresses are `/static/<digest>/<path>`: what is behind one never changes, so browsers keep it for a year."""

    def __init__(self, folders: Sequence[Path], templates: Sequence[Path] = ()) -> None:
        """Reads the files.

        Args:
            folders: where they lie.
            templates: what names the classes of the components' sheet; what nobody names is not sent.
        """
        self._named = named_in([*folders, *templates], _COMPONENTS)
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
        if name == _SHEET_OF_COMPONENTS:
            body = without_unnamed(body.decode(), _COMPONENTS, self._named).encode()
        if suffix == ".css":
            said = _REFERENCE.sub(lambda found: f"url({self.address(found[1])})", body.decode())
            body = tightened(said).encode()
        key = f"{hashlib.sha256(body).hexdigest()[:16]}/{name}"
        self._assets[key] = Asset(body, _packed(body) if suffix in _SHRINKS else {}, TYPES[suffix])
        self._addresses[name] = f"/static/{key}"

    def address(self, name: str) -> str:
        return self._addresses[name]

    def serve(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["key"])
        if asset is None:
            raise HTTPException(404)
        headers = {"cache-control": "public, max-age=31536000, immutable", "content-type": asset.type}
        body = asset.body
        if asset.packed:
            headers["vary"] = "accept-encoding"
            if (encoding := next((each for each in asset.packed if takes(request.headers, each)), None)) is not None:
                headers["content-encoding"] = encoding
                body = asset.packed[encoding]
        return Response(body, headers=headers)


@cache
def _packed(body: bytes) -> Mapping[str, bytes]:
    """Once in a process, however many applications it has: as tight as it goes takes seconds."""
    return {"br": brotli.compress(body), "gzip": gzip.compress(body, 9, mtime=0)}
