"""What the media server answers.

GET /live/<hromada>/<pass>/index.m3u8, which names the renditions; GET /live/<hromada>/<pass>/<rendition>/index.m3u8 and
the files that it names; GET /live/<hromada>/<pass>/picture.jpg; GET /archive/<hromada>/<pass>/main/index.m3u8 and the
files that it names, of footage; and the socket /wall, which carries the parts of as many cameras as the viewer has
passes for.
"""

import asyncio
import re
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import structlog

from cctv_gateway.engine.on_air import OnAir, Programme
from cctv_gateway.engine.playlist import SEGMENT_SECONDS
from cctv_gateway.engine.streams import Stream
from cctv_gateway.media import variants
from cctv_gateway.media.archive import Archive
from cctv_gateway.media.gate import Gate, Refused, Turned
from cctv_gateway.media.passing import PASSED, Passing
from cctv_gateway.media.wall import Wall
from cctv_gateway.views.rules import Pass

log = structlog.get_logger("media")

COOKIE = "spilno-viewer"
"""By which a browser shows that a pass is its own. The portal sets it."""
_PATH = re.compile(
    r"/(?P<place>live|archive)/(?P<hromada>[a-z0-9-]{1,63})/(?P<text>[A-Za-z0-9_-]{40,200})/"
    r"(?:(?P<rendition>main|sub)/(?P<file>[a-z0-9.-]{1,60})|(?P<whole>picture\.jpg|index\.m3u8))"
)
_FILE = re.compile(r"(\d{1,10})(?:\.(\d{1,5}))?\.(mp4|m4s)")
_STATUS = {Refused.STRANGER: 403, Refused.VIEW: 410, Refused.CAMERA: 410, Refused.AWAY: 503}
_BEGINS_WITHIN = 12.0
_BEGINS_SOON = 0.6
"""Seconds, a part's length and a little more."""
_WAITS = 3 * SEGMENT_SECONDS
_NUMBER = re.compile(r"\d{1,10}")

Answer = tuple[int, str, bytes, str]
"""Status, content type, body, and for how long it may be kept."""
_PLAYLIST = "application/vnd.apple.mpegurl"
_NEVER, _FOREVER = "no-store", "private, max-age=60"


class Application:
    """An ASGI application."""

    def __init__(self, gate: Gate, on_air: OnAir, passing: Passing, archive: Archive, web_url: str) -> None:
        self._gate = gate
        self._passing = passing
        self._archive = archive
        self._on_air = on_air
        self._origin = web_url.rstrip("/")
        self._headers = [
            (b"access-control-allow-origin", self._origin.encode()),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"origin"),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._wall(scope, receive, send)
            return
        began = time.perf_counter()
        status, kind, body, kept = await self._answer(scope)
        headers = [
            *self._headers,
            (b"content-type", kind.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", kept.encode()),
        ]
        if status == 503:
            headers.append((b"retry-after", b"2"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
        if status >= 400:
            log.info("media", status=status, why=body.decode(), ms=round((time.perf_counter() - began) * 1000, 1))

    async def _answer(self, scope: Any) -> Answer:
        if scope["path"] == "/healthz":
            return 200, "text/plain", b"ok", _NEVER
        found = _PATH.fullmatch(scope["path"])
        if found is None or scope["method"] not in ("GET", "HEAD"):
            return _plain(404, "nothing here")
        try:
            one = await self._gate.admit(found["hromada"], found["text"], _cookie(scope))
            return await self._given(one, found, scope)
        except Turned as turned:
            return _plain(_STATUS[turned.why], turned.why)

    async def _given(self, one: Pass, asked: re.Match[str], scope: Any) -> Answer:
        """What the holder of a pass asks for.

        Raises:
            Turned: it may not be had.
        """
        if asked["place"] == "archive" or self._gate.span_of(one) is not None:
            return await self._footage(one, asked["file"] or "", asked["place"])
        if (other := await self._passing.elsewhere(one)) is not None:
            return await self._passed(other, scope)
        if asked["whole"] == "index.m3u8":
            return await self._variants(await self._gate.programmes(one))
        programme = await self._gate.programme(one, asked["rendition"] or "sub")
        return await (self._still(programme) if asked["whole"] else self._live(programme, asked["file"], scope))

    async def _footage(self, one: Pass, file: str, place: str) -> Answer:
        span = self._gate.span_of(one)
        if span is None or place != "archive":
            return _plain(404, "nothing here")
        return await self._archive.answer(self._gate.hromada_of(one), one.camera, span, file)

    async def _passed(self, other: str, scope: Any) -> Answer:
        """What the gateway answers that reads the camera."""
        if _header(scope, PASSED):
            return _plain(503, "read elsewhere")
        query = scope["query_string"].decode("latin-1")
        return await self._passing.ask(other, scope["path"], query, _header(scope, "cookie"))

    async def _variants(self, programmes: Mapping[str, Programme]) -> Answer:
        streams = {name: self._on_air.tune(each) for name, each in programmes.items()}
        await asyncio.gather(*(each.begins(_BEGINS_WITHIN) for each in streams.values()))
        body = variants.written(streams)
        return (200, _PLAYLIST, body, _NEVER) if body else _plain(503, "no picture yet")

    async def _still(self, programme: Programme) -> Answer:
        jpeg = await self._on_air.picture(programme, _BEGINS_WITHIN)
        return (200, "image/jpeg", jpeg, _NEVER) if jpeg else _plain(503, "no picture yet")

    async def _live(self, programme: Programme, file: str, scope: Any) -> Answer:
        stream = self._on_air.tune(programme)
        if not await stream.begins(_BEGINS_WITHIN):
            return _plain(503, stream.cause or "no picture yet")
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        return await (_playlist(stream, asked) if file == "index.m3u8" else _media(stream, file))

    async def _wall(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        origin = _header(scope, "origin")
        if scope["path"] != "/wall" or origin != self._origin:
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        passing = None if _header(scope, PASSED) else self._passing
        cookies = (_cookie(scope), _header(scope, "cookie"))
        await Wall(self._gate, self._on_air, passing, cookies, origin, receive, send).run()


async def _playlist(stream: Stream, asked: dict[str, list[str]]) -> Answer:
    """The playlist, once it holds what the viewer waits for."""
    segment, part = (_number(asked.get(name)) for name in ("_HLS_msn", "_HLS_part"))
    if part is not None and segment is None:
        return _plain(400, "a part without a segment")
    if segment is not None:
        if stream.is_far(segment):
            return _plain(400, "far ahead")
        deadline = time.monotonic() + _WAITS
        while not stream.has(segment, part):
            if (left := deadline - time.monotonic()) <= 0:
                return _plain(503, "nothing new")
            await stream.change(left)
    else:
        await stream.becomes_playable(_WAITS)
        if stream.is_between:
            # hls.js, which finds nothing begun after what it has, loads the last parts again and again
            await stream.change(_BEGINS_SOON)
    is_brief = asked.get("_HLS_skip") in (["YES"], ["v2"])
    body = stream.listed_briefly if is_brief else stream.listed
    return 200, _PLAYLIST, body, _NEVER


async def _media(stream: Stream, file: str) -> Answer:
    found = _FILE.fullmatch(file)
    if found is None:
        return _plain(404, "nothing here")
    number, part, kind = int(found[1]), found[2], found[3]
    if kind == "mp4":
        init = stream.inits.get(number)
        return (200, "video/mp4", init.body, _FOREVER) if init is not None and part is None else _gone()
    if part is None:
        segment = stream.segment(number)
        return (200, "video/iso.segment", segment.body, _FOREVER) if segment and segment.is_whole else _gone()
    deadline = time.monotonic() + _WAITS
    while not stream.has(number, int(part)) and not stream.is_far(number) and time.monotonic() < deadline:
        await stream.change(deadline - time.monotonic())  # what was hinted at is on its way
    segment = stream.segment(number)
    if segment is None or int(part) >= len(segment.parts):
        return _gone()
    return 200, "video/iso.segment", segment.parts[int(part)].body, _FOREVER


def _number(said: Iterable[str] | None) -> int | None:
    text = next(iter(said or ()), "")
    return int(text) if _NUMBER.fullmatch(text) else None


def _plain(status: int, text: str) -> Answer:
    return status, "text/plain", text.encode(), _NEVER


def _gone() -> Answer:
    return _plain(404, "no longer kept")


def _header(scope: Any, wanted: str) -> str:
    found: bytes = next((value for name, value in scope["headers"] if name == wanted.encode()), b"")
    return found.decode("latin-1")


def _cookie(scope: Any) -> str:
    return _viewer(_header(scope, "cookie"))


@lru_cache(maxsize=4096)
def _viewer(cookies: str) -> str:
    """What a browser shows of itself: the same at each of its requests."""
    try:
        found: SimpleCookie = SimpleCookie(cookies)
    except CookieError:
        return ""
    return found[COOKIE].value if COOKIE in found else ""
