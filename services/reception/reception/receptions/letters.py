"""What a visitor who agreed to it is told of their visit."""

from datetime import datetime
from uuid import UUID

from babel.dates import format_datetime
from kit.call import Call
from kit.clock import KYIV
from kit.notices import Kind, To
from kit.notices.actions import forget
from kit.notices.rules import Channel

from reception.notices.kinds import VISIT_BOOKED, VISIT_CANCELLED, VISIT_MOVED, VISIT_TOMORROW, notices
from reception.receptions.model import Visit
from reception.settings import own

_WHEN = "EEEE, d MMMM, HH:mm"


def about(visit_id: UUID) -> str:
    return f"visits/{visit_id}"


async def tell_booked(call: Call, visit: Visit) -> None:
    await _tell(call, VISIT_BOOKED, visit, "cancel", until=visit.starts_at)


async def tell_tomorrow(call: Call, visit: Visit) -> None:
    await _tell(call, VISIT_TOMORROW, visit, "cancel", until=visit.starts_at)


async def tell_moved(call: Call, visit: Visit) -> None:
    """In place of what was told of the hour before."""
    await forget(call, [about(visit.id)])
    await _tell(call, VISIT_MOVED, visit, "cancel", until=visit.starts_at)


async def tell_cancelled(call: Call, visit: Visit) -> None:
    """In place of all that was told before: what still waits is not sent, what was sent is forgotten."""
    await forget(call, [about(visit.id)])
    await _tell(call, VISIT_CANCELLED, visit, "new")


async def _tell(call: Call, kind: Kind, visit: Visit, page: str, *, until: datetime | None = None) -> None:
    if visit.reminder_channel is None or visit.reminder_agreed_at is None:
        return
    is_mail = visit.reminder_channel is Channel.EMAIL
    language = visit.reminder_language or "uk"
    to = To(
        visit.reminder_channel,
        (visit.reminder_email or "") if is_mail else visit.phone,
        language,
        visit.reminder_agreed_at,
    )
    values = {
        "when": format_datetime(visit.starts_at, _WHEN, tzinfo=KYIV, locale=language),
        "link": f"{own(call.settings).web_url}/{call.hromada.slug}/visits/{page}",
    }
    await notices.tell(call, kind, about=about(visit.id), to=to, values=values, until=until)
