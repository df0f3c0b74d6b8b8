"""The rows of reception: appeals."""

from uuid import uuid4

from google.protobuf.message import Message
from spilno.reception.v1 import appeals_pb2, particulars_pb2

from tests.isolation.rows.declared import OFFICER, method, parent
from tests.world import MARKER, OWN, World, appeal_draft, appeal_request, as_whom


async def taken_appeal(world: World, slug: str) -> appeals_pb2.Appeal:
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
    taken = await taken_appeal(world, OWN)
    return appeals_pb2.AnswerAppealRequest(
        name=taken.name,
        etag=taken.etag,
        answer="Відповідь лише для своїх",
        outcome=particulars_pb2.APPEAL_OUTCOME_GRANTED,
    )
