"""`request_id`: the same request returns the same response for 24 hours; another payload under its id is refused."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import Column, ColumnElement, DateTime, LargeBinary, MetaData, Table, Text, Uuid, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from kit.call import Call
from kit.errors import Refused

KEPT = timedelta(hours=24)
_PURPOSE = "response"

_request = Table(
    "request",
    MetaData(),
    Column("scope", Text, primary_key=True),
    Column("caller", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("request_id", Uuid, primary_key=True),
    Column("payload_hash", LargeBinary),
    Column("response", LargeBinary),
    Column("created_at", DateTime(timezone=True)),
)


class Once:
    """One request under its id, inside the call's own transaction: kept if and only if what it did is kept."""

    def __init__(self, call: Call, method: str, request: Message, request_id: str) -> None:
        self._call = call
        self._key = {
            "scope": call.hromada_or_none.slug if call.hromada_or_none else "",
            "caller": call.caller.subject or f"svc.{call.caller.service}",
            "method": method,
            "request_id": UUID(request_id),
        }
        self._hash = sha256(request.SerializeToString(deterministic=True)).digest()

    @property
    def _context(self) -> tuple[str, ...]:
        return tuple(str(value) for value in self._key.values())

    def _where(self) -> list[ColumnElement[bool]]:
        return [_request.c[name] == value for name, value in self._key.items()]

    async def earlier(self) -> bytes | None:
        """The response given before. Waits for the same request if it is under way in another transaction.

        Raises:
            Refused: the id was used with another payload.
        """
        call = self._call
        stale = [*self._where(), _request.c.created_at < call.now - KEPT]
        await call.db.records(delete(_request).where(*stale))
        claimed = await call.db.records(
            insert(_request)
            .values(**self._key, payload_hash=self._hash, created_at=call.now)
            .on_conflict_do_nothing()
            .returning(_request.c.request_id)
        )
        if claimed:
            return None
        records = await call.db.records(select(_request.c.payload_hash, _request.c.response).where(*self._where()))
        if not records or records[0]["payload_hash"] != self._hash:
            raise Refused("request_id", "request-id.other-payload")
        return call.keys.open(_PURPOSE, records[0]["response"], *self._context)

    async def keep(self, response: bytes) -> None:
        """Keeps the response, sealed: it may hold what is told only once."""
        sealed = self._call.keys.seal(_PURPOSE, response, *self._context)
        await self._call.db.records(update(_request).where(*self._where()).values(response=sealed))
