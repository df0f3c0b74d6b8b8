"""Translates the contract's prints."""

from kit.call import Call
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.enums import from_contract
from spilno.reception.v1 import prints_pb2 as pb

from reception.prints import actions
from reception.prints.actions import Printed
from reception.prints.writing import CONTENT_TYPES, Format
from reception.receptions.rules import read_date


class Prints(Servicer, contract=pb.DESCRIPTOR.services_by_name["Prints"]):
    async def PrintAppealCard(self, request: pb.PrintAppealCardRequest, call: Call) -> pb.Document:
        format = _format(request.format)
        return document(await actions.appeal_card(call, uid(request.name), request.organisation, format))

    async def PrintReceipt(self, request: pb.PrintReceiptRequest, call: Call) -> pb.Document:
        return document(await actions.receipt(call, uid(request.name), request.organisation))

    async def PrintVisitCard(self, request: pb.PrintVisitCardRequest, call: Call) -> pb.Document:
        format = _format(request.format)
        return document(await actions.visit_card(call, uid(request.name), request.organisation, format))

    async def PrintAppealJournal(self, request: pb.PrintAppealJournalRequest, call: Call) -> pb.Document:
        first, last = read_date(request.from_day, "from_day"), read_date(request.to_day, "to_day")
        format = _format(request.format)
        return document(await actions.appeal_journal(call, first, last, request.organisation, format))

    async def PrintReceptionJournal(self, request: pb.PrintReceptionJournalRequest, call: Call) -> pb.Document:
        first, last = read_date(request.from_day, "from_day"), read_date(request.to_day, "to_day")
        format = _format(request.format)
        return document(await actions.reception_journal(call, first, last, request.organisation, format))

    async def PrintReport(self, request: pb.PrintReportRequest, call: Call) -> pb.Document:
        first, last = read_date(request.from_day, "from_day"), read_date(request.to_day, "to_day")
        format = _format(request.format)
        return document(await actions.report(call, first, last, request.organisation, format))


def _format(said: "pb.DocumentFormat.ValueType") -> Format:
    return from_contract(Format, pb.DocumentFormat, said)


def document(printed: Printed) -> pb.Document:
    """The file, as the contract hands it over."""
    return pb.Document(file_name=printed.name, content_type=CONTENT_TYPES[printed.format], content=printed.content)
