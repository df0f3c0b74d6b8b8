"""What happens to pseudonyms: given the first time that they are needed, looked up, made nobody's."""

import secrets
from uuid import UUID

from kit.call import Call
from kit.database import Session, table_of
from kit.errors import Denied
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from identity.pseudonyms import rules
from identity.pseudonyms.model import PseudonymKey

_KEY_BYTES = 32


async def of(call: Call, person: UUID) -> str:
    """The person's pseudonym in the transaction's hromada, with a key made if there is none."""
    found = await find(call, person)
    if found:
        return found
    id = uuid7()
    row = {
        "hromada_id": _hromada(call.db),
        "id": id,
        "version": 1,
        "person_id": person,
        "sealed": await call.vault.seal(call, secrets.token_bytes(_KEY_BYTES), PseudonymKey, id),
        "created_at": call.now,
    }
    await call.db.records(insert(table_of(PseudonymKey)).values(row).on_conflict_do_nothing())
    return await find(call, person)


async def find(call: Call, person: UUID) -> str:
    """The person's pseudonym in the transaction's hromada; empty if they have none, or none any more."""
    row = await call.db.one_or_none(select(PseudonymKey).where(col(PseudonymKey.person_id) == person))
    return await _pseudonym(call, row) if row is not None else ""


async def people(call: Call) -> dict[str, UUID]:
    """Everyone whom the hromada's trail can name, by pseudonym."""
    return {await _pseudonym(call, row): row.person_id for row in await call.db.all(select(PseudonymKey))}


async def forget(db: Session, person: UUID) -> None:
    """Destroys the key: the trail stays whole, and nobody can say any more which of it was this person's."""
    await db.records(delete(PseudonymKey).where(col(PseudonymKey.person_id) == person))


async def _pseudonym(call: Call, row: PseudonymKey) -> str:
    key = await call.vault.open(call, row.sealed, PseudonymKey, row.id)
    return rules.pseudonym(key, _hromada(call.db), row.person_id)


def _hromada(db: Session) -> UUID:
    if db.hromada is None:
        raise Denied
    return db.hromada
