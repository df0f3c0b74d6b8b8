"""What an applicant who agreed to it is told of their appeal: its number, and where to read on. Of a sensitive case
nothing is sent: phones and mailboxes are shared."""

from uuid import UUID

from kit.call import Call
from kit.notices import Kind, To
from kit.notices.rules import Channel

from reception.appeals.model import Appeal
from reception.notices.kinds import APPEAL_ANSWERED, APPEAL_REGISTERED, notices
from reception.settings import own


def about(appeal_id: UUID) -> str:
    return f"appeals/{appeal_id}"


async def tell_registered(call: Call, appeal: Appeal) -> None:
    await _tell(call, APPEAL_REGISTERED, appeal)


async def tell_answered(call: Call, appeal: Appeal) -> None:
    await _tell(call, APPEAL_ANSWERED, appeal)


async def _tell(call: Call, kind: Kind, appeal: Appeal) -> None:
    if appeal.notice_channel is None or appeal.notice_agreed_at is None or appeal.sensitivity is not None:
        return
    address = appeal.email if appeal.notice_channel is Channel.EMAIL else appeal.phone
    to = To(appeal.notice_channel, address, appeal.notice_language or "uk", appeal.notice_agreed_at)
    link = f"{own(call.settings).web_url}/{call.hromada.slug}/appeals/follow"
    await notices.tell(call, kind, about=about(appeal.id), to=to, values={"number": appeal.number, "link": link})
