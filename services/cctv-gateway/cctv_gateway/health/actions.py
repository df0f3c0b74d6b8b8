"""What happens to health: measured, alarmed, looked up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from kit.call import Call
from kit.database.session import Prepared, table_of
from kit.rpc.enums import to_contract
from spilno.cctv.v1 import events_pb2 as events
from spilno.cctv.v1.health_pb2 import AlarmKind
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from cctv_gateway.cameras import actions as cameras
from cctv_gateway.cameras.model import Camera
from cctv_gateway.health.model import Alarm, CameraHealth, Uptime
from cctv_gateway.health.rules import Change, Kind

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Measured:
    """How a camera fares now, and how long it was up since the last time."""

    camera_id: UUID
    is_up: bool
    cause: str
    rendition: str
    frames_per_second: float | None
    bits_per_second: int | None
    key_interval: float | None
    clock_drift: float | None
    width: int
    height: int
    by_day: bytes | None
    by_night: bytes | None
    up_seconds: float
    down_seconds: float


@dataclass(frozen=True, slots=True)
class Faring:
    """A camera's health with its open alarms, and how long it was up today and in a week; None: it was not asked."""

    camera: Camera
    health: CameraHealth | None
    alarms: Sequence[Alarm]
    up_today: float | None
    up_this_week: float | None


_up = table_of(Uptime)
_ADD_UPTIME = Prepared(
    insert(_up)
    .values({name: bindparam(name) for name in ("hromada_id", "id", "version", "camera_id", "day")})
    .values(up_seconds=bindparam("up_seconds"), down_seconds=bindparam("down_seconds"))
    .on_conflict_do_update(
        index_elements=[_up.c.hromada_id, _up.c.camera_id, _up.c.day],
        set_={
            "up_seconds": _up.c.up_seconds + bindparam("up_seconds"),
            "down_seconds": _up.c.down_seconds + bindparam("down_seconds"),
        },
    )
)


async def known(call: Call, camera_id: UUID) -> tuple[CameraHealth | None, list[Alarm]]:
    """What the rows say of a camera, with the alarms that are open."""
    health = await call.db.one_or_none(select(CameraHealth).where(col(CameraHealth.camera_id) == camera_id))
    return health, await _open_alarms(call, [camera_id])


async def keep(
    call: Call, measured: Measured, changes: Sequence[Change], accepted_at: datetime | None
) -> datetime | None:
    """Keeps how a camera fares, and raises and clears its alarms.

    Args:
        call: the gateway's own.
        measured: what is kept.
        changes: alarms since the last time.
        accepted_at: when the camera's picture was last accepted, as the caller knows it.

    Returns:
        when it was last accepted: if that is news, what the caller has learnt is not kept, but void.
    """
    row = await call.db.one_or_none(select(CameraHealth).where(col(CameraHealth.camera_id) == measured.camera_id))
    if row is None:
        row = CameraHealth(camera_id=measured.camera_id, measured_at=call.now)
        call.db.add(row)
    else:
        row = await call.db.lock(CameraHealth, row.id)
    for name in ("is_up", "cause", "rendition", "frames_per_second", "bits_per_second", "key_interval"):
        setattr(row, name, getattr(measured, name))
    row.clock_drift, row.width, row.height = measured.clock_drift, measured.width, measured.height
    row.measured_at = call.now
    if row.accepted_at == accepted_at:
        row.by_day, row.by_night = measured.by_day, measured.by_night
    if measured.up_seconds or measured.down_seconds:
        call.db.put(
            _ADD_UPTIME,
            hromada_id=call.hromada.id,
            id=uuid7(),
            version=1,
            camera_id=measured.camera_id,
            day=call.today,
            up_seconds=measured.up_seconds,
            down_seconds=measured.down_seconds,
        )
    for change in changes:
        await turn(call, measured.camera_id, change, measured.cause if change.kind is Kind.AWAY else "")
    return row.accepted_at


async def turn(call: Call, camera_id: UUID | None, change: Change, cause: str = "") -> None:
    """Raises or clears an alarm; one that is so already stays as it is."""
    open_one = await call.db.one_or_none(
        select(Alarm).where(
            col(Alarm.camera_id).is_not_distinct_from(camera_id),
            col(Alarm.kind) == change.kind,
            col(Alarm.cleared_at).is_(None),
        )
    )
    if change.is_raised and open_one is None:
        raised = Alarm(camera_id=camera_id, kind=change.kind, cause=cause, raised_at=call.now)
        call.db.add(raised)
        call.emit(events.AlarmRaised(alarm=_event(call, raised)))
    elif not change.is_raised and open_one is not None:
        cleared = await call.db.lock(Alarm, open_one.id)
        cleared.cleared_at = call.now
        call.emit(events.AlarmCleared(alarm=_event(call, cleared)))


async def accept(call: Call, camera_id: UUID) -> Faring:
    """What the camera shows now is what it is to show: from here on that is its usual picture.

    Raises:
        Missing: there is no such camera, or nothing is known of it yet.
    """
    await cameras.find(call, camera_id)
    row = await call.db.one_or_none(select(CameraHealth).where(col(CameraHealth.camera_id) == camera_id))
    if row is not None:
        held = await call.db.lock(CameraHealth, row.id)
        held.by_day = held.by_night = None
        held.accepted_at = call.now
    await turn(call, camera_id, Change(Kind.MOVED, False))
    await call.db.flush()
    return await find(call, camera_id)


async def find(call: Call, camera_id: UUID) -> Faring:
    """How a camera fares.

    Raises:
        Missing: there is no such camera.
    """
    return (await _faring(call, [(await cameras.find(call, camera_id)).camera]))[0]


async def page(call: Call, after: UUID | None, size: int) -> list[Faring]:
    """How all cameras fare, in the order in which they were entered."""
    return await _faring(call, [each.camera for each in await cameras.page(call, after, size)])


async def alarms(call: Call, camera_id: UUID | None, *, only_open: bool, before: UUID | None, size: int) -> list[Alarm]:
    """Alarms of a camera or of the whole hromada, the newest first."""
    wanted = select(Alarm)
    if camera_id is not None:
        await cameras.find(call, camera_id)
        wanted = wanted.where(col(Alarm.camera_id) == camera_id)
    if only_open:
        wanted = wanted.where(col(Alarm.cleared_at).is_(None))
    if before is not None:
        wanted = wanted.where(col(Alarm.id) < before)
    return await call.db.all(wanted.order_by(col(Alarm.id).desc()).limit(size))


async def _faring(call: Call, found: Sequence[Camera]) -> list[Faring]:
    ids = [each.id for each in found]
    if not ids:
        return []
    rows = await call.db.all(select(CameraHealth).where(col(CameraHealth.camera_id).in_(ids)))
    by_camera = {each.camera_id: each for each in rows}
    open_ones = await _open_alarms(call, ids)
    since = call.today - timedelta(days=_WEEK - 1)
    days = await call.db.all(select(Uptime).where(col(Uptime.camera_id).in_(ids), col(Uptime.day) >= since))
    return [
        Faring(
            each,
            by_camera.get(each.id),
            [alarm for alarm in open_ones if alarm.camera_id == each.id],
            _share(days, each.id, call.today),
            _share(days, each.id, since),
        )
        for each in found
    ]


async def _open_alarms(call: Call, camera_ids: Sequence[UUID]) -> list[Alarm]:
    wanted = select(Alarm).where(col(Alarm.camera_id).in_(camera_ids), col(Alarm.cleared_at).is_(None))
    return await call.db.all(wanted.order_by(col(Alarm.id)))


def _share(days: Sequence[Uptime], camera_id: UUID, since: date) -> float | None:
    """Which part of the time it was up, of that in which it was asked to."""
    own = [each for each in days if each.camera_id == camera_id and each.day >= since]
    up, down = sum(each.up_seconds for each in own), sum(each.down_seconds for each in own)
    return up / (up + down) if up + down else None


def _event(call: Call, alarm: Alarm) -> events.AlarmEvent:
    return events.AlarmEvent(
        name=f"{call.hromada.name}/alarms/{alarm.id}",
        version=alarm.version,
        camera=f"{call.hromada.name}/cameras/{alarm.camera_id}" if alarm.camera_id is not None else "",
        kind=to_contract(AlarmKind, alarm.kind),
    )
