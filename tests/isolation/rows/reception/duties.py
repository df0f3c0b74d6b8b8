"""The rows of reception: duties."""

from uuid import uuid4

from google.protobuf.message import Message
from spilno.reception.v1 import duties_pb2

from tests.isolation.rows.declared import OFFICER, method, parent
from tests.isolation.rows.reception.proceedings import far_day
from tests.world import MARKER, OWN, World, as_whom


async def _duty(world: World) -> duties_pb2.CreateDutyRequest:
    street = f"вул. Звітна{''.join(chr(ord('а') + int(digit, 16)) for digit in uuid4().hex[:12])}"
    beat = await world.beat(OWN, street, officer=(await world.officer(OWN)).name)
    return duties_pb2.CreateDutyRequest(
        parent=parent(OWN),
        beat=beat.name,
        kind=duties_pb2.DUTY_KIND_REPORT,
        duty=duties_pb2.DutyDraft(planned_on=far_day(20), note=MARKER),
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
