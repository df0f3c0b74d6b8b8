"""Translates: how a hromada comes to the service. Served by every service that has a template, for identity alone."""

from typing import Any
from uuid import UUID

from spilno.tenancy.v1 import tenancy_pb2 as pb
from sqlalchemy import ColumnClause, column, exists, select, table, text

from kit.call import Call
from kit.database import Database, Session
from kit.errors import Denied
from kit.localisation import Catalogue
from kit.rpc.errors import Invalid, Violation
from kit.rpc.servicer import Servicer
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
    """Serves one service's template."""

    def __init__(self, template: Template[Any], catalogue: Catalogue, database: Database) -> None:
        self._template = template
        self._catalogue = catalogue
        self._database = database

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


def _for_the_leader(call: Call) -> None:
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
