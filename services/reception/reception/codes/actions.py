"""Codes by which residents find what is theirs. Only digests of them are kept."""

import hmac
import secrets
from hashlib import sha256

from kit.call import Call
from kit.database import table_of
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from uuid_utils.compat import uuid7

from reception.codes.model import CodeKey

_KEY_BYTES = 32


async def digest(call: Call, purpose: str, code: str) -> bytes:
    """By which a code is found again in this hromada, but not guessed from a stolen table."""
    return hmac.digest(await _key(call), f"{purpose} {code}".encode(), sha256)


async def _key(call: Call) -> bytes:
    found = await call.db.one_or_none(select(CodeKey))
    if found is None:
        id = uuid7()
        sealed = await call.vault.seal(call, secrets.token_bytes(_KEY_BYTES), CodeKey, id)
        row = {"hromada_id": call.hromada.id, "id": id, "version": 1, "sealed": sealed}
        await call.db.records(insert(table_of(CodeKey)).values(row).on_conflict_do_nothing())
        found = await call.db.one_or_none(select(CodeKey))
        if found is None:
            raise LookupError("a key that was just made")
    return await call.vault.open(call, found.sealed, CodeKey, found.id)
