"""What happens to views: begun, renewed, ended by the viewer or for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit.audit import Record
from kit.call import Call
from kit.errors import Missing, WrongState
from sqlmodel import col, select

from cctv_gateway.cameras import actions as cameras
from cctv_gateway.views import rules
from cctv_gateway.views.model import View, ViewedCamera
from cctv_gateway.views.rules import Ending, Pass, Reason

_ENDED = "spilno.cctv.v1.Views.EndView"


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
    call.purpose = call.purpose or f"live/{reason.value.replace('_', '-')}"
    return _opened(call, Seen(view, ids), ids, browser)


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


async def end_for(call: Call, id: UUID, ending: Ending) -> None:
    """Ends a view for its viewer, who is the call's caller, and says so in the trail. One that has ended stays so."""
    seen = await find(call, id)
    if seen.view.ending is not None:
        return
    await _ended(call, seen, ending)
    call.purpose = f"live/{ending.value}"
    call.keep(_ENDED, [Record(f"{call.hromada.name}/{each}") for each in _records(seen)])


async def find(call: Call, id: UUID) -> Seen:
    """The view.

    Raises:
        Missing: there is none.
    """
    view = await call.db.get(View, id)
    return (await _with_cameras(call, [view]))[0]


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


async def left_open(call: Call, for_longer_than: timedelta) -> list[View]:
    """The views that go on, by the rows, since longer than that."""
    open_ones = select(View).where(col(View.ended_at).is_(None), col(View.started_at) < call.now - for_longer_than)
    return await call.db.all(open_ones.limit(500))


async def _ended(call: Call, seen: Seen, ending: Ending) -> Seen:
    view = await call.db.lock(View, seen.view.id)
    rules.check_going_on(view.ending)
    view.ended_at, view.ending = call.now, ending
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


def _records(seen: Seen) -> list[str]:
    return [f"views/{seen.view.id}", *(f"cameras/{each}" for each in seen.cameras)]
