"""What happens to recordings: planned, found, held; deleted by retention alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.call import Call
from kit.errors import Stale
from kit.rpc.enums import to_contract
from spilno.cctv.v1 import events_pb2 as events
from spilno.cctv.v1.recordings_pb2 import RecordingMode
from sqlalchemy import func
from sqlmodel import col, select

from cctv_gateway.cameras import actions as cameras
from cctv_gateway.recordings import rules
from cctv_gateway.recordings.model import Hold, Recording, RecordingPlan, Tidying
from cctv_gateway.recordings.rules import Mode, Span, Stream
from cctv_gateway.settings import own

_PAGE = 500
_NEVER_SET = "0"
_LOCK = 1_937_006_964
"""Of advisory locks, the room that footage has."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Whether a camera is recorded, and how long that is kept."""

    plan: RecordingPlan
    etag: str
    kept_hours: int


async def plan_of(call: Call, camera_id: UUID) -> Planned:
    """Whether the camera is recorded: off, where nobody has said anything.

    Raises:
        Missing: there is no such camera.
    """
    camera = (await cameras.find(call, camera_id)).camera
    plan = await _plan(call, camera_id)
    hours = rules.kept_hours(camera.retention_hours, camera.retention_limit_hours)
    if plan is None:
        return Planned(RecordingPlan(camera_id=camera_id), _NEVER_SET, hours)
    return Planned(plan, plan.etag, hours)


async def plan(call: Call, camera_id: UUID, etag: str, mode: Mode, stream: Stream) -> Planned:
    """Says whether the camera is recorded, and which of its streams.

    Raises:
        WrongState: its dossier does not say how long footage is kept.
        Stale: somebody else said something since.
    """
    before = await plan_of(call, camera_id)
    rules.check_plan(mode, before.kept_hours)
    if before.etag == _NEVER_SET:
        if etag != _NEVER_SET:
            raise Stale
        made = before.plan
        call.db.add(made)
    else:
        made = await call.db.lock(RecordingPlan, before.plan.id, etag)
    made.mode, made.rendition = mode, stream
    await call.db.flush()
    call.emit(events.RecordingPlanChanged(plan=_event(call, made)))
    return Planned(made, made.etag, before.kept_hours)


async def record_event(call: Call, camera_id: UUID, until: datetime) -> Planned:
    """Something happens: the camera is recorded until then, if it is to be on events.

    Raises:
        WrongState: it is not.
        Refused: that has passed, or is too far away.
    """
    planned = await plan_of(call, camera_id)
    rules.check_event(until, call.now, planned.plan.mode)
    held = await call.db.lock(RecordingPlan, planned.plan.id)
    held.event_until = until
    await call.db.flush()
    call.emit(events.RecordingPlanChanged(plan=_event(call, held)))
    return Planned(held, held.etag, planned.kept_hours)


async def footage(call: Call, camera_id: UUID, span: Span) -> list[Span]:
    """From when to when there is footage within a span.

    Raises:
        Missing: there is no such camera.
        Refused: that is no span in which there can be footage.
    """
    await cameras.find(call, camera_id)
    rules.check_span(span, call.now, may_go_on=True)
    found = [Span(each.from_at, each.to_at) async for each in between(call, camera_id, span.start, span.end)]
    return rules.within(rules.stretches(found), span)


async def hold(call: Call, camera_id: UUID, span: Span, case_reference: str, reason: str) -> Hold:
    """Keeps footage from being overwritten. It may go on: what will be recorded until the end is held as well.

    Raises:
        Missing: there is no such camera.
        Refused: there is no footage in that span.
    """
    await hold_plans(call)  # what is being deleted now is gone, or waits
    rules.check_footage(await footage(call, camera_id, span))
    made = Hold(
        camera_id=camera_id,
        from_at=span.start,
        to_at=span.end,
        case_reference=case_reference,
        reason=reason,
        held_at=call.now,
        held_by=call.caller.display_name,
    )
    call.db.add(made)
    return made


async def release(call: Call, id: UUID, etag: str, reason: str) -> Hold:
    """The case needs it no more.

    Raises:
        Missing: there is no such hold.
        WrongState: it was released.
    """
    held = await call.db.lock(Hold, id, etag)
    rules.check_release(held.released_at)
    held.released_at, held.released_by, held.released_because = call.now, call.caller.display_name, reason
    return held


async def holds(
    call: Call,
    camera_id: UUID | None = None,
    *,
    only_open: bool,
    before: UUID | None = None,
    size: int | None = None,
) -> list[Hold]:
    """Holds, the newest first."""
    wanted = select(Hold)
    if camera_id is not None:
        await cameras.find(call, camera_id)
        wanted = wanted.where(col(Hold.camera_id) == camera_id)
    if only_open:
        wanted = wanted.where(col(Hold.released_at).is_(None))
    if before is not None:
        wanted = wanted.where(col(Hold.id) < before)
    return await call.db.all(wanted.order_by(col(Hold.id).desc()).limit(size))


async def hold_plans(call: Call) -> None:
    """Whoever deletes footage, or holds it, waits here for whoever does so at the same time."""
    await call.db.records(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(str(call.hromada.id)))))


async def storage(call: Call) -> tuple[int, int, Tidying | None]:
    """How many bytes are kept, how many may be, and when that was last looked through."""
    (row,) = await call.db.records(select(func.coalesce(func.sum(Recording.bytes), 0).label("bytes")))
    return int(row["bytes"]), own(call.settings).recorded_per_hromada, await call.db.one_or_none(select(Tidying))


async def recorded(call: Call) -> dict[UUID, str]:
    """The cameras that are recorded now, each with the stream of it that is."""
    plans = await call.db.all(select(RecordingPlan).where(col(RecordingPlan.mode) != Mode.OFF))
    tidying = await call.db.one_or_none(select(Tidying))
    if tidying is not None and tidying.is_full:
        return {}
    return {each.camera_id: each.rendition for each in plans if each.is_on(call.now)}


async def between(
    call: Call, camera_id: UUID, from_at: datetime, to_at: datetime, rendition: str | None = None
) -> AsyncIterator[Recording]:
    """The recordings of a camera that hold something of a range, the oldest first."""
    wanted = select(Recording).where(
        col(Recording.camera_id) == camera_id, col(Recording.from_at) < to_at, col(Recording.to_at) > from_at
    )
    if rendition is not None:
        wanted = wanted.where(col(Recording.rendition) == rendition)
    wanted = wanted.order_by(col(Recording.from_at), col(Recording.id)).limit(_PAGE)
    place = 0
    while True:
        page = await call.db.all(wanted.offset(place))
        for each in page:
            yield each
        if len(page) < _PAGE:
            return
        place += len(page)


async def _plan(call: Call, camera_id: UUID) -> RecordingPlan | None:
    return await call.db.one_or_none(select(RecordingPlan).where(col(RecordingPlan.camera_id) == camera_id))


def _event(call: Call, plan: RecordingPlan) -> events.RecordingPlanEvent:
    return events.RecordingPlanEvent(
        name=f"{call.hromada.name}/cameras/{plan.camera_id}",
        version=plan.version,
        mode=to_contract(RecordingMode, plan.mode),
    )
