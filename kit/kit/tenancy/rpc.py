"""Translates: how a hromada comes to the service and leaves it. Identity alone asks."""

from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from spilno.tenancy.v1 import tenancy_pb2 as pb
from sqlalchemy import ColumnClause, column, exists, select, table, text

from kit.bus.connection import Bus
from kit.bus.dropping import drop_events
from kit.call import Call, Hromada
from kit.database import Database, Session
from kit.errors import Denied
from kit.localisation import Catalogue
from kit.rpc.chain import StreamCall
from kit.rpc.errors import Invalid, Violation
from kit.rpc.servicer import Servicer
from kit.tenancy import messages
from kit.tenancy.holdings import Holdings, Piece
from kit.tenancy.template import Contents, Fault, Faulty, Template

_LEADER = "identity"
_APPLY = str(pb.DESCRIPTOR.services_by_name["Tenancy"].methods_by_name["Apply"].full_name)
_OF_HROMADAS = text(
    "SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
    "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attname = 'hromada_id' "
    "AND coalesce(obj_description(c.oid, 'pg_class'), '') NOT LIKE 'platform: %' "
    "AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1"
)


class Tenancy(Servicer, contract=pb.DESCRIPTOR.services_by_name["Tenancy"]):
    """Serves one service's template, and what it holds of hromadas."""

    def __init__(
        self,
        service: str,
        template: Template[Any],
        holdings: Holdings,
        catalogue: Catalogue,
        database: Database,
        bus: Bus,
    ) -> None:
        self._service = service
        self._template = template
        self._holdings = holdings
        self._catalogue = catalogue
        self._database = database
        self._bus = bus

    async def Apply(self, request: pb.ApplyRequest, call: Call) -> pb.ApplyResponse:
        _for_the_leader(call)
        contents = self._read(request.text, call) if request.text else self._template.own
        received = await self._template.apply(call, contents)
        written = [piece for piece, is_new in received.items() if is_new]
        if written:
            call.keep(_APPLY)
        return pb.ApplyResponse(
            template=_message(contents),
            written=written,
            kept=[piece for piece, is_new in received.items() if not is_new],
        )

    async def CheckTemplate(self, request: pb.CheckTemplateRequest, call: Call) -> pb.AppliedTemplate:
        _for_the_leader(call)
        return _message(self._read(request.text, call))

    async def CheckIsolation(self, request: pb.CheckIsolationRequest, call: Call) -> pb.CheckIsolationResponse:
        _for_the_leader(call)
        names = [record["name"] for record in await call.db.records(_OF_HROMADAS)]
        found = await _shown(call.db, names, but=call.hromada.id)
        async with self._database.transaction() as nobodys:
            found |= await _shown(nobodys, names, but=None)
        return pb.CheckIsolationResponse(open_tables=sorted(found))

    async def Export(self, request: pb.ExportRequest, call: StreamCall) -> AsyncIterator[pb.ExportResponse]:
        _for_the_leader(call)
        async for piece in self._holdings.pieces(call.open):
            yield pb.ExportResponse(part=piece.part, number=piece.number, body=piece.body)

    async def Digest(self, request: pb.DigestRequest, call: Call) -> pb.Holdings:
        _for_the_leader(call)
        return messages.of_holding(await self._holdings.told(lambda: nullcontext(call)))

    async def Usage(self, request: pb.UsageRequest, call: Call) -> pb.UsageResponse:
        _for_the_leader(call)
        rooms = await self._holdings.usage(call)
        return pb.UsageResponse(rooms=[pb.Room(name=each.name, rows=each.rows, bytes=each.bytes) for each in rooms])

    async def BeginImport(self, request: pb.BeginImportRequest, call: Call) -> pb.BeginImportResponse:
        _for_the_leader(call)
        await self._holdings.begin(await _within(call, request.hromada), request.schema)
        return pb.BeginImportResponse()

    async def PutPart(self, request: pb.PutPartRequest, call: Call) -> pb.PutPartResponse:
        _for_the_leader(call)
        piece = Piece(request.part, request.number, request.body)
        await self._holdings.lay_aside(await _within(call, request.hromada), piece)
        return pb.PutPartResponse()

    async def FinishImport(
        self, request: pb.FinishImportRequest, call: StreamCall
    ) -> AsyncIterator[pb.FinishImportResponse]:
        _for_the_leader(call)
        async with call.open() as within:
            await _within(within, request.hromada)
            async for table in self._holdings.take(within, messages.holding(request.holdings)):
                yield pb.FinishImportResponse(table=table)
        yield pb.FinishImportResponse(done=True)

    async def Erase(self, request: pb.EraseRequest, call: Call) -> pb.EraseResponse:
        _for_the_leader(call)
        slug = request.hromada.slug
        rows, blobs = await self._holdings.erase(await _within(call, request.hromada), slug)
        await drop_events(self._bus, self._service, slug)
        return pb.EraseResponse(rows=rows, blobs=blobs)

    def _read(self, text: str, call: Call) -> Contents:
        try:
            contents: Contents = self._template.read(text)
        except Faulty as faulty:
            raise Invalid([self._violation(fault, call.locale) for fault in faulty.faults]) from None
        return contents

    def _violation(self, fault: Fault, locale: str) -> Violation:
        said = self._catalogue.text(fault.reason, locale, **fault.values)
        if not fault.path:
            return Violation("text", fault.reason, said)
        return Violation(f"text.{fault.path}", fault.reason, f"{fault.path}: {said}")


async def _within(call: Call, whom: pb.Whom) -> Call:
    """The call, from here on in that hromada, of which nobody may have told this service."""
    call.hromada_or_none = Hromada(whom.slug, UUID(whom.id))
    await call.db.enter(call.hromada.id)
    return call


def _for_the_leader(call: Call | StreamCall) -> None:
    if call.caller.service != _LEADER:
        raise Denied


async def _shown(db: Session, names: list[str], but: object) -> set[str]:
    """The tables that show a row of another hromada than the one given."""
    found = set()
    for name in names:
        whose: ColumnClause[UUID] = column("hromada_id")
        rows = select(whose).select_from(table(name, whose))
        others = rows if but is None else rows.where(whose != but)
        if (await db.records(select(exists(others).label("shown"))))[0]["shown"]:
            found.add(name)
    return found


def _message(contents: Contents) -> pb.AppliedTemplate:
    return pb.AppliedTemplate(name=contents.name, version=contents.version, digest=contents.digest)
