"""Looks at what is being read, once a second, and keeps how it fares; what nobody watches is looked at now and then."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from kit.call import Caller, Hromada
from kit.errors import Refusal
from kit.service import Kit

from cctv_gateway.engine.fleet import State
from cctv_gateway.engine.on_air import OnAir, Programme, camera_of
from cctv_gateway.engine.streams import Stream
from cctv_gateway.engine.vitals import Vitals
from cctv_gateway.health import actions
from cctv_gateway.health.actions import Measured
from cctv_gateway.health.rules import Change, Standing, Usual, Watch

log = structlog.get_logger("health")

KEPT_EACH = 60.0
VISITED_EACH = 300.0
_VISITED_AT_ONCE = 4
_VISIT_LASTS = 20.0
_BEGINS_WITHIN = 8.0
"""Seconds that a stream may take to begin before it counts as away."""
_SILENT_AFTER = 8.0
_FORGOTTEN_AFTER = 2 * VISITED_EACH
_GATEWAY = Caller("svc.cctv", pseudonym="svc.cctv")


@dataclass(slots=True)
class _Watched:
    """A camera that is being read, or was a while ago."""

    hromada: Hromada
    standing: Standing
    accepted_at: datetime | None
    since: float
    """When it began to be read, this time."""
    seen_at: float
    kept_at: float = 0.0
    is_up: bool = False
    was_up: bool = False
    """What was kept last."""
    cause: str = ""
    rendition: str = ""
    size: tuple[int, int] = (0, 0)
    heard: dict[str, Vitals] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    up: float = 0.0
    down: float = 0.0


class Rounds:
    """One gateway's."""

    def __init__(self, kit: Kit, on_air: OnAir) -> None:
        self._kit = kit
        self._on_air = on_air
        self._watched = dict[UUID, _Watched]()
        self._visited = dict[str, float]()
        self._looked_at = time.monotonic()

    def visit(self, programmes: Sequence[Programme]) -> None:
        """Has those read for a while that nobody has watched for some minutes, a few at a time."""
        now = time.monotonic()
        read = {camera_of(each) for each in self._on_air.programmes()}
        under_way = sum(now - at < _VISIT_LASTS for at in self._visited.values())
        for each in programmes:
            if camera_of(each) in read:
                self._visited.setdefault(each.name, 0.0)
            elif under_way < _VISITED_AT_ONCE and now - self._visited.get(each.name, -VISITED_EACH) >= VISITED_EACH:
                self._visited[each.name] = now
                under_way += 1
                self._on_air.tune(each)
        known = {each.name for each in programmes}
        self._visited = {name: at for name, at in self._visited.items() if name in known}

    async def look(self) -> None:
        """One look at everything that is being read."""
        now = time.monotonic()
        passed, self._looked_at = min(now - self._looked_at, 5.0), now
        by_camera = dict[UUID, list[tuple[Programme, Stream]]]()
        for programme, stream in self._on_air.streams():
            by_camera.setdefault(camera_of(programme), []).append((programme, stream))
        for camera, streams in by_camera.items():
            watched = self._watched.get(camera) or await self._meet(camera, streams[0][0].hromada, now)
            if now - watched.seen_at > _BEGINS_WITHIN:
                watched.since = now
            watched.seen_at = now
            self._judge(watched, streams, now, passed)
        await self._keep(now)
        for camera, watched in list(self._watched.items()):
            if now - watched.seen_at > _FORGOTTEN_AFTER and not watched.changes:
                del self._watched[camera]

    async def _meet(self, camera: UUID, slug: str, now: float) -> _Watched:
        """Takes up a camera where it was left."""
        authorisation = await self._kit.chain.authorities.of(slug, "")
        if authorisation.hromada_id is None:
            raise Refusal("hromada.away")
        hromada = Hromada(slug, authorisation.hromada_id)
        async with self._kit.call(_GATEWAY, hromada) as call:
            row, open_alarms = await actions.known(call, camera)
        standing = Standing(by_day=Usual.kept(row.by_day if row else None))
        standing.by_night = Usual.kept(row.by_night if row else None)
        for alarm in open_alarms:
            standing.watches[alarm.kind] = Watch(alarm.kind, is_raised=True)
        watched = _Watched(hromada, standing, row.accepted_at if row else None, now, now)
        self._watched[camera] = watched
        return watched

    def _judge(self, watched: _Watched, streams: Sequence[tuple[Programme, Stream]], now: float, passed: float) -> None:
        watched.is_up = any(plays(stream) for _, stream in streams)
        watched.cause = "" if watched.is_up else next((each.cause for _, each in streams if each.cause), "")
        if watched.is_up or now - watched.since > _BEGINS_WITHIN:
            watched.changes += watched.standing.present(watched.is_up)
            watched.up += passed if watched.is_up else 0.0
            watched.down += 0.0 if watched.is_up else passed
        for programme, stream in streams:
            rendition, vitals = programme.name.rpartition("/")[2], stream.vitals
            if vitals is None or watched.heard.get(rendition) is vitals or not stream.inits:
                continue
            init = stream.inits[max(stream.inits)]
            watched.heard[rendition], watched.rendition = vitals, rendition
            watched.size = (init.width, init.height)
            watched.changes += watched.standing.look(vitals, rendition, init.width * init.height)

    async def _keep(self, now: float) -> None:
        """Writes what has changed, and the rest once a minute; what cannot be written is written later."""
        due = {
            camera: watched
            for camera, watched in self._watched.items()
            if watched.changes or (watched.seen_at == now and _is_due(watched, now))
        }
        for hromada in {each.hromada for each in due.values()}:
            those = {camera: each for camera, each in due.items() if each.hromada == hromada}
            try:
                async with self._kit.call(_GATEWAY, hromada) as call:
                    kept = {
                        camera: await actions.keep(call, _measured(camera, each), each.changes, each.accepted_at)
                        for camera, each in those.items()
                    }
            except Refusal as refusal:
                log.warning("health.waits", cause=refusal.reason)
                continue
            for camera, each in those.items():
                if kept[camera] != each.accepted_at:
                    each.standing.accept()
                    each.accepted_at = kept[camera]
                each.changes, each.up, each.down, each.kept_at, each.was_up = [], 0.0, 0.0, now, each.is_up


def _is_due(watched: _Watched, now: float) -> bool:
    """Whether it is time to keep how a camera fares: once it is known whether it plays, when that changes, and each
    minute."""
    if not watched.is_up and now - watched.since <= _BEGINS_WITHIN:
        return False
    return now - watched.kept_at >= KEPT_EACH or watched.is_up != watched.was_up


def plays(stream: Stream) -> bool:
    """Whether pictures come now."""
    if stream.state is not State.PLAYING or not stream.segments:
        return False
    return time.time() - stream.segments[-1].parts[-1].at < _SILENT_AFTER


def _measured(camera: UUID, watched: _Watched) -> Measured:
    vitals = watched.heard.get(watched.rendition)
    return Measured(
        camera_id=camera,
        is_up=watched.is_up,
        cause=watched.cause,
        rendition=watched.rendition,
        frames_per_second=vitals.frames_per_second if vitals else None,
        bits_per_second=vitals.bits_per_second if vitals else None,
        key_interval=(vitals.key_interval or None) if vitals else None,
        clock_drift=vitals.clock_drift if vitals else None,
        width=watched.size[0],
        height=watched.size[1],
        by_day=watched.standing.by_day.to_keep(),
        by_night=watched.standing.by_night.to_keep(),
        up_seconds=watched.up,
        down_seconds=watched.down,
    )
