"""What one browser is in the middle of: a sign-in, a draft, a receipt. Sealed, short-lived, found by that one alone."""

import json
from datetime import timedelta

from kit.clock import Clock
from kit.database import Database
from kit.keys import Keys
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from web.sessions.model import Keepsake


class Keepsakes:
    """Small records by purpose, browser and name."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    async def keep(self, purpose: str, visitor: str, name: str, content: dict[str, str], *, lasting: timedelta) -> None:
        """Keeps the content for that time, in place of what was kept under the same name."""
        now = self._clock.now()
        digest = self._digest(purpose, visitor, name)
        sealed = self._keys.seal("keepsake", json.dumps(content).encode(), digest.hex())
        fresh = insert(Keepsake).values(id=uuid7(), version=1, digest=digest, sealed=sealed, until=now + lasting)
        replace = fresh.on_conflict_do_update(
            index_elements=["digest"], set_={"sealed": fresh.excluded.sealed, "until": fresh.excluded.until}
        )
        async with self._database.transaction() as db:
            await db.records(delete(Keepsake).where(col(Keepsake.until) < now))
            await db.records(replace)

    async def look(self, purpose: str, visitor: str, name: str) -> dict[str, str] | None:
        """What is kept, and stays kept."""
        digest = self._digest(purpose, visitor, name)
        async with self._database.transaction() as db:
            row = await db.one_or_none(select(Keepsake).where(col(Keepsake.digest) == digest))
        return self._open(digest, row) if row is not None and row.until > self._clock.now() else None

    async def take(self, purpose: str, visitor: str, name: str) -> dict[str, str] | None:
        """What is kept, once."""
        digest = self._digest(purpose, visitor, name)
        async with self._database.transaction() as db:
            row = await db.one_or_none(select(Keepsake).where(col(Keepsake.digest) == digest).with_for_update())
            if row is None:
                return None
            await db.records(delete(Keepsake).where(col(Keepsake.digest) == digest))
        return self._open(digest, row) if row.until > self._clock.now() else None

    def _digest(self, purpose: str, visitor: str, name: str) -> bytes:
        return self._keys.digest("keepsake", purpose, visitor, name)

    def _open(self, digest: bytes, row: Keepsake) -> dict[str, str]:
        content: dict[str, str] = json.loads(self._keys.open("keepsake", row.sealed, digest.hex()))
        return content
