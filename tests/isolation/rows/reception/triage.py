"""The rows of reception: what is no appeal."""

from uuid import uuid4

from google.protobuf.message import Message
from spilno.reception.v1 import appeals_pb2, attachments_pb2, triage_pb2

from tests.isolation.rows.declared import FILE, OFFICER, file_said, method, parent
from tests.world import MARKER, OWN, World, appeal_draft, as_whom


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


async def waiting_submission(world: World, *, with_file: bool = False) -> triage_pb2.Submission:
    """What a resident of the hromada sent and nobody has sorted."""
    draft = appeal_draft()
    draft.text = f"{MARKER}: у мене вкрали велосипед."
    sent = appeals_pb2.SubmitAppealRequest(parent=parent(OWN), appeal=draft, request_id=str(uuid4()))
    receipt = await world.appeals.SubmitAppeal(sent, metadata=await world.through_web())
    if with_file:
        first = attachments_pb2.SubmitAttachmentRequest(parent=parent(OWN), code=receipt.code, **file_said())
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
    await waiting_submission(world)
    return triage_pb2.ListSubmissionsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Triage.RegisterSubmission", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    one = await waiting_submission(world)
    return triage_pb2.RegisterSubmissionRequest(name=one.name, etag=one.etag, kind=one.kind, area=one.area)


@method("spilno.reception.v1.Triage.HandOverSubmission", OFFICER, lambda answer: answer.unit == MARKER)
async def _(world: World) -> Message:
    one = await waiting_submission(world)
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
