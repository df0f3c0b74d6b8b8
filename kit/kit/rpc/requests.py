"""`request_id`: the same request returns the same response for 24 hours; another payload under its id is refused."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import Column, DateTime, LargeBinary, MetaData, Table, Text, Uuid, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from kit.call import Call
from kit.database import Prepared
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

_KEY = ("scope", "caller", "method", "request_id")
_named = [_request.c[name] == bindparam(f"the_{name}") for name in _KEY]
_fresh = insert(_request).values({name: bindparam(name) for name in (*_KEY, "payload_hash", "created_at")})
_CLAIM = Prepared(
    _fresh.on_conflict_do_update(
        index_elements=_KEY,
        set_={"payload_hash": _fresh.excluded.payload_hash, "response": None, "created_at": _fresh.excluded.created_at},
        where=_request.c.created_at < bindparam("stale", type_=DateTime(timezone=True)),
    ).returning(_request.c.request_id)
)
_EARLIER = Prepared(select(_request.c.payload_hash, _request.c.response, _request.c.created_at).where(*_named))
_KEEP = Prepared(update(_request).where(*_named).values(response=bindparam("sealed")))


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
    def _named(self) -> dict[str, object]:
        return {f"the_{name}": value for name, value in self._key.items()}

    @property
    def _context(self) -> tuple[str, ...]:
        return tuple(str(value) for value in self._key.values())

    async def earlier(self) -> bytes | None:
        """The response given before. Waits for the same request if it is under way in another transaction.

        Raises:
            Refused: the id was used with another payload.
        """
        call = self._call
        if await call.db.run(_CLAIM, **self._key, payload_hash=self._hash, created_at=call.now, stale=call.now - KEPT):
            return None
        records = await call.db.run(_EARLIER, **self._named)
        if not records:
            raise Refused("request_id", "request-id.other-payload")
        return self._opened(records[0])

    async def answered(self) -> bytes | None:
        """The response given before, if there is one that is still kept; claims nothing.

        Raises:
            Refused: the id was used with another payload.
        """
        records = await self._call.db.run(_EARLIER, **self._named)
        if not records or records[0]["response"] is None or records[0]["created_at"] < self._call.now - KEPT:
            return None
        return self._opened(records[0])

    def _opened(self, record: Any) -> bytes:
        if record["payload_hash"] != self._hash:
            raise Refused("request_id", "request-id.other-payload")
        return self._call.keys.open(_PURPOSE, record["response"], *self._context)

    def keep(self, response: bytes) -> None:
        """Keeps the response, sealed: it may hold what is told only once."""
        sealed = self._call.keys.seal(_PURPOSE, response, *self._context)
        self._call.db.put(_KEEP, **self._named, sealed=sealed)
