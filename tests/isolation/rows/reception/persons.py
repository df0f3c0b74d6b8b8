"""The rows of reception: persons' data."""

from uuid import uuid4

from google.protobuf.message import Message
from spilno.reception.v1 import persons_pb2, receptions_pb2

from tests.isolation.rows.declared import HEAD, OFFICER, method, parent
from tests.isolation.rows.reception.proceedings import far_day
from tests.world import MARKER, OWN, World, as_whom


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
        received_on=far_day(-1),
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
