"""What those who follow a hazard and agreed to it are told: its number, and where to read on."""

from uuid import UUID

from kit.call import Call
from kit.notices import To

from reception.hazards.model import Follower, Hazard
from reception.hazards.rules import Deed
from reception.notices.kinds import HAZARD_ACCEPTED, HAZARD_CHANGED, HAZARD_CLOSED, HAZARD_REOPENED, notices
from reception.settings import own

_KINDS = {
    Deed.ACCEPTED: HAZARD_ACCEPTED,
    Deed.FIXED: HAZARD_CLOSED,
    Deed.REJECTED: HAZARD_CLOSED,
    Deed.MERGED: HAZARD_CLOSED,
    Deed.REOPENED: HAZARD_REOPENED,
}


def about(hazard_id: UUID) -> str:
    return f"hazards/{hazard_id}"


async def tell_changed(call: Call, hazard: Hazard, deed: Deed, follower: Follower) -> None:
    """Tells one follower what was done; nothing to whoever did not ask for it."""
    if follower.channel is None or follower.agreed_at is None:
        return
    to = To(follower.channel, follower.address, follower.language or "uk", follower.agreed_at)
    link = f"{own(call.settings).web_url}/{call.hromada.slug}/hazards/follow"
    values = {"number": str(hazard.number), "link": link}
    await notices.tell(call, _KINDS.get(deed, HAZARD_CHANGED), about=about(hazard.id), to=to, values=values)
