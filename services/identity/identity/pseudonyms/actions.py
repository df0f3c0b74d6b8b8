"""What happens to pseudonyms: given the first time that they are needed, looked up, made nobody's."""

import secrets
from datetime import datetime
from uuid import UUID

from kit.database import Session, table_of
from kit.errors import Denied
from kit.keys import Keys
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from identity.pseudonyms import rules
from identity.pseudonyms.model import PseudonymKey

_PURPOSE = "pseudonym"
_KEY_BYTES = 32


async def of(db: Session, keys: Keys, person: UUID, now: datetime) -> str:
    """The person's pseudonym in the transaction's hromada, with a key made if there is none."""
    found = await find(db, keys, person)
    if found:
        return found
    hromada = _hromada(db)
    sealed = keys.seal(_PURPOSE, secrets.token_bytes(_KEY_BYTES), str(hromada), str(person))
    row = {
        "hromada_id": hromada,
        "id": uuid7(),
        "version": 1,
        "person_id": person,
        "sealed": sealed,
        "created_at": now,
    }
    await db.records(insert(table_of(PseudonymKey)).values(row).on_conflict_do_nothing())
    return await find(db, keys, person)


async def find(db: Session, keys: Keys, person: UUID) -> str:
    """The person's pseudonym in the transaction's hromada; empty if they have none, or none any more."""
    row = await db.one_or_none(select(PseudonymKey).where(col(PseudonymKey.person_id) == person))
    return _pseudonym(db, keys, row) if row is not None else ""


async def people(db: Session, keys: Keys) -> dict[str, UUID]:
    """Everyone whom the hromada's trail can name, by pseudonym."""
    return {_pseudonym(db, keys, row): row.person_id for row in await db.all(select(PseudonymKey))}


async def forget(db: Session, person: UUID) -> None:
    """Destroys the key: the trail stays whole, and nobody can say any more which of it was this person's."""
    await db.records(delete(PseudonymKey).where(col(PseudonymKey.person_id) == person))


def _pseudonym(db: Session, keys: Keys, row: PseudonymKey) -> str:
    hromada = _hromada(db)
    key = keys.open(_PURPOSE, row.sealed, str(hromada), str(row.person_id))
    return rules.pseudonym(key, hromada, row.person_id)


def _hromada(db: Session) -> UUID:
    if db.hromada is None:
        raise Denied
    return db.hromada
