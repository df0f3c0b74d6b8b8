"""The rows of reception."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message
from kit.clock import kyiv_date
from reception.referrals.letters import template
from spilno.identity.v1 import members_pb2
from spilno.reception.v1 import (
    appeals_pb2,
    attachments_pb2,
    cases_pb2,
    clocks_pb2,
    duties_pb2,
    figures_pb2,
    leaflets_pb2,
    maps_pb2,
    mediations_pb2,
    notices_pb2,
    officers_pb2,
    particulars_pb2,
    persons_pb2,
    prints_pb2,
    proceedings_pb2,
    receptions_pb2,
    referrals_pb2,
    register_pb2,
    triage_pb2,
    wordings_pb2,
)

from tests.isolation.minting import claims_of
from tests.isolation.rows.declared import FILE, HEAD, INTEGRATOR, OFFICER, method, parent
from tests.world import MARKER, OWN, World, appeal_draft, appeal_request, as_whom, one_street, revoke, visit_draft


async def _taken(world: World, slug: str) -> appeals_pb2.Appeal:
    appeal = (await world.appeal(slug)).appeal
    with as_whom(world.tokens[f"officer:{slug}"]):
        taken: appeals_pb2.Appeal = await world.appeals.TakeAppeal(
            appeals_pb2.TakeAppealRequest(name=appeal.name, etag=appeal.etag)
        )
    return taken


@method("spilno.reception.v1.Appeals.SubmitAppeal", "web", lambda answer: bool(answer.code))
async def _(world: World) -> Message:
    return appeals_pb2.SubmitAppealRequest(parent=parent(OWN), appeal=appeal_draft(), request_id=str(uuid4()))


@method("spilno.reception.v1.Appeals.FollowAppeal", "web", lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    return appeals_pb2.FollowAppealRequest(parent=parent(OWN), code=(await world.appeal(OWN)).code)


@method("spilno.reception.v1.Appeals.RegisterAppeal", OFFICER, lambda answer: MARKER in answer.appeal.text)
async def _(world: World) -> Message:
    return appeal_request(OWN)


@method("spilno.reception.v1.Appeals.GetAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    return appeals_pb2.GetAppealRequest(name=(await world.appeal(OWN)).appeal.name)


@method(
    "spilno.reception.v1.Appeals.ListAppeals",
    OFFICER,
    lambda answer: any(MARKER in appeal.text for appeal in answer.appeals),
)
async def _(world: World) -> Message:
    await world.appeal(OWN)
    return appeals_pb2.ListAppealsRequest(parent=parent(OWN))


@method(
    "spilno.reception.v1.Appeals.SearchAppeals",
    OFFICER,
    lambda answer: any(MARKER in appeal.text for appeal in answer.appeals),
)
async def _(world: World) -> Message:
    await world.appeal(OWN)
    return appeals_pb2.SearchAppealsRequest(parent=parent(OWN), query=MARKER)


@method("spilno.reception.v1.Appeals.TakeAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    return appeals_pb2.TakeAppealRequest(name=appeal.name, etag=appeal.etag)


@method("spilno.reception.v1.Appeals.AnswerAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await _taken(world, OWN)
    return appeals_pb2.AnswerAppealRequest(
        name=taken.name,
        etag=taken.etag,
        answer="Відповідь лише для своїх",
        outcome=particulars_pb2.APPEAL_OUTCOME_GRANTED,
    )


async def _attachment(world: World) -> attachments_pb2.Attachment:
    """A file on an appeal of the first hromada, with a name that only its own may see."""
    appeal = (await world.appeal(OWN)).appeal
    with as_whom(world.tokens[OFFICER]):
        attachment: attachments_pb2.Attachment = await world.attach(
            attachments_pb2.UploadAttachmentRequest(parent=appeal.name, **_file()), FILE
        )
    return attachment


def _file() -> dict[str, Any]:
    return {"request_id": str(uuid4()), "filename": MARKER, "size": len(FILE), "sha256": sha256(FILE).digest()}


@method("spilno.reception.v1.Attachments.UploadAttachment", OFFICER, lambda answer: MARKER in answer.filename)
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    return attachments_pb2.UploadAttachmentRequest(parent=appeal.name, **_file())


@method("spilno.reception.v1.Attachments.SubmitAttachment", "web", lambda answer: MARKER in answer.filename)
async def _(world: World) -> Message:
    code = (await world.appeal(OWN)).code
    return attachments_pb2.SubmitAttachmentRequest(parent=parent(OWN), code=code, **_file())


@method(
    "spilno.reception.v1.Attachments.ListSubmittedAttachments",
    "web",
    lambda answer: [MARKER in each.filename for each in answer.attachments] == [True],
)
async def _(world: World) -> Message:
    code = (await world.appeal(OWN)).code
    await world.attach(
        attachments_pb2.SubmitAttachmentRequest(parent=parent(OWN), code=code, **_file()),
        FILE,
        await world.through_web(),
    )
    return attachments_pb2.ListSubmittedAttachmentsRequest(parent=parent(OWN), code=code)


@method(
    "spilno.reception.v1.Attachments.ListAttachments",
    OFFICER,
    lambda answer: [MARKER in each.filename for each in answer.attachments] == [True],
)
async def _(world: World) -> Message:
    attachment = await _attachment(world)
    return attachments_pb2.ListAttachmentsRequest(parent=attachment.name.rpartition("/attachments/")[0])


@method(
    "spilno.reception.v1.Attachments.DownloadAttachment", OFFICER, lambda answer: MARKER in answer.attachment.filename
)
async def _(world: World) -> Message:
    return attachments_pb2.DownloadAttachmentRequest(name=(await _attachment(world)).name)


@method(
    "spilno.reception.v1.Attachments.DownloadSubmissionAttachment",
    OFFICER,
    lambda answer: MARKER in answer.attachment.filename,
)
async def _(world: World) -> Message:
    waits = await _submission(world, with_file=True)
    return attachments_pb2.DownloadSubmissionAttachmentRequest(name=waits.files[0].name)


@method("spilno.reception.v1.Attachments.DeleteAttachment", OFFICER, lambda answer: answer.HasField("delete_time"))
async def _(world: World) -> Message:
    attachment = await _attachment(world)
    return attachments_pb2.DeleteAttachmentRequest(name=attachment.name, etag=attachment.etag)


def _card() -> officers_pb2.OfficerDraft:
    return officers_pb2.OfficerDraft(
        display_name=MARKER, kind=officers_pb2.OFFICER_KIND_DISTRICT, phone="+380971234567", public=True
    )


@method("spilno.reception.v1.Officers.CreateOfficer", HEAD, lambda answer: answer.card.display_name == MARKER)
async def _(world: World) -> Message:
    return officers_pb2.CreateOfficerRequest(parent=parent(OWN), officer=_card(), request_id=str(uuid4()))


@method("spilno.reception.v1.Officers.UpdateOfficer", HEAD, lambda answer: answer.card.display_name == MARKER)
async def _(world: World) -> Message:
    officer = await world.officer(OWN)
    return officers_pb2.UpdateOfficerRequest(name=officer.name, officer=_card(), etag=officer.etag)


@method(
    "spilno.reception.v1.Officers.ListOfficerCards",
    HEAD,
    lambda answer: any(officer.card.display_name == MARKER for officer in answer.officers),
)
async def _(world: World) -> Message:
    await world.officer(OWN)
    return officers_pb2.ListOfficerCardsRequest(parent=parent(OWN))


@method(
    "spilno.reception.v1.Officers.ListOfficers",
    INTEGRATOR,
    lambda answer: any(officer.display_name == MARKER for officer in answer.officers),
)
async def _(world: World) -> Message:
    await world.officer(OWN)
    return officers_pb2.ListOfficersRequest(parent=parent(OWN))


@method("spilno.reception.v1.Beats.CreateBeat", HEAD, lambda answer: answer.beat.title == MARKER)
async def _(world: World) -> Message:
    beat = officers_pb2.BeatDraft(number=await world.free_beat_number(OWN), title=MARKER)
    return officers_pb2.CreateBeatRequest(parent=parent(OWN), beat=beat, request_id=str(uuid4()))


@method("spilno.reception.v1.Beats.UpdateBeat", HEAD, lambda answer: answer.beat.title == MARKER)
async def _(world: World) -> Message:
    beat = await world.beat(OWN)
    return officers_pb2.UpdateBeatRequest(name=beat.name, beat=beat.beat, etag=beat.etag)


@method(
    "spilno.reception.v1.Beats.ListBeats", HEAD, lambda answer: any(one.beat.title == MARKER for one in answer.beats)
)
async def _(world: World) -> Message:
    await world.beat(OWN)
    return officers_pb2.ListBeatsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Beats.FindOfficer", "web", lambda answer: answer.beats[0].officer.display_name == MARKER)
async def _(world: World) -> Message:
    street = f"вул. Нічия{''.join(chr(ord('а') + int(digit, 16)) for digit in uuid4().hex[:12])}"
    await world.beat(OWN, street, officer=(await world.officer(OWN)).name)
    return officers_pb2.FindOfficerRequest(parent=parent(OWN), address=f"{street}, 12/3-А")


@method("spilno.reception.v1.Maps.GetMap", "web", lambda answer: bool(answer.etag))
async def _(world: World) -> Message:
    return maps_pb2.GetMapRequest(parent=parent(OWN))


@method("spilno.reception.v1.Maps.UpdateMap", HEAD, lambda answer: MARKER in answer.features)
async def _(world: World) -> Message:
    kept = await world.maps.GetMap(maps_pb2.GetMapRequest(parent=parent(OWN)), metadata=await world.through_web())
    return maps_pb2.UpdateMapRequest(parent=parent(OWN), features=one_street(MARKER), etag=kept.etag)


async def _own_schedule(world: World) -> receptions_pb2.Schedule:
    asked = receptions_pb2.GetScheduleRequest(parent=parent(OWN))
    found: receptions_pb2.Schedule = await world.receptions.GetSchedule(asked, metadata=await world.through_web())
    return found


@method("spilno.reception.v1.Receptions.GetSchedule", "web", lambda answer: bool(answer.schedule.hosts))
async def _(world: World) -> Message:
    return receptions_pb2.GetScheduleRequest(parent=parent(OWN))


@method("spilno.reception.v1.Receptions.UpdateSchedule", HEAD, lambda answer: bool(answer.schedule.hosts))
async def _(world: World) -> Message:
    own = await _own_schedule(world)
    return receptions_pb2.UpdateScheduleRequest(parent=parent(OWN), schedule=own.schedule, etag=own.etag)


@method("spilno.reception.v1.Receptions.ListSlots", INTEGRATOR, lambda answer: bool(answer.days))
async def _(world: World) -> Message:
    return receptions_pb2.ListSlotsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Receptions.BookVisit", "web", lambda answer: bool(answer.code))
async def _(world: World) -> Message:
    visit = visit_draft(await world.free_slot(OWN))
    return receptions_pb2.BookVisitRequest(parent=parent(OWN), visit=visit, request_id=str(uuid4()))


@method("spilno.reception.v1.Receptions.CancelVisit", "web", lambda answer: answer.HasField("start_time"))
async def _(world: World) -> Message:
    return receptions_pb2.CancelVisitRequest(parent=parent(OWN), code=(await world.visit(OWN)).code)


@method("spilno.reception.v1.Receptions.MoveVisit", "web", lambda answer: answer.HasField("moved_from"))
async def _(world: World) -> Message:
    code = (await world.visit(OWN)).code
    return receptions_pb2.MoveVisitRequest(
        parent=parent(OWN), code=code, start_time=await world.free_slot(OWN), request_id=str(uuid4())
    )


@method("spilno.reception.v1.Receptions.BookVisitForCaller", OFFICER, lambda answer: answer.visit.visitor == MARKER)
async def _(world: World) -> Message:
    visit = visit_draft(await world.free_slot(OWN))
    return receptions_pb2.BookVisitForCallerRequest(parent=parent(OWN), visit=visit, request_id=str(uuid4()))


@method("spilno.reception.v1.Receptions.AddWalkIn", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    return receptions_pb2.AddWalkInRequest(parent=parent(OWN), visitor=MARKER, topic=MARKER, request_id=str(uuid4()))


@method("spilno.reception.v1.Receptions.CancelVisitForCaller", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    visit = (await world.visit(OWN)).visit
    return receptions_pb2.CancelVisitForCallerRequest(name=visit.name, etag=visit.etag)


@method("spilno.reception.v1.Receptions.MoveVisitForCaller", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    visit = (await world.visit(OWN)).visit
    return receptions_pb2.MoveVisitForCallerRequest(
        name=visit.name, etag=visit.etag, start_time=await world.free_slot(OWN)
    )


@method("spilno.reception.v1.Receptions.GetVisit", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    return receptions_pb2.GetVisitRequest(name=(await world.visit(OWN)).visit.name)


@method(
    "spilno.reception.v1.Receptions.ListVisits",
    OFFICER,
    lambda answer: any(visit.visitor == MARKER for visit in answer.visits),
)
async def _(world: World) -> Message:
    start = (await world.visit(OWN)).visit.start_time.ToDatetime(UTC)
    return receptions_pb2.ListVisitsRequest(parent=parent(OWN), date=kyiv_date(start).isoformat())


@method("spilno.reception.v1.Receptions.CheckIn", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    visit = (await world.visit(OWN)).visit
    return receptions_pb2.CheckInRequest(name=visit.name, etag=visit.etag)


@method("spilno.reception.v1.Receptions.RecordVisit", OFFICER, lambda answer: answer.visitor == MARKER)
async def _(world: World) -> Message:
    visit = (await world.visit(OWN)).visit
    return receptions_pb2.RecordVisitRequest(
        name=visit.name,
        etag=visit.etag,
        hosts=(await _own_schedule(world)).schedule.hosts,
        outcome=receptions_pb2.VISIT_OUTCOME_ADVISED,
    )


@method("spilno.reception.v1.Notices.GetNoticeChannels", "web", lambda answer: len(answer.channels) == 2)
async def _(world: World) -> Message:
    return notices_pb2.GetNoticeChannelsRequest(parent=parent(OWN))


async def _told(world: World) -> tuple[notices_pb2.ListNoticesRequest, notices_pb2.Notice]:
    """What asks for the notices about a visit, and the one that was sent."""
    booked = await world.visit_told(OWN, f"{uuid4().hex}@example.org")
    with as_whom(world.tokens[OFFICER]):
        asked = notices_pb2.ListNoticesRequest(parent=parent(OWN), visit=booked.visit.name)
        async with asyncio.timeout(30):
            while True:
                [notice] = (await world.notices.ListNotices(asked)).notices
                if notice.state == notices_pb2.NOTICE_STATE_SENT:
                    return asked, notice
                await asyncio.sleep(0.1)


@method("spilno.reception.v1.Notices.ListNotices", OFFICER, lambda answer: answer.notices[0].kind == "visit-booked")
async def _(world: World) -> Message:
    return (await _told(world))[0]


@method("spilno.reception.v1.Notices.ResendNotice", OFFICER, lambda answer: answer.kind == "visit-booked")
async def _(world: World) -> Message:
    _, notice = await _told(world)
    return notices_pb2.ResendNoticeRequest(name=notice.name, request_id=str(uuid4()))


_OWN_TEXT = f"{parent(OWN)}/notice-texts/visit-tomorrow-en"
_WORDS = notices_pb2.NoticeWords(subject=MARKER, body=MARKER, sms=MARKER)


def _hromadas_in(found: Iterable[Any]) -> set[str]:
    return {each.name.split("/")[1] for each in found}


@method("spilno.reception.v1.Notices.GetNoticeTexts", HEAD, lambda answer: _hromadas_in(answer.texts) == {OWN})
async def _(world: World) -> Message:
    return notices_pb2.GetNoticeTextsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Notices.UpdateNoticeText", HEAD, lambda answer: answer.text.subject == MARKER)
async def _(world: World) -> Message:
    with as_whom(world.tokens[HEAD]):
        listed = await world.notices.GetNoticeTexts(notices_pb2.GetNoticeTextsRequest(parent=parent(OWN)))
    etag = next(one.etag for one in listed.texts if one.name == _OWN_TEXT)
    return notices_pb2.UpdateNoticeTextRequest(name=_OWN_TEXT, text=_WORDS, etag=etag)


@method("spilno.reception.v1.Notices.ResetNoticeText", HEAD, lambda answer: not answer.changed)
async def _(world: World) -> Message:
    return notices_pb2.ResetNoticeTextRequest(name=_OWN_TEXT)


@method("spilno.reception.v1.Notices.PreviewNoticeText", HEAD, lambda answer: answer.text.subject == MARKER)
async def _(world: World) -> Message:
    return notices_pb2.PreviewNoticeTextRequest(name=_OWN_TEXT, text=_WORDS)


@method("spilno.reception.v1.Clocks.GetCalendar", OFFICER, lambda answer: bool(answer.calendar.terms))
async def _(world: World) -> Message:
    return clocks_pb2.GetCalendarRequest(parent=parent(OWN))


@method("spilno.reception.v1.Clocks.UpdateCalendar", HEAD, lambda answer: bool(answer.calendar.terms))
async def _(world: World) -> Message:
    with as_whom(world.tokens[HEAD]):
        own = await world.clocks.GetCalendar(clocks_pb2.GetCalendarRequest(parent=parent(OWN)))
    return clocks_pb2.UpdateCalendarRequest(parent=parent(OWN), calendar=own.calendar, etag=own.etag)


@method("spilno.reception.v1.Clocks.ListProvisions", OFFICER, lambda answer: bool(answer.provisions))
async def _(world: World) -> Message:
    return clocks_pb2.ListProvisionsRequest(parent=parent(OWN))


def _far(days: int) -> str:
    return (kyiv_date(datetime.now(UTC)) + timedelta(days=days)).isoformat()


@method("spilno.reception.v1.Proceedings.GetProceedings", OFFICER, lambda answer: bool(answer.history))
async def _(world: World) -> Message:
    return proceedings_pb2.GetProceedingsRequest(name=(await world.appeal(OWN)).appeal.name)


@method("spilno.reception.v1.Proceedings.UpdateParticulars", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    said = particulars_pb2.Particulars(signatories=2)
    return proceedings_pb2.UpdateParticularsRequest(name=appeal.name, etag=appeal.etag, particulars=said)


@method("spilno.reception.v1.Proceedings.FindEarlierAppeals", OFFICER, lambda answer: bool(answer.appeals))
async def _(world: World) -> Message:
    await world.appeal(OWN)
    return proceedings_pb2.FindEarlierAppealsRequest(name=(await world.appeal(OWN)).appeal.name)


@method("spilno.reception.v1.Proceedings.MarkSimple", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await _taken(world, OWN)
    return proceedings_pb2.MarkSimpleRequest(name=taken.name, etag=taken.etag)


@method("spilno.reception.v1.Proceedings.ReturnAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await _taken(world, OWN)
    return proceedings_pb2.ReturnAppealRequest(
        name=taken.name,
        etag=taken.etag,
        ground=proceedings_pb2.RETURN_GROUND_INSUFFICIENT,
        explanation="Вкажіть адресу ліхтаря.",
    )


@method("spilno.reception.v1.Proceedings.ForwardAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await _taken(world, OWN)
    to = particulars_pb2.Body(organisation=f"{parent(OWN)}/organisations/{uuid4()}", title="Міська рада")
    return proceedings_pb2.ForwardAppealRequest(name=taken.name, etag=taken.etag, to=to, reason="Це їхнє питання.")


async def _more_time(world: World) -> proceedings_pb2.AskExtensionRequest:
    taken = await _taken(world, OWN)
    return proceedings_pb2.AskExtensionRequest(
        name=taken.name, etag=taken.etag, until=_far(40), reason="Чекаємо висновку."
    )


@method("spilno.reception.v1.Proceedings.AskExtension", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    return await _more_time(world)


@method("spilno.reception.v1.Proceedings.DecideExtension", HEAD, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    asked = await _more_time(world)
    with as_whom(world.tokens[OFFICER]):
        waiting = await world.proceedings.AskExtension(asked)
    return proceedings_pb2.DecideExtensionRequest(name=waiting.name, etag=waiting.etag, granted=True)


@method("spilno.reception.v1.Proceedings.ShortenTerm", HEAD, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    return proceedings_pb2.ShortenTermRequest(
        name=appeal.name, etag=appeal.etag, until=_far(5), reason="Людина від’їжджає."
    )


@method("spilno.reception.v1.Proceedings.DeclineShortening", HEAD, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    return proceedings_pb2.DeclineShorteningRequest(name=appeal.name, etag=appeal.etag, reason="Строк лишається, як є.")


async def _with_a_duplicate(world: World) -> appeals_pb2.Appeal:
    """An appeal in the officer's hands, of which there is a duplicate."""
    taken = await _taken(world, OWN)
    beside = particulars_pb2.Particulars(repeat=particulars_pb2.REPEAT_SIGN_DUPLICATE, previous=taken.name)
    await world.appeal(OWN, particulars=beside)
    return taken


@method("spilno.reception.v1.Proceedings.FindDuplicates", OFFICER, lambda answer: bool(answer.duplicates))
async def _(world: World) -> Message:
    return proceedings_pb2.FindDuplicatesRequest(name=(await _with_a_duplicate(world)).name)


@method("spilno.reception.v1.Proceedings.AnswerWithDuplicates", OFFICER, lambda answer: bool(answer.answered))
async def _(world: World) -> Message:
    taken = await _with_a_duplicate(world)
    return proceedings_pb2.AnswerWithDuplicatesRequest(
        name=taken.name,
        etag=taken.etag,
        answer="Відповідь лише для своїх",
        outcome=particulars_pb2.APPEAL_OUTCOME_GRANTED,
        request_id=str(uuid4()),
    )


@method("spilno.reception.v1.Proceedings.DecideNotToConsider", HEAD, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    return proceedings_pb2.DecideNotToConsiderRequest(
        name=appeal.name,
        etag=appeal.etag,
        ground=proceedings_pb2.NOT_CONSIDERED_GROUND_OTHER_PROCEDURE,
        reason="Це заява про злочин.",
    )


@method("spilno.reception.v1.Registers.GetRegister", OFFICER, lambda answer: bool(answer.years))
async def _(world: World) -> Message:
    return register_pb2.GetRegisterRequest(parent=parent(OWN))


@method("spilno.reception.v1.Registers.UpdateRegister", HEAD, lambda answer: bool(answer.years))
async def _(world: World) -> Message:
    with as_whom(world.tokens[HEAD]):
        own = await world.registers.GetRegister(register_pb2.GetRegisterRequest(parent=parent(OWN)))
    return register_pb2.UpdateRegisterRequest(parent=parent(OWN), register=own.register, etag=own.etag)


@method("spilno.reception.v1.Registers.GetClassifier", OFFICER, lambda answer: bool(answer.subjects))
async def _(world: World) -> Message:
    return register_pb2.GetClassifierRequest(parent=parent(OWN))


def _month() -> dict[str, Any]:
    return {
        "parent": parent(OWN),
        "from_day": _far(-30),
        "to_day": _far(1),
        "format": prints_pb2.DOCUMENT_FORMAT_XLSX,
        "organisation": MARKER,
    }


@method("spilno.reception.v1.Prints.PrintAppealCard", OFFICER, lambda answer: bool(answer.content))
async def _(world: World) -> Message:
    name = (await world.appeal(OWN)).appeal.name
    return prints_pb2.PrintAppealCardRequest(name=name, format=prints_pb2.DOCUMENT_FORMAT_DOCX, organisation=MARKER)


@method("spilno.reception.v1.Prints.PrintReceipt", OFFICER, lambda answer: bool(answer.content))
async def _(world: World) -> Message:
    return prints_pb2.PrintReceiptRequest(name=(await world.appeal(OWN)).appeal.name, organisation=MARKER)


@method("spilno.reception.v1.Prints.PrintVisitCard", OFFICER, lambda answer: bool(answer.content))
async def _(world: World) -> Message:
    name = (await world.visit(OWN)).visit.name
    return prints_pb2.PrintVisitCardRequest(name=name, format=prints_pb2.DOCUMENT_FORMAT_DOCX, organisation=MARKER)


@method("spilno.reception.v1.Prints.PrintAppealJournal", OFFICER, lambda answer: bool(answer.content))
async def _(world: World) -> Message:
    return prints_pb2.PrintAppealJournalRequest(**_month())


@method("spilno.reception.v1.Prints.PrintReceptionJournal", OFFICER, lambda answer: bool(answer.content))
async def _(world: World) -> Message:
    return prints_pb2.PrintReceptionJournalRequest(**_month())


@method("spilno.reception.v1.Prints.PrintReport", OFFICER, lambda answer: bool(answer.content))
async def _(world: World) -> Message:
    return prints_pb2.PrintReportRequest(**_month())


@method("spilno.reception.v1.Proceedings.RecordBodyAnswer", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await _taken(world, OWN)
    to = particulars_pb2.Body(organisation=f"{parent(OWN)}/organisations/{uuid4()}", title="Міська рада")
    with as_whom(world.tokens[OFFICER]):
        went = await world.proceedings.ForwardAppeal(
            proceedings_pb2.ForwardAppealRequest(name=taken.name, etag=taken.etag, to=to, reason="Це їхнє питання.")
        )
    return proceedings_pb2.RecordBodyAnswerRequest(name=went.name, etag=went.etag, answer="Ліхтарі замінять.")


@method("spilno.reception.v1.Proceedings.ReassignAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await _taken(world, OWN)
    return proceedings_pb2.ReassignAppealRequest(
        name=taken.name,
        etag=taken.etag,
        colleague=str(claims_of(world.tokens[HEAD])["sub"]),
        reason="Це справа керівника.",
    )


@method("spilno.reception.v1.Triage.SuggestTracks", OFFICER, lambda answer: bool(answer.tracks))
async def _(world: World) -> Message:
    return triage_pb2.SuggestTracksRequest(parent=parent(OWN), text="У мене вкрали велосипед.")


def _tip() -> triage_pb2.RecordTipRequest:
    area = appeals_pb2.SAFETY_AREA_ORDER
    return triage_pb2.RecordTipRequest(parent=parent(OWN), area=area, text=MARKER, request_id=str(uuid4()))


def _handover() -> triage_pb2.RecordHandoverRequest:
    track = triage_pb2.TRACK_CRIME
    return triage_pb2.RecordHandoverRequest(parent=parent(OWN), track=track, unit=MARKER, request_id=str(uuid4()))


@method("spilno.reception.v1.Triage.RecordTip", OFFICER, lambda answer: answer.text == MARKER)
async def _(world: World) -> Message:
    return _tip()


@method("spilno.reception.v1.Triage.RecordHandover", OFFICER, lambda answer: answer.unit == MARKER)
async def _(world: World) -> Message:
    return _handover()


async def _submission(world: World, *, with_file: bool = False) -> triage_pb2.Submission:
    """What a resident of the hromada sent and nobody has sorted."""
    draft = appeal_draft()
    draft.text = f"{MARKER}: у мене вкрали велосипед."
    sent = appeals_pb2.SubmitAppealRequest(parent=parent(OWN), appeal=draft, request_id=str(uuid4()))
    receipt = await world.appeals.SubmitAppeal(sent, metadata=await world.through_web())
    if with_file:
        first = attachments_pb2.SubmitAttachmentRequest(parent=parent(OWN), code=receipt.code, **_file())
        await world.attach(first, FILE, await world.through_web())
    with as_whom(world.tokens[f"head:{OWN}"]):
        listed = await world.triage.ListSubmissions(triage_pb2.ListSubmissionsRequest(parent=parent(OWN)))
    found: triage_pb2.Submission = listed.submissions[-1]
    return found


@method(
    "spilno.reception.v1.Triage.ListSubmissions",
    OFFICER,
    lambda answer: any(MARKER in one.text for one in answer.submissions),
)
async def _(world: World) -> Message:
    await _submission(world)
    return triage_pb2.ListSubmissionsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Triage.RegisterSubmission", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    one = await _submission(world)
    return triage_pb2.RegisterSubmissionRequest(name=one.name, etag=one.etag, kind=one.kind, area=one.area)


@method("spilno.reception.v1.Triage.HandOverSubmission", OFFICER, lambda answer: answer.unit == MARKER)
async def _(world: World) -> Message:
    one = await _submission(world)
    return triage_pb2.HandOverSubmissionRequest(name=one.name, etag=one.etag, track=triage_pb2.TRACK_CRIME, unit=MARKER)


@method("spilno.reception.v1.Triage.ListTips", OFFICER, lambda answer: any(tip.text == MARKER for tip in answer.tips))
async def _(world: World) -> Message:
    with as_whom(world.tokens[OFFICER]):
        await world.triage.RecordTip(_tip())
    return triage_pb2.ListTipsRequest(parent=parent(OWN))


@method(
    "spilno.reception.v1.Triage.ListHandovers",
    OFFICER,
    lambda answer: any(one.unit == MARKER for one in answer.handovers),
)
async def _(world: World) -> Message:
    with as_whom(world.tokens[OFFICER]):
        await world.triage.RecordHandover(_handover())
    return triage_pb2.ListHandoversRequest(parent=parent(OWN))


def _wordings(etag: str) -> wordings_pb2.UpdateWordingsRequest:
    wording = wordings_pb2.Wording(title=MARKER, text="Ліхтар замінять до п’ятниці.")
    return wordings_pb2.UpdateWordingsRequest(parent=parent(OWN), wordings=[wording], etag=etag)


async def _kept_wordings(world: World) -> wordings_pb2.WordingSet:
    with as_whom(world.tokens[OFFICER]):
        kept: wordings_pb2.WordingSet = await world.wordings.GetWordings(
            wordings_pb2.GetWordingsRequest(parent=parent(OWN))
        )
    return kept


@method(
    "spilno.reception.v1.Wordings.GetWordings", OFFICER, lambda answer: any(w.title == MARKER for w in answer.wordings)
)
async def _(world: World) -> Message:
    with as_whom(world.tokens[OFFICER]):
        await world.wordings.UpdateWordings(_wordings((await _kept_wordings(world)).etag))
    return wordings_pb2.GetWordingsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Wordings.UpdateWordings", OFFICER, lambda answer: answer.wordings[0].title == MARKER)
async def _(world: World) -> Message:
    return _wordings((await _kept_wordings(world)).etag)


@method(
    "spilno.reception.v1.Beats.GetDirectory",
    "web",
    lambda answer: any(beat.title == MARKER for beat in answer.beats),
)
async def _(world: World) -> Message:
    await world.beat(OWN)
    return officers_pb2.GetDirectoryRequest(parent=parent(OWN))


async def _duty(world: World) -> duties_pb2.CreateDutyRequest:
    street = f"вул. Звітна{''.join(chr(ord('а') + int(digit, 16)) for digit in uuid4().hex[:12])}"
    beat = await world.beat(OWN, street, officer=(await world.officer(OWN)).name)
    return duties_pb2.CreateDutyRequest(
        parent=parent(OWN),
        beat=beat.name,
        kind=duties_pb2.DUTY_KIND_REPORT,
        duty=duties_pb2.DutyDraft(planned_on=_far(20), note=MARKER),
        request_id=str(uuid4()),
    )


@method("spilno.reception.v1.Duties.CreateDuty", OFFICER, lambda answer: answer.duty.note == MARKER)
async def _(world: World) -> Message:
    return await _duty(world)


@method("spilno.reception.v1.Duties.UpdateDuty", OFFICER, lambda answer: answer.duty.note == MARKER)
async def _(world: World) -> Message:
    with as_whom(world.tokens[OFFICER]):
        made = await world.duties.CreateDuty(await _duty(world))
    return duties_pb2.UpdateDutyRequest(name=made.name, duty=made.duty, etag=made.etag)


@method(
    "spilno.reception.v1.Duties.ListDuties",
    OFFICER,
    lambda answer: any(each.planned.duty.note == MARKER for each in answer.standings),
)
async def _(world: World) -> Message:
    with as_whom(world.tokens[OFFICER]):
        await world.duties.CreateDuty(await _duty(world))
    return duties_pb2.ListDutiesRequest(parent=parent(OWN))


_LINE = leaflets_pb2.OfficeLine(title=MARKER, link="https://spilno.example/tatarbunary")


@method("spilno.reception.v1.Leaflets.PrintBooklet", "web", lambda answer: bool(answer.content))
async def _(world: World) -> Message:
    return leaflets_pb2.PrintBookletRequest(parent=parent(OWN), office=_LINE)


@method("spilno.reception.v1.Leaflets.PrintCards", "web", lambda answer: bool(answer.content))
async def _(world: World) -> Message:
    return leaflets_pb2.PrintCardsRequest(name=(await world.officer(OWN)).name, office=_LINE)


@method("spilno.reception.v1.Leaflets.PrintPoster", "web", lambda answer: bool(answer.content))
async def _(world: World) -> Message:
    return leaflets_pb2.PrintPosterRequest(parent=parent(OWN), office=_LINE)


async def _mediation(world: World, **changes: Any) -> mediations_pb2.Mediation:
    """A case of the officer's, with a party who has consented."""
    with as_whom(world.tokens[OFFICER]):
        made: mediations_pb2.Mediation = await world.mediations.OpenMediation(
            mediations_pb2.OpenMediationRequest(
                parent=parent(OWN), matter=MARKER, neutral=True, request_id=str(uuid4())
            )
        )
        for name in ("Іваненко Петро", "Сидоренко Ганна")[: changes.get("parties", 0)]:
            made = await world.mediations.AddParty(
                mediations_pb2.AddPartyRequest(name=made.name, etag=made.etag, display_name=name)
            )
        for party in list(made.parties):
            made = await world.mediations.RecordConsent(
                mediations_pb2.RecordConsentRequest(name=made.name, etag=made.etag, party=party.id, **_CONSENT)
            )
        if changes.get("agreement"):
            made = await world.mediations.WriteAgreement(
                mediations_pb2.WriteAgreementRequest(name=made.name, etag=made.etag, agreement=MARKER)
            )
    return made


_CONSENT: dict[str, Any] = {
    "consent": mediations_pb2.CONSENT_GIVEN,
    "consent_on": "2026-01-12",
    "consent_form": mediations_pb2.CONSENT_FORM_WRITTEN,
}


def _is_marked(answer: Any) -> bool:
    return bool(answer.matter == MARKER)


@method("spilno.reception.v1.Mediations.OpenMediation", OFFICER, _is_marked)
async def _(world: World) -> Message:
    return mediations_pb2.OpenMediationRequest(parent=parent(OWN), matter=MARKER, neutral=True, request_id=str(uuid4()))


@method("spilno.reception.v1.Mediations.ListMediations", OFFICER, lambda answer: bool(answer.mediations))
async def _(world: World) -> Message:
    await _mediation(world)
    return mediations_pb2.ListMediationsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Mediations.GetMediation", OFFICER, _is_marked)
async def _(world: World) -> Message:
    purpose = mediations_pb2.MEDIATION_PURPOSE_MEETING
    return mediations_pb2.GetMediationRequest(name=(await _mediation(world)).name, purpose=purpose)


@method("spilno.reception.v1.Mediations.NameMediationStaff", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world)
    return mediations_pb2.NameMediationStaffRequest(name=made.name, etag=made.etag)


@method("spilno.reception.v1.Mediations.AssignMediator", HEAD, lambda answer: bool(answer.number))
async def _(world: World) -> Message:
    number = (await _mediation(world)).number
    return mediations_pb2.AssignMediatorRequest(
        parent=parent(OWN), number=number, mediator=_colleague(world), neutral=True, request_id=str(uuid4())
    )


@method("spilno.reception.v1.Mediations.AddParty", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world)
    return mediations_pb2.AddPartyRequest(name=made.name, etag=made.etag, display_name="Сусід")


@method("spilno.reception.v1.Mediations.RecordConsent", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world, parties=1)
    return mediations_pb2.RecordConsentRequest(name=made.name, etag=made.etag, party=made.parties[0].id, **_CONSENT)


@method("spilno.reception.v1.Mediations.SaveMeeting", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world, parties=2)
    return mediations_pb2.SaveMeetingRequest(name=made.name, etag=made.etag, planned_on=_far(3))


@method("spilno.reception.v1.Mediations.WriteAgreement", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world, parties=2)
    return mediations_pb2.WriteAgreementRequest(name=made.name, etag=made.etag, agreement=MARKER)


@method("spilno.reception.v1.Mediations.SignAgreement", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world, parties=2, agreement=True)
    return mediations_pb2.SignAgreementRequest(
        name=made.name, etag=made.etag, party=made.parties[0].id, signed_on="2026-01-12"
    )


@method("spilno.reception.v1.Mediations.SaveFollowUp", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world)
    return mediations_pb2.SaveFollowUpRequest(name=made.name, etag=made.etag, due_on=_far(30))


@method("spilno.reception.v1.Mediations.CloseMediation", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world)
    outcome = mediations_pb2.MEDIATION_OUTCOME_REFERRED
    return mediations_pb2.CloseMediationRequest(name=made.name, etag=made.etag, outcome=outcome)


@method("spilno.reception.v1.Mediations.GetMediationFigures", HEAD, lambda answer: answer.HasField("total"))
async def _(world: World) -> Message:
    return mediations_pb2.GetMediationFiguresRequest(parent=parent(OWN), from_day=_far(-30), to_day=_far(0))


def _person() -> persons_pb2.PersonKey:
    return persons_pb2.PersonKey(phone="+380971234567")


async def _own_record(world: World) -> persons_pb2.PersonRecord:
    """A record of the first hromada, as its head finds it."""
    code = (await world.appeal(OWN)).code
    with as_whom(world.tokens[HEAD]):
        found = await world.persons.FindPersonRecords(
            persons_pb2.FindPersonRecordsRequest(parent=parent(OWN), person=persons_pb2.PersonKey(code=code))
        )
    record: persons_pb2.PersonRecord = found.records[0]
    return record


async def _visit_record(world: World) -> persons_pb2.PersonRecord:
    """Somebody who simply came, as the head finds them."""
    phone = f"+38050{uuid4().int % 10**7:07}"
    with as_whom(world.tokens[OFFICER]):
        await world.receptions.AddWalkIn(
            receptions_pb2.AddWalkInRequest(
                parent=parent(OWN), visitor=MARKER, phone=phone, topic=MARKER, request_id=str(uuid4())
            )
        )
    with as_whom(world.tokens[HEAD]):
        found = await world.persons.FindPersonRecords(
            persons_pb2.FindPersonRecordsRequest(parent=parent(OWN), person=persons_pb2.PersonKey(phone=phone))
        )
    record: persons_pb2.PersonRecord = found.records[0]
    return record


async def _hold(world: World) -> persons_pb2.SetHoldRequest:
    return persons_pb2.SetHoldRequest(
        parent=parent(OWN),
        record=(await _visit_record(world)).record,
        reason=MARKER,
        case_reference="522/1/26",
        request_id=str(uuid4()),
    )


async def _asked_on_paper(world: World) -> persons_pb2.RecordPersonRequestRequest:
    return persons_pb2.RecordPersonRequestRequest(
        parent=parent(OWN),
        kind=persons_pb2.PERSON_REQUEST_KIND_ACCESS,
        requester=MARKER,
        identified_by="паспорт",
        received_on=_far(-1),
        request_id=str(uuid4()),
    )


@method("spilno.reception.v1.Persons.FindPersonRecords", HEAD, lambda answer: bool(answer.records))
async def _(world: World) -> Message:
    await world.appeal(OWN)
    return persons_pb2.FindPersonRecordsRequest(parent=parent(OWN), person=_person())


@method("spilno.reception.v1.Persons.ExportPersonRecords", HEAD, lambda answer: bool(answer.data.content))
async def _(world: World) -> Message:
    code = (await world.appeal(OWN)).code
    return persons_pb2.ExportPersonRecordsRequest(
        parent=parent(OWN), person=persons_pb2.PersonKey(code=code), organisation=MARKER
    )


@method("spilno.reception.v1.Persons.CorrectPersonRecord", HEAD, lambda answer: answer.residence == MARKER)
async def _(world: World) -> Message:
    record = await _own_record(world)
    return persons_pb2.CorrectPersonRecordRequest(
        parent=parent(OWN),
        record=record.record,
        field=persons_pb2.PERSON_FIELD_RESIDENCE,
        value=MARKER,
        reason=MARKER,
        etag=record.etag,
    )


@method("spilno.reception.v1.Persons.EraseRecord", HEAD, lambda answer: answer.erased)
async def _(world: World) -> Message:
    record = await _visit_record(world)
    return persons_pb2.EraseRecordRequest(parent=parent(OWN), record=record.record, reason=MARKER, etag=record.etag)


@method("spilno.reception.v1.Persons.SetHold", HEAD, lambda answer: answer.reason == MARKER)
async def _(world: World) -> Message:
    return await _hold(world)


@method("spilno.reception.v1.Persons.RemoveHold", HEAD, lambda answer: answer.removed_because == MARKER)
async def _(world: World) -> Message:
    with as_whom(world.tokens[HEAD]):
        made = await world.persons.SetHold(await _hold(world))
    return persons_pb2.RemoveHoldRequest(name=made.name, reason=MARKER, etag=made.etag)


@method("spilno.reception.v1.Persons.ListHolds", HEAD, lambda answer: any(one.reason == MARKER for one in answer.holds))
async def _(world: World) -> Message:
    asked = await _hold(world)
    with as_whom(world.tokens[HEAD]):
        await world.persons.SetHold(asked)
    return persons_pb2.ListHoldsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Persons.RequestOwnData", "web", lambda answer: bool(answer.due_on))
async def _(world: World) -> Message:
    return persons_pb2.RequestOwnDataRequest(
        parent=parent(OWN),
        code=(await world.appeal(OWN)).code,
        kind=persons_pb2.PERSON_REQUEST_KIND_ACCESS,
        request_id=str(uuid4()),
    )


@method("spilno.reception.v1.Persons.FollowOwnRequests", "web", lambda answer: not answer.requests)
async def _(world: World) -> Message:
    return persons_pb2.FollowOwnRequestsRequest(parent=parent(OWN), code=(await world.appeal(OWN)).code)


@method("spilno.reception.v1.Persons.RecordPersonRequest", HEAD, lambda answer: answer.requester == MARKER)
async def _(world: World) -> Message:
    return await _asked_on_paper(world)


@method(
    "spilno.reception.v1.Persons.ListPersonRequests",
    HEAD,
    lambda answer: any(one.requester == MARKER for one in answer.requests),
)
async def _(world: World) -> Message:
    with as_whom(world.tokens[HEAD]):
        await world.persons.RecordPersonRequest(await _asked_on_paper(world))
    return persons_pb2.ListPersonRequestsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Persons.AnswerPersonRequest", HEAD, lambda answer: answer.requester == MARKER)
async def _(world: World) -> Message:
    with as_whom(world.tokens[HEAD]):
        made = await world.persons.RecordPersonRequest(await _asked_on_paper(world))
    return persons_pb2.AnswerPersonRequestRequest(name=made.name, granted=True, answer="Надано", etag=made.etag)


@method("spilno.reception.v1.Persons.GetRetention", HEAD, lambda answer: answer.years > 0)
async def _(world: World) -> Message:
    return persons_pb2.GetRetentionRequest(parent=parent(OWN))


@method("spilno.reception.v1.Persons.UpdateRetention", HEAD, lambda answer: answer.years > 0)
async def _(world: World) -> Message:
    with as_whom(world.tokens[HEAD]):
        kept = await world.persons.GetRetention(persons_pb2.GetRetentionRequest(parent=parent(OWN)))
    return persons_pb2.UpdateRetentionRequest(parent=parent(OWN), years=kept.years, etag=kept.etag)


def _colleague(world: World, whose: str = HEAD) -> appeals_pb2.Actor:
    """Somebody of the office, as they are named."""
    return appeals_pb2.Actor(id=claims_of(world.tokens[whose])["sub"], display_name=MARKER)


async def _sensitive(world: World, *named: appeals_pb2.Actor, by: str | None = None) -> cases_pb2.CaseAccess:
    """A case that the officer has marked."""
    appeal = (await world.appeal(OWN)).appeal
    mark = appeals_pb2.CaseMark(
        sensitivity=particulars_pb2.SENSITIVITY_CHILDREN, staff=named, reason="Ідеться про дитину."
    )
    with as_whom(by or world.tokens[OFFICER]):
        marked: cases_pb2.CaseAccess = await world.cases.MarkSensitive(
            cases_pb2.MarkSensitiveRequest(name=appeal.name, etag=appeal.etag, mark=mark)
        )
    return marked


async def abandoned(world: World) -> cases_pb2.AbandonedCase:
    """A case whose only named has left the office, and reception knows."""
    member, token = await world.invite(OWN, "Колишня юристка", members_pb2.ROLE_COORDINATOR)
    case = await _sensitive(world, by=token)
    await revoke(world, member)
    async with asyncio.timeout(30):
        while True:
            with as_whom(world.tokens[HEAD]):
                listed = await world.cases.ListAbandonedCases(cases_pb2.ListAbandonedCasesRequest(parent=parent(OWN)))
            for each in listed.cases:
                if each.name == case.name:
                    return cases_pb2.AbandonedCase(name=each.name, number=each.number, etag=each.etag)
            await asyncio.sleep(0.1)


@method("spilno.reception.v1.Cases.MarkSensitive", OFFICER, lambda answer: bool(answer.named))
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    mark = appeals_pb2.CaseMark(sensitivity=particulars_pb2.SENSITIVITY_CHILDREN, reason="Ідеться про дитину.")
    return cases_pb2.MarkSensitiveRequest(name=appeal.name, etag=appeal.etag, mark=mark)


@method("spilno.reception.v1.Cases.NameStaff", OFFICER, lambda answer: len(answer.named) == 2)
async def _(world: World) -> Message:
    case = await _sensitive(world)
    return cases_pb2.NameStaffRequest(
        name=case.name, etag=case.etag, staff=_colleague(world), reason="Потрібна порада."
    )


@method("spilno.reception.v1.Cases.RemoveStaff", OFFICER, lambda answer: len(answer.named) == 1)
async def _(world: World) -> Message:
    case = await _sensitive(world, _colleague(world))
    return cases_pb2.RemoveStaffRequest(name=case.name, etag=case.etag, staff=case.named[1].id, reason="Пораду надано.")


@method("spilno.reception.v1.Cases.EndSensitivity", OFFICER, lambda answer: not answer.named)
async def _(world: World) -> Message:
    case = await _sensitive(world)
    return cases_pb2.EndSensitivityRequest(name=case.name, etag=case.etag, reason="Помилкова позначка.")


@method("spilno.reception.v1.Cases.GetCaseAccess", OFFICER, lambda answer: bool(answer.named))
async def _(world: World) -> Message:
    return cases_pb2.GetCaseAccessRequest(name=(await _sensitive(world)).name, purpose="case-work")


@method("spilno.reception.v1.Cases.ListSensitiveCases", OFFICER, lambda answer: bool(answer.cases))
async def _(world: World) -> Message:
    await _sensitive(world)
    return cases_pb2.ListSensitiveCasesRequest(parent=parent(OWN))


@method("spilno.reception.v1.Cases.ListAbandonedCases", HEAD, lambda answer: bool(answer.cases))
async def _(world: World) -> Message:
    await abandoned(world)
    return cases_pb2.ListAbandonedCasesRequest(parent=parent(OWN))


@method("spilno.reception.v1.Cases.RecoverCase", HEAD, lambda answer: len(answer.named) == 1)
async def _(world: World) -> Message:
    case = await abandoned(world)
    return cases_pb2.RecoverCaseRequest(
        name=case.name, etag=case.etag, purpose="supervision", reason="Юристка звільнилася."
    )


@method("spilno.reception.v1.Figures.GetPublicFigures", "web", lambda answer: answer.year == 2026)
async def _(world: World) -> Message:
    return figures_pb2.GetPublicFiguresRequest(parent=parent(OWN), year=2026)


@method(
    "spilno.reception.v1.Proceedings.HandOverAppeal",
    OFFICER,
    lambda answer: answer.state == appeals_pb2.APPEAL_STATE_NOT_CONSIDERED,
)
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    return proceedings_pb2.HandOverAppealRequest(
        name=appeal.name, etag=appeal.etag, track=triage_pb2.TRACK_CRIME, unit="Відділення поліції № 1"
    )


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
