"""What happens to views: begun, renewed, ended by the viewer or for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit.audit import Record
from kit.call import Call
from kit.database.session import Prepared, table_of
from kit.errors import Missing, WrongState
from kit.rpc.enums import to_contract
from spilno.cctv.v1 import events_pb2 as events
from spilno.cctv.v1.views_pb2 import ViewEnding
from sqlalchemy import ARRAY, DateTime, Uuid, any_, bindparam, func
from sqlmodel import col, select

from cctv_gateway.cameras import actions as cameras
from cctv_gateway.recordings import actions as recordings
from cctv_gateway.recordings.rules import Span, check_footage
from cctv_gateway.views import rules
from cctv_gateway.views.model import View, ViewedCamera
from cctv_gateway.views.rules import Ending, Pass, Reason

_ENDED = "spilno.cctv.v1.Views.EndView"
_view = table_of(View)
_GOING_ON = Prepared(
    select(_view.c.id).where(_view.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))), _view.c.ending.is_(None))
)
_served = (
    func.unnest(bindparam("ids", type_=ARRAY(Uuid)), bindparam("ats", type_=ARRAY(DateTime(timezone=True))))
    .table_valued("id", "at")
    .render_derived()
)
_SERVED = Prepared(
    _view.update().where(_view.c.id == _served.c.id, _view.c.seen_at < _served.c.at).values(seen_at=_served.c.at)
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A view with its cameras."""

    view: View
    cameras: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Opened:
    """A view, and what opens the media of those of its cameras that may be watched."""

    seen: Seen
    passes: dict[UUID, str]
    expires_at: datetime


async def start(call: Call, ids: Sequence[UUID], reason: Reason, case_reference: str, browser: str) -> Opened:
    """Begins to look.

    Raises:
        Missing: there is no such camera.
        WrongState: one of them may not be watched.
    """
    found = await cameras.some(call, ids)
    if dark := next((each for each in found if not cameras.is_lit(call, each)), None):
        raise WrongState("view.camera-is-dark", title=dark.camera.title)
    view = View(
        viewer=call.caller.subject,
        viewer_pseudonym=call.caller.pseudonym,
        viewer_name=call.caller.display_name,
        reason=reason,
        case_reference=case_reference,
        started_at=call.now,
        seen_at=call.now,
    )
    call.db.add(view)
    await call.db.flush()
    for id in ids:
        call.db.add(ViewedCamera(view_id=view.id, camera_id=id))
    call.emit(events.ViewStarted(view=_event(call, view)))
    call.purpose = call.purpose or f"live/{reason.value.replace('_', '-')}"
    return _opened(call, Seen(view, ids), ids, browser)


async def play_back(call: Call, id: UUID, span: Span, purpose: str, case_reference: str, browser: str) -> Opened:
    """Begins to look at footage. A camera that is dark today may have some.

    Raises:
        Missing: there is no such camera.
        Refused: there is no footage in that span.
    """
    check_footage(await recordings.footage(call, id, span))
    view = View(
        viewer=call.caller.subject,
        viewer_pseudonym=call.caller.pseudonym,
        viewer_name=call.caller.display_name,
        reason=Reason.ARCHIVE,
        case_reference=case_reference,
        purpose=purpose,
        from_at=span.start,
        to_at=span.end,
        started_at=call.now,
        seen_at=call.now,
    )
    call.db.add(view)
    await call.db.flush()
    call.db.add(ViewedCamera(view_id=view.id, camera_id=id))
    call.emit(events.ViewStarted(view=_event(call, view)))
    call.purpose = call.purpose or "archive/playback"
    return _opened(call, Seen(view, [id]), [id], browser)


async def renew(call: Call, id: UUID, browser: str) -> Opened:
    """New passes for one's own view.

    Raises:
        Missing: it is not the caller's.
        WrongState: it has ended.
    """
    seen = await find(call, id)
    if seen.view.viewer != call.caller.subject:
        raise Missing
    rules.check_going_on(seen.view.ending)
    if seen.view.reason is Reason.ARCHIVE:
        return _opened(call, seen, seen.cameras, browser)
    found = await cameras.some(call, seen.cameras)
    return _opened(call, seen, [each.camera.id for each in found if cameras.is_lit(call, each)], browser)


async def end(call: Call, id: UUID) -> Seen:
    """Ends one's own view.

    Raises:
        Missing: it is not the caller's.
        WrongState: it has ended.
    """
    seen = await find(call, id)
    if seen.view.viewer != call.caller.subject:
        raise Missing
    return await _ended(call, seen, Ending.ENDED)


async def end_for(call: Call, id: UUID, ending: Ending, unless_seen_for: timedelta | None = None) -> None:
    """Ends a view for its viewer, who is the call's caller, and says so in the trail. One that has ended stays so, and
    one that another gateway has served since then goes on."""
    seen = await find(call, id)
    if seen.view.ending is not None:
        return
    if unless_seen_for is not None and seen.view.seen_at > call.now - unless_seen_for:
        return
    await _ended(call, seen, ending)
    call.purpose = f"{'archive' if seen.view.reason is Reason.ARCHIVE else 'live'}/{ending.value}"
    call.keep(_ENDED, [Record(f"{call.hromada.name}/{each}") for each in _records(seen)])


async def find(call: Call, id: UUID) -> Seen:
    """The view.

    Raises:
        Missing: there is none.
    """
    view = await call.db.get(View, id)
    return (await _with_cameras(call, [view]))[0]


async def some(call: Call, ids: Collection[UUID]) -> list[Seen]:
    """Those of these views that there are."""
    return await _with_cameras(call, await call.db.all(select(View).where(col(View.id).in_(ids))))


async def going_on(call: Call, ids: Collection[UUID]) -> set[UUID]:
    """Those of these views that have not ended."""
    return {each["id"] for each in await call.db.run(_GOING_ON, ids=list(ids))}


async def page(call: Call, camera: UUID, before: UUID | None, size: int) -> list[Seen]:
    """The views of a camera, the newest first.

    Raises:
        Missing: there is no such camera.
    """
    await cameras.find(call, camera)
    wanted = select(ViewedCamera).where(col(ViewedCamera.camera_id) == camera)
    if before is not None:
        wanted = wanted.where(col(ViewedCamera.view_id) < before)
    found = await call.db.all(wanted.order_by(col(ViewedCamera.view_id).desc()).limit(size))
    ids = [each.view_id for each in found]
    views = await call.db.all(select(View).where(col(View.id).in_(ids)).order_by(col(View.id).desc())) if ids else []
    return [Seen(view, [camera]) for view in views]


async def served(call: Call, ago: Mapping[UUID, timedelta]) -> None:
    """Something of these views was served so long ago: not now, when it is said, or a gateway that then ends one of
    them by its own clock would take what it said itself for another's."""
    await call.db.run(_SERVED, ids=list(ago), ats=[call.now - each for each in ago.values()])


async def left_open(call: Call, for_longer_than: timedelta) -> list[View]:
    """The views that go on, by the rows, though no gateway has served them for longer than that."""
    open_ones = select(View).where(col(View.ended_at).is_(None), col(View.seen_at) < call.now - for_longer_than)
    return await call.db.all(open_ones.limit(500))


async def _ended(call: Call, seen: Seen, ending: Ending) -> Seen:
    view = await call.db.lock(View, seen.view.id)
    rules.check_going_on(view.ending)
    view.ended_at, view.ending = call.now, ending
    await call.db.flush()
    call.emit(events.ViewEnded(view=_event(call, view)))
    return Seen(view, seen.cameras)


async def _with_cameras(call: Call, views: Sequence[View]) -> list[Seen]:
    wanted = select(ViewedCamera).where(col(ViewedCamera.view_id).in_([each.id for each in views]))
    found = await call.db.all(wanted.order_by(col(ViewedCamera.id)))
    return [Seen(view, [each.camera_id for each in found if each.view_id == view.id]) for view in views]


def _opened(call: Call, seen: Seen, lit: Sequence[UUID], browser: str) -> Opened:
    expires_at = call.now + rules.LASTS
    passes = {
        id: rules.written(
            Pass(call.hromada.slug, seen.view.id, id, expires_at),
            browser,
            lambda *parts: call.keys.digest("media pass", *parts),
        )
        for id in lit
    }
    return Opened(seen, passes, expires_at)


def _event(call: Call, view: View) -> events.ViewEvent:
    ending = to_contract(ViewEnding, view.ending) if view.ending else ViewEnding.VIEW_ENDING_UNSPECIFIED
    return events.ViewEvent(name=f"{call.hromada.name}/views/{view.id}", version=view.version, ending=ending)


def _records(seen: Seen) -> list[str]:
    return [f"views/{seen.view.id}", *(f"cameras/{each}" for each in seen.cameras)]
