"""The rows of reception: referrals and their letters."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from google.protobuf.message import Message
from kit.clock import kyiv_date
from reception.referrals.letters import template
from spilno.reception.v1 import prints_pb2, referrals_pb2

from tests.isolation.rows.declared import HEAD, OFFICER, method, parent
from tests.world import MARKER, OWN, World, as_whom


def _asked(appeal: str) -> referrals_pb2.ReferAppealRequest:
    today = kyiv_date(datetime.now(UTC))
    return referrals_pb2.ReferAppealRequest(
        appeal=appeal,
        lawyer=MARKER,
        asks="Порада щодо припису.",
        consented_on=today.isoformat(),
        due_on=(today + timedelta(days=10)).isoformat(),
        request_id=str(uuid4()),
    )


async def _referral(world: World) -> referrals_pb2.Referral:
    appeal = (await world.appeal(OWN)).appeal
    with as_whom(world.tokens[OFFICER]):
        made: referrals_pb2.Referral = await world.referrals.ReferAppeal(_asked(appeal.name))
    return made


@method("spilno.reception.v1.Referrals.ReferAppeal", OFFICER, lambda answer: answer.title == MARKER)
async def _(world: World) -> Message:
    return _asked((await world.appeal(OWN)).appeal.name)


@method("spilno.reception.v1.Referrals.AcceptReferral", OFFICER, lambda answer: answer.title == MARKER)
async def _(world: World) -> Message:
    made = await _referral(world)
    return referrals_pb2.AcceptReferralRequest(name=made.name, etag=made.etag)


@method("spilno.reception.v1.Referrals.EndReferral", OFFICER, lambda answer: answer.title == MARKER)
async def _(world: World) -> Message:
    made = await _referral(world)
    return referrals_pb2.EndReferralRequest(name=made.name, etag=made.etag, reply="Пораду надано.")


@method(
    "spilno.reception.v1.Referrals.ListReferrals",
    OFFICER,
    lambda answer: any(each.title == MARKER for each in answer.referrals),
)
async def _(world: World) -> Message:
    await _referral(world)
    return referrals_pb2.ListReferralsRequest(parent=parent(OWN))


def _letter(slug: str = OWN) -> str:
    return f"{parent(slug)}/referralLetters/en"


async def _own_letter(world: World) -> referrals_pb2.ReferralLetter:
    """The letter of the hromada, its own."""
    with as_whom(world.tokens[HEAD]):
        kept = await world.referrals.GetReferralLetter(referrals_pb2.GetReferralLetterRequest(name=_letter()))
        asked = referrals_pb2.UpdateReferralLetterRequest(name=_letter(), content=template("en"), etag=kept.etag)
        own: referrals_pb2.ReferralLetter = await world.referrals.UpdateReferralLetter(asked)
    return own


@method("spilno.reception.v1.Referrals.GetReferralLetter", OFFICER, lambda answer: answer.own)
async def _(world: World) -> Message:
    return referrals_pb2.GetReferralLetterRequest(name=(await _own_letter(world)).name)


@method(
    "spilno.reception.v1.Referrals.DownloadReferralLetter", OFFICER, lambda answer: answer.content.startswith(b"PK")
)
async def _(world: World) -> Message:
    return referrals_pb2.DownloadReferralLetterRequest(name=(await _own_letter(world)).name)


@method("spilno.reception.v1.Referrals.UpdateReferralLetter", HEAD, lambda answer: answer.own)
async def _(world: World) -> Message:
    own = await _own_letter(world)
    return referrals_pb2.UpdateReferralLetterRequest(name=own.name, content=template("en"), etag=own.etag)


@method("spilno.reception.v1.Referrals.ResetReferralLetter", HEAD, lambda answer: not answer.own)
async def _(world: World) -> Message:
    own = await _own_letter(world)
    return referrals_pb2.ResetReferralLetterRequest(name=own.name, etag=own.etag)


@method(
    "spilno.reception.v1.Referrals.PrintReferralLetter",
    OFFICER,
    lambda answer: answer.content.startswith(b"%PDF-"),
)
async def _(world: World) -> Message:
    return referrals_pb2.PrintReferralLetterRequest(
        name=(await _referral(world)).name, format=prints_pb2.DOCUMENT_FORMAT_PDF, office="Офіс", language="uk"
    )
