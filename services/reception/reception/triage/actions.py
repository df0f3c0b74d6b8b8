"""The verbs of what is no appeal."""

from uuid import UUID

from kit.call import Call
from sqlmodel import col, select

from reception.appeals.model import Area
from reception.appeals.rules import one_line
from reception.clocks import actions as clocks
from reception.triage import rules
from reception.triage.model import Handover, Tip
from reception.triage.rules import Track

_MOST = 100


async def record_tip(call: Call, area: Area, text: str) -> Tip:
    """Keeps what an anonymous letter says."""
    tip = Tip(area=area, text=rules.tip_text(text), received_at=call.now)
    call.db.add(tip)
    return tip


async def record_handover(
    call: Call, track: Track, unit: str, record_number: str, appeal: UUID | None = None
) -> Handover:
    """Writes down that something went to the body that it belongs to; the appeal that it came as, if it did."""
    handover = Handover(
        track=track,
        unit=rules.unit(unit),
        record_number=one_line(record_number),
        handed_at=call.now,
        due_at=rules.due_at(track, call.now, (await clocks.clocks(call)).calendar),
        appeal_id=appeal,
        handed_by=call.caller.subject,
        handed_by_name=call.caller.display_name,
    )
    call.db.add(handover)
    return handover


async def tips(call: Call) -> list[Tip]:
    """The newest tips."""
    return await call.db.all(select(Tip).order_by(col(Tip.id).desc()).limit(_MOST))


async def handovers(call: Call) -> list[Handover]:
    """The newest handovers."""
    return await call.db.all(select(Handover).order_by(col(Handover.id).desc()).limit(_MOST))
