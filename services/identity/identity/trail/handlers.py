"""What the services send."""

from datetime import datetime
from uuid import UUID

from kit.bus.handlers import handles
from kit.call import Call
from spilno.audit.v1.entries_pb2 import EntriesWritten
from sqlmodel import col, select

from identity.hromadas.model import Hromada
from identity.trail import actions


@handles(EntriesWritten, audited=False)
async def keep(event: EntriesWritten, call: Call) -> None:
    if await call.db.one_or_none(select(Hromada).where(col(Hromada.id) == call.hromada.id)) is None:
        return  # it was erased while this was on its way
    entries = [
        {
            "id": UUID(entry.id),
            "version": 1,
            "number": entry.number,
            "at": datetime.fromisoformat(entry.at),
            "subject": entry.subject,
            "method": entry.method,
            "records": list(entry.records),
            "numbers": list(entry.numbers),
            "purpose": entry.purpose,
            "outcome": entry.outcome,
        }
        for entry in event.entries
    ]
    await actions.keep(call, call.caller.service, entries)
