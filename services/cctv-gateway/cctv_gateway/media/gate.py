"""Who may have which media, asked at each request: the pass, the view, the viewer's right, the camera's papers."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import structlog
from kit.auth.authority import Authorisation
from kit.call import Caller, Hromada
from kit.errors import Missing, Refusal
from kit.service import Kit

from cctv_gateway.cameras import actions as cameras
from cctv_gateway.engine.on_air import Programme, camera_of
from cctv_gateway.recordings import actions as recordings
from cctv_gateway.recordings.rules import Span
from cctv_gateway.views import actions as views
from cctv_gateway.views import rules
from cctv_gateway.views.rules import Ending, Pass

log = structlog.get_logger("gate")

LIVE, ARCHIVE = "cameras.view", "recordings.view"
"""What it takes to look."""
_TOLD_EACH = 10.0
LAPSES_AFTER = 45.0
"""Seconds without a request after which nobody is looking any more."""
_KNOWN_SECONDS = 2.0
_LOOKED_AT_AFTER = 0.5
"""Of what is being read all is looked at together before it is known no more, so that no request asks for itself."""
_MOST_PASSES = 10_000
_GATEWAY = Caller("svc.cctv", pseudonym="svc.cctv")


class Refused(StrEnum):
    """Why media are not given."""

    STRANGER = "stranger"
    """It shows no pass of ours, or one of another browser, or one that is no longer good."""
    VIEW = "view"
    """The view has ended, or its viewer may look no more."""
    CAMERA = "camera"
    """The camera may not be watched today."""
    AWAY = "away"
    """Nobody who knows answers."""


class Turned(Exception):
    """A request that is refused."""

    def __init__(self, why: Refused) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class _Open:
    """A view that goes on, as the gate knows it."""

    hromada: Hromada
    viewer: str
    pseudonym: str
    cameras: frozenset[UUID]
    known_at: float
    asked_at: float
    span: Span | None = None
    """Of footage: from when to when."""
    told_at: float = 0.0
    """When the row was last told that something was asked for."""

    @property
    def permission(self) -> str:
        return LIVE if self.span is None else ARCHIVE


@dataclass(slots=True)
class _Lit:
    """What may be read of a camera; nothing while it is dark."""

    renditions: dict[str, Programme]
    known_at: float
    versions: tuple[int, int] = (0, 0)
    """Of the camera and its source."""


@dataclass(slots=True)
class Gate:
    """Lets through, and remembers for two seconds what the rows say."""

    kit: Kit
    _open: dict[UUID, _Open] = field(default_factory=dict)
    _lit: dict[UUID, _Lit] = field(default_factory=dict)
    _passes: dict[tuple[str, str, str], Pass] = field(default_factory=dict)
    """Those whose signature was looked at: it is the same at each request."""
    _reading: dict[UUID, asyncio.Lock] = field(default_factory=dict)
    _waiting: dict[UUID, set[UUID]] = field(default_factory=dict)
    """By hromada: the views that are asked for and will be read together."""

    async def admit(self, hromada: str, text: str, cookie: str) -> Pass:
        """The pass, if it is good here and now.

        Raises:
            Turned: it is not.
        """
        found = self._passes.get((hromada, text, cookie))
        if found is None:
            found = rules.read(
                hromada, text, browser_of(cookie), lambda *parts: self.kit.keys.digest("media pass", *parts)
            )
            if found is None:
                raise Turned(Refused.STRANGER)
            if len(self._passes) >= _MOST_PASSES:
                self._passes.clear()
            self._passes[hromada, text, cookie] = found
        await self.hold(found)
        return found

    async def hold(self, one: Pass) -> None:
        """Asks again whether a pass that was let through is still good.

        Raises:
            Turned: it is not.
        """
        if one.expires_at <= self.kit.clock.now():
            raise Turned(Refused.STRANGER)
        try:
            view = await self._view(one)
            if one.camera not in view.cameras:
                raise Turned(Refused.STRANGER)
            if not self._may_look(await self.kit.chain.authorities.of(one.hromada, view.viewer), view.permission):
                raise Turned(Refused.VIEW)
        except Missing:
            raise Turned(Refused.VIEW) from None
        except Refusal:
            raise Turned(Refused.AWAY) from None
        view.asked_at = time.monotonic()

    def hromada_of(self, one: Pass) -> Hromada:
        """The hromada of a pass that was let through.

        Raises:
            Turned: its view has ended since.
        """
        view = self._open.get(one.view)
        if view is None:
            raise Turned(Refused.VIEW)
        return view.hromada

    def span_of(self, one: Pass) -> Span | None:
        """From when to when footage may be seen with a pass that was let through; None: it is for the live picture."""
        view = self._open.get(one.view)
        return view.span if view is not None else None

    async def programme(self, one: Pass, rendition: str) -> Programme:
        """What is to be read for the holder of a pass: the stream that is asked for, or else the only one.

        Raises:
            Turned: the camera is dark.
        """
        streams = await self.programmes(one)
        return streams.get(rendition) or streams["main"]

    async def programmes(self, one: Pass) -> dict[str, Programme]:
        """All that may be read for the holder of a pass.

        Raises:
            Turned: the camera is dark.
        """
        view = self._open.get(one.view)
        if view is None:
            raise Turned(Refused.VIEW)
        try:
            streams = await self.lit(view.hromada, one.camera)
        except Missing:
            raise Turned(Refused.CAMERA) from None
        except Refusal:
            raise Turned(Refused.AWAY) from None
        if not streams:
            raise Turned(Refused.CAMERA)
        return streams

    def is_lit(self, programme: Programme) -> bool:
        """Whether the camera was lit when it was last looked at."""
        lit = self._lit.get(camera_of(programme))
        return lit is not None and programme in lit.renditions.values()

    async def kept(self, hromada: Hromada) -> dict[UUID, str]:
        """The hromada's cameras that are read whether somebody watches or not, each with the stream of it that is
        recorded now, if one is."""
        async with self.kit.call(_GATEWAY, hromada) as call:
            always_on = await cameras.always_on(call)
            recorded = await recordings.recorded(call)
        return {**dict.fromkeys(always_on, ""), **recorded}

    async def visited(self, hromada: Hromada) -> list[Programme]:
        """What is looked at now and then though nobody watches: one stream of each camera that is lit, the smaller."""
        async with self.kit.call(_GATEWAY, hromada) as call:
            active = await cameras.active(call)
        if unknown := [each for each in active if each not in self._lit]:
            await self._look(hromada, unknown)
        streams = [await self.lit(hromada, each) for each in active]
        return [each.get("sub") or each["main"] for each in streams if each]

    async def lit(self, hromada: Hromada, camera: UUID) -> dict[str, Programme]:
        """The streams of a camera that may be read today; none of one that is dark."""
        lit = self._lit.get(camera)
        if lit is None or time.monotonic() - lit.known_at > _KNOWN_SECONDS:
            began = time.monotonic()
            await self._look(hromada, [camera])
            lit = self._lit.get(camera)
            if lit is None or lit.known_at < began:
                raise Missing
        return lit.renditions

    async def watch(self, read: Collection[Programme]) -> None:
        """Looks again at every camera that is being read, and ends the views of those who have gone or may not look."""
        now = time.monotonic()
        cameras_read = {camera_of(each): each.hromada for each in read}
        due = dict[str, list[UUID]]()
        for camera, lit in list(self._lit.items()):
            if camera in cameras_read and now - lit.known_at > _LOOKED_AT_AFTER:
                due.setdefault(cameras_read[camera], []).append(camera)
            elif now - lit.known_at > _KNOWN_SECONDS:
                del self._lit[camera]
        for slug, those in due.items():
            await self._look_again(slug, those)
        await self._tell(now)
        for id, view in list(self._open.items()):
            if now - view.asked_at > LAPSES_AFTER:
                await self._end(id, view, Ending.LAPSED)
            elif not await self._still_may(view):
                await self._end(id, view, Ending.REVOKED)

    async def _tell(self, now: float) -> None:
        """Tells the rows which views go on, for the other gateways to know."""
        due = {
            id: view
            for id, view in self._open.items()
            if view.asked_at > view.told_at and now - view.told_at >= _TOLD_EACH
        }
        for hromada in {each.hromada for each in due.values()}:
            those = {id: each for id, each in due.items() if each.hromada == hromada}
            async with self.kit.call(_GATEWAY, hromada) as call:
                await views.served(
                    call, {id: timedelta(seconds=max(0.0, now - each.asked_at)) for id, each in those.items()}
                )
            for each in those.values():
                each.told_at = now

    async def sweep(self) -> None:
        """Ends the views that nobody here knows of: they were left open by a process that died."""
        for hromada in self.kit.hromadas():
            async with self.kit.call(_GATEWAY, hromada) as call:
                left = await views.left_open(call, timedelta(seconds=LAPSES_AFTER))
            for each in left:
                if each.id not in self._open:
                    known = _Open(hromada, each.viewer, each.viewer_pseudonym, frozenset(), 0.0, 0.0)
                    await self._end(each.id, known, Ending.LAPSED)

    async def _still_may(self, view: _Open) -> bool:
        try:
            of_viewer = await self.kit.chain.authorities.of(view.hromada.slug, view.viewer)
            return self._may_look(of_viewer, view.permission)
        except Missing:
            return False

    def _may_look(self, authorisation: Authorisation, permission: str) -> bool:
        is_over = authorisation.until is not None and authorisation.until <= self.kit.clock.now()
        is_open = not authorisation.suspended and not authorisation.provisioning
        return is_open and not is_over and permission in authorisation.permissions

    async def _view(self, one: Pass) -> _Open:
        known = self._fresh(one.view)
        if known is not None:
            return known
        authorisation = await self.kit.chain.authorities.of(one.hromada, "")
        if authorisation.hromada_id is None:
            raise Missing
        hromada = Hromada(one.hromada, authorisation.hromada_id)
        self._waiting.setdefault(hromada.id, set()).add(one.view)
        async with self._reading.setdefault(hromada.id, asyncio.Lock()):
            if self._fresh(one.view) is None:
                await self._read(hromada, self._waiting.pop(hromada.id, set()) | {one.view})
        known = self._open.get(one.view)
        if known is None:
            raise Turned(Refused.VIEW)
        return known

    def _fresh(self, view: UUID) -> _Open | None:
        known = self._open.get(view)
        return known if known is not None and time.monotonic() - known.known_at <= _KNOWN_SECONDS else None

    async def _read(self, hromada: Hromada, asked_for: Collection[UUID]) -> None:
        """What the rows say of the views that are asked for, and whether the hromada's others still go on: many look at
        once, and of those that are known only that is asked."""
        now = time.monotonic()
        known = {id for id, each in self._open.items() if each.hromada == hromada}
        async with self.kit.call(_GATEWAY, hromada) as call:
            going_on = await views.going_on(call, known) if known else set()
            new = [id for id in asked_for if id not in known]
            found = await views.some(call, new) if new else []
        for id in known:
            if id not in going_on:
                self._open.pop(id, None)
            elif id in self._open:
                self._open[id].known_at = now
        for seen in found:
            if seen.view.ending is None:
                self._open[seen.view.id] = _opened(hromada, seen, now)

    async def _look(self, hromada: Hromada, those: Collection[UUID]) -> None:
        """What the papers of cameras say today. What opens one is taken out of the vault once for each change of it."""
        async with self.kit.call(_GATEWAY, hromada) as call:
            for known in await cameras.there(call, those):
                camera, source = known.camera, known.source
                before = self._lit.get(camera.id)
                versions = (camera.version, source.version if source is not None else 0)
                renditions = dict[str, Programme]()
                if source is not None and cameras.is_lit(call, known):
                    if before is not None and before.renditions and before.versions == versions:
                        renditions = before.renditions
                    else:
                        renditions = {
                            name: Programme(
                                f"{camera.id}/{name}", hromada.slug, opened, camera.always_on and name == "main"
                            )
                            for name, opened in (await cameras.opened(call, source)).items()
                        }
                self._lit[camera.id] = _Lit(renditions, time.monotonic(), versions)

    async def _look_again(self, slug: str, those: Collection[UUID]) -> None:
        """The same of cameras that are being read; one that is not there any more is dark."""
        began = time.monotonic()
        try:
            authorisation = await self.kit.chain.authorities.of(slug, "")
            if authorisation.hromada_id is not None and not authorisation.suspended:
                await self._look(Hromada(slug, authorisation.hromada_id), those)
        except Missing:
            log.warning("hromada.gone", hromada=slug)
        for camera in those:
            if self._lit[camera].known_at < began:
                self._lit[camera] = _Lit({}, time.monotonic())

    async def _end(self, id: UUID, view: _Open, ending: Ending) -> None:
        """Ends a view in its row, and only then forgets it: what fails is tried again."""
        try:
            async with self.kit.call(Caller(view.viewer, pseudonym=view.pseudonym), view.hromada) as call:
                unless = timedelta(seconds=LAPSES_AFTER) if ending is Ending.LAPSED else None
                await views.end_for(call, id, ending, unless)
        except Missing:
            log.warning("view.gone", hromada=view.hromada.slug)
        self._open.pop(id, None)


def _opened(hromada: Hromada, seen: views.Seen, now: float) -> _Open:
    row = seen.view
    span = Span(row.from_at, row.to_at) if row.from_at is not None and row.to_at is not None else None
    return _Open(hromada, row.viewer, row.viewer_pseudonym, frozenset(seen.cameras), now, now, span)


def browser_of(cookie: str) -> str:
    """By which a pass knows the browser that shows this cookie."""
    return sha256(cookie.encode()).hexdigest()
