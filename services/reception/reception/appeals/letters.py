"""What an applicant who agreed to it is told of their appeal: its number, what happened, and where to read on. Of a
sensitive case nothing is sent: phones and mailboxes are shared."""

from datetime import date
from uuid import UUID

from babel.dates import format_date
from kit.call import Call
from kit.notices import Kind, To
from kit.notices.rules import Channel

from reception.appeals.model import Appeal
from reception.notices.kinds import (
    APPEAL_ANSWERED,
    APPEAL_BODY_ANSWERED,
    APPEAL_EXTENDED,
    APPEAL_FORWARDED,
    APPEAL_HANDED_OVER,
    APPEAL_NOT_CONSIDERED,
    APPEAL_REGISTERED,
    APPEAL_RETURNED_AS_INSUFFICIENT,
    APPEAL_RETURNED_FOR_DEFECT,
    APPEAL_SHORTENED,
    APPEAL_SHORTENING_DECLINED,
    REFERRAL_ACCEPTED,
    REFERRAL_DECLINED,
    REFERRAL_REPLIED,
    notices,
)
from reception.settings import own


def about(appeal_id: UUID) -> str:
    return f"appeals/{appeal_id}"


async def tell_registered(call: Call, appeal: Appeal) -> None:
    await _tell(call, APPEAL_REGISTERED, appeal)


async def tell_answered(call: Call, appeal: Appeal) -> None:
    await _tell(call, APPEAL_ANSWERED, appeal)


async def tell_extended(call: Call, appeal: Appeal, until: date) -> None:
    """Why, they read by their code: a reason is typed, and may name somebody."""
    await _tell(call, APPEAL_EXTENDED, appeal, until=until)


async def tell_shortened(call: Call, appeal: Appeal, until: date) -> None:
    await _tell(call, APPEAL_SHORTENED, appeal, until=until)


async def tell_shortening_declined(call: Call, appeal: Appeal) -> None:
    await _tell(call, APPEAL_SHORTENING_DECLINED, appeal, until=appeal.legal_on)


async def tell_forwarded(call: Call, appeal: Appeal, body: str) -> None:
    await _tell(call, APPEAL_FORWARDED, appeal, body=body)


async def tell_body_answered(call: Call, appeal: Appeal, body: str) -> None:
    await _tell(call, APPEAL_BODY_ANSWERED, appeal, body=body)


async def tell_returned(call: Call, appeal: Appeal, *, is_defective: bool) -> None:
    await _tell(call, APPEAL_RETURNED_FOR_DEFECT if is_defective else APPEAL_RETURNED_AS_INSUFFICIENT, appeal)


async def tell_not_considered(call: Call, appeal: Appeal) -> None:
    await _tell(call, APPEAL_NOT_CONSIDERED, appeal)


async def tell_handed_over(call: Call, appeal: Appeal) -> None:
    await _tell(call, APPEAL_HANDED_OVER, appeal)


async def tell_referral_accepted(call: Call, appeal: Appeal) -> None:
    await _tell(call, REFERRAL_ACCEPTED, appeal)


async def tell_referral_ended(call: Call, appeal: Appeal, *, declined: bool) -> None:
    await _tell(call, REFERRAL_DECLINED if declined else REFERRAL_REPLIED, appeal)


async def _tell(call: Call, kind: Kind, appeal: Appeal, *, until: date | None = None, body: str | None = None) -> None:
    if appeal.notice_channel is None or appeal.notice_agreed_at is None or appeal.sensitivity is not None:
        return
    address = appeal.email if appeal.notice_channel is Channel.EMAIL else appeal.phone
    language = appeal.notice_language or "uk"
    values = {"number": appeal.number, "link": f"{own(call.settings).web_url}/{call.hromada.slug}/appeals/follow"}
    if until is not None:
        values["until"] = format_date(until, "long", locale=language)
    if body is not None:
        values["body"] = body
    to = To(appeal.notice_channel, address, language, appeal.notice_agreed_at)
    await notices.tell(call, kind, about=about(appeal.id), to=to, values=values)
