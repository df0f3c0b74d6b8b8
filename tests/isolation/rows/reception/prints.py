"""The rows of reception: what is printed."""

from typing import Any

from google.protobuf.message import Message
from spilno.reception.v1 import leaflets_pb2, prints_pb2

from tests.isolation.rows.declared import OFFICER, method, parent
from tests.isolation.rows.reception.proceedings import far_day
from tests.world import MARKER, OWN, World


def _month() -> dict[str, Any]:
    return {
        "parent": parent(OWN),
        "from_day": far_day(-30),
        "to_day": far_day(1),
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
