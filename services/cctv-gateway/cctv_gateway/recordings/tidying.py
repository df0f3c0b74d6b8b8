"""Deletes what has to go: past its time, or the oldest where there is no more room; never what a case holds.

The file goes before its row: whoever dies in between leaves a row without a file, which the next run takes away, and
never footage that nobody knows of.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import structlog
from kit.call import Call, Caller, Hromada
from kit.service import Kit
from sqlalchemy import delete
from sqlmodel import col, select

from cctv_gateway.cameras.model import Camera
from cctv_gateway.health import actions as health
from cctv_gateway.health.rules import Change, Kind
from cctv_gateway.recordings import actions, rules
from cctv_gateway.recordings.model import Recording, Tidying
from cctv_gateway.recordings.rules import Kept, Span
from cctv_gateway.settings import own

log = structlog.get_logger("recordings")

_GATEWAY = Caller("svc.cctv", pseudonym="svc.cctv")
_STRAY_AFTER = timedelta(minutes=10)
_BATCH = 500


async def tidy(kit: Kit, hromada: Hromada, folder: Path, *, has_failed: bool = False) -> int:
    """One run over a hromada's footage; tells how many files went."""
    async with kit.call(_GATEWAY, hromada) as call:
        run = await _hold(call)
        kept = await _kept(call)
        quota = own(call.settings).recorded_per_hromada
        going = rules.to_go(kept, call.now, quota)[:_BATCH]
        paths = await _paths(call, going)
        gone = [each for each in going if await asyncio.to_thread(_unlinked, folder / paths[each.id])]
        if gone:
            ids = [each.id for each in gone]
            await call.db.records(delete(Recording).where(col(Recording.id).in_(ids)))
        left = {each.id for each in kept} - {each.id for each in gone}
        run.ran_at, run.kept_bytes = call.now, sum(each.bytes for each in kept if each.id in left)
        run.is_full = run.kept_bytes > quota
        rest = [each for each in kept if each.id in left]
        await health.turn(call, None, Change(Kind.RETENTION, rules.is_overdue(rest, call.now)))
        await health.turn(call, None, Change(Kind.STORAGE, run.is_full or has_failed))
        known = await _paths(call, rest)
    await asyncio.to_thread(
        _sweep, folder / str(hromada.id), {folder / each for each in known.values()}, call.now.timestamp()
    )
    return len(gone)


async def _hold(call: Call) -> Tidying:
    """The hromada's row, held: one run at a time."""
    row = await call.db.one_or_none(select(Tidying))
    if row is None:
        row = Tidying(ran_at=call.now, kept_bytes=0)
        call.db.add(row)
        await call.db.flush()
    return await call.db.lock(Tidying, row.id)


async def _kept(call: Call) -> list[Kept]:
    """Everything that is kept. Until the transaction ends nothing of it can be held that is not held already."""
    cameras = {each.id: each for each in await call.db.all(select(Camera))}
    await actions.hold_plans(call)
    holds = await actions.holds(call, only_open=True)
    found = await call.db.all(select(Recording).order_by(col(Recording.from_at)))
    return [
        Kept(
            each.id,
            Span(each.from_at, each.to_at),
            each.bytes,
            rules.keep_until(
                each.to_at, cameras[each.camera_id].retention_hours, cameras[each.camera_id].retention_limit_hours
            ),
            any(
                hold.camera_id == each.camera_id
                and Span(hold.from_at, hold.to_at).meets(Span(each.from_at, each.to_at))
                for hold in holds
            ),
        )
        for each in found
    ]


async def _paths(call: Call, kept: Sequence[Kept]) -> dict[object, str]:
    found = dict[object, str]()
    for start in range(0, len(kept), _BATCH):
        ids = [each.id for each in kept[start : start + _BATCH]]
        rows = await call.db.records(select(Recording.id, Recording.path).where(col(Recording.id).in_(ids)))
        found |= {row["id"]: row["path"] for row in rows}
    return found


def _unlinked(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.error("recording.not-deleted", error=error.strerror)
        return False
    return True


def _sweep(folder: Path, known: set[Path], now: float) -> None:
    """Deletes files that no row knows of, once they are old enough to be nobody's work, and days that are empty."""
    for path in folder.glob("*/*/*.mp4"):
        if path not in known and now - path.stat().st_mtime > _STRAY_AFTER.total_seconds():
            path.unlink(missing_ok=True)
    for day in folder.glob("*/*"):
        if day.is_dir() and not any(day.iterdir()):
            day.rmdir()
