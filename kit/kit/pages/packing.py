"""Answers made tighter on their way out: brotli where a browser takes it, else gzip, nothing twice."""

import asyncio

import brotli
from starlette.datastructures import Headers
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware, IdentityResponder
from starlette.types import ASGIApp, Receive, Scope, Send

_TIGHT_ALREADY = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "application/octet-stream",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
_LEAST = 1000
"""What fits one packet gains nothing."""
_LARGE = 128 * 1024
"""Others would wait for it, were it squeezed between them."""
_EFFORT = 6
"""Of 11: about as long as gzip takes at its best, and a tenth smaller."""


def takes(headers: Headers, encoding: str) -> bool:
    """Whether a browser named the encoding without refusing it (`;q=0`)."""
    for each in headers.get("accept-encoding", "").split(","):
        name, _, weight = each.partition(";")
        if name.strip().lower() == encoding:
            return weight.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


class Packing:
    """Compresses what an application answers. A proof in a form changes with each answer, so that the length of a
    compressed page tells nothing about it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._older = GZipMiddleware(app, minimum_size=_LEAST, exclude_content_types=_TIGHT_ALREADY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and takes(Headers(scope=scope), "br"):
            await _Brotli(self._app, _LEAST, exclude_content_types=_TIGHT_ALREADY)(scope, receive, send)
        else:
            await self._older(scope, receive, send)


class _Brotli(IdentityResponder):
    """For one answer; what is streamed goes out piece by piece, as it comes."""

    content_encoding = "br"
    _compressor: brotli.Compressor | None = None

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        if self._compressor is None:
            self._compressor = brotli.Compressor(quality=_EFFORT)
        if len(body) < _LARGE:
            return _squeezed(self._compressor, body, is_last=not more_body)
        return await asyncio.to_thread(_squeezed, self._compressor, body, is_last=not more_body)


def _squeezed(compressor: brotli.Compressor, body: bytes, *, is_last: bool) -> bytes:
    tight: bytes = compressor.process(body)
    rest: bytes = compressor.finish() if is_last else compressor.flush()
    return tight + rest
