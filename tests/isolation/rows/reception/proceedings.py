"""The rows of reception: proceedings on an appeal."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from google.protobuf.message import Message
from kit.clock import kyiv_date
from spilno.reception.v1 import appeals_pb2, particulars_pb2, proceedings_pb2, triage_pb2

from tests.isolation.minting import claims_of
from tests.isolation.rows.declared import HEAD, OFFICER, method, parent
from tests.isolation.rows.reception.appeals import taken_appeal
from tests.world import MARKER, OWN, World, as_whom


def far_day(days: int) -> str:
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
    taken = await taken_appeal(world, OWN)
    return proceedings_pb2.MarkSimpleRequest(name=taken.name, etag=taken.etag)


@method("spilno.reception.v1.Proceedings.ReturnAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await taken_appeal(world, OWN)
    return proceedings_pb2.ReturnAppealRequest(
        name=taken.name,
        etag=taken.etag,
        ground=proceedings_pb2.RETURN_GROUND_INSUFFICIENT,
        explanation="Вкажіть адресу ліхтаря.",
    )


@method("spilno.reception.v1.Proceedings.ForwardAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await taken_appeal(world, OWN)
    to = particulars_pb2.Body(organisation=f"{parent(OWN)}/organisations/{uuid4()}", title="Міська рада")
    return proceedings_pb2.ForwardAppealRequest(name=taken.name, etag=taken.etag, to=to, reason="Це їхнє питання.")


async def _more_time(world: World) -> proceedings_pb2.AskExtensionRequest:
    taken = await taken_appeal(world, OWN)
    return proceedings_pb2.AskExtensionRequest(
        name=taken.name, etag=taken.etag, until=far_day(40), reason="Чекаємо висновку."
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
        name=appeal.name, etag=appeal.etag, until=far_day(5), reason="Людина від’їжджає."
    )


@method("spilno.reception.v1.Proceedings.DeclineShortening", HEAD, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    return proceedings_pb2.DeclineShorteningRequest(name=appeal.name, etag=appeal.etag, reason="Строк лишається, як є.")


async def _with_a_duplicate(world: World) -> appeals_pb2.Appeal:
    """An appeal in the officer's hands, of which there is a duplicate."""
    taken = await taken_appeal(world, OWN)
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


@method("spilno.reception.v1.Proceedings.RecordBodyAnswer", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await taken_appeal(world, OWN)
    to = particulars_pb2.Body(organisation=f"{parent(OWN)}/organisations/{uuid4()}", title="Міська рада")
    with as_whom(world.tokens[OFFICER]):
        went = await world.proceedings.ForwardAppeal(
            proceedings_pb2.ForwardAppealRequest(name=taken.name, etag=taken.etag, to=to, reason="Це їхнє питання.")
        )
    return proceedings_pb2.RecordBodyAnswerRequest(name=went.name, etag=went.etag, answer="Ліхтарі замінять.")


@method("spilno.reception.v1.Proceedings.ReassignAppeal", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    taken = await taken_appeal(world, OWN)
    return proceedings_pb2.ReassignAppealRequest(
        name=taken.name,
        etag=taken.etag,
        colleague=str(claims_of(world.tokens[HEAD])["sub"]),
        reason="Це справа керівника.",
    )


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
