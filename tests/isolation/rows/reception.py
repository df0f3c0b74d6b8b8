"""The rows of reception."""

from datetime import UTC
from hashlib import sha256
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message
from kit.clock import kyiv_date
from spilno.reception.v1 import appeals_pb2, attachments_pb2, officers_pb2, receptions_pb2

from tests.isolation.rows.declared import FILE, HEAD, INTEGRATOR, OFFICER, method, parent
from tests.world import MARKER, OWN, World, appeal_draft, appeal_request, as_whom, visit_draft


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


@method("spilno.reception.v1.Appeals.TakeAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    return appeals_pb2.TakeAppealRequest(name=appeal.name, etag=appeal.etag)


@method("spilno.reception.v1.Appeals.AnswerAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await _taken(world, OWN)
    return appeals_pb2.AnswerAppealRequest(name=taken.name, etag=taken.etag, answer="Відповідь лише для своїх")


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
