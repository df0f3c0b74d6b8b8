"""The rows of reception: clocks, registers and wordings."""

from google.protobuf.message import Message
from spilno.reception.v1 import clocks_pb2, register_pb2, wordings_pb2

from tests.isolation.rows.declared import HEAD, OFFICER, method, parent
from tests.world import MARKER, OWN, World, as_whom


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
