"""Sessions of people who signed in. Tokens stay here; the browser holds a random value of which we keep a digest."""

import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from kit.clock import Clock
from kit.database import Database
from kit.errors import Missing
from kit.keys import Keys
from sqlalchemy import delete, update
from sqlmodel import col, select

from web.sessions.model import BrowserSession

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(hours=12)
# An ended session is remembered a little, so that a form sent too late finds its author again.
REMEMBERED = timedelta(hours=24)
_TOUCH = timedelta(minutes=1)
_EARLY = timedelta(seconds=30)


@dataclass(frozen=True)
class Tokens:
    """What the issuer gave for one sign-in."""

    access: str
    refresh: str
    id_token: str
    lasting: float
    """Seconds from when it was given."""


@dataclass(frozen=True)
class SignedIn:
    """A live session, with an access token that is good for a while."""

    place: str
    subject: str
    access: str


class Ended(Exception):
    """The issuer no longer renews the session."""


Renew = Callable[[str, str], Awaitable[Tokens]]
"""Trades a refresh token, with its id token, for new tokens. Raises Ended, or Away when the issuer is silent."""


class Sessions:
    """Opens, finds, renews and ends sessions. Replicas share them through the database."""

    def __init__(self, database: Database, keys: Keys, clock: Clock, renew: Renew) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._renew = renew

    async def open(self, place: str, subject: str, tokens: Tokens, *, instead_of: str = "") -> str:
        """A new session in place of the browser's old one; the cookie's value."""
        now = self._clock.now()
        cookie = secrets.token_urlsafe(32)
        digest = self._digest(cookie)
        async with self._database.transaction() as db:
            await db.records(delete(BrowserSession).where(col(BrowserSession.ends_at) < now - REMEMBERED))
            await db.records(delete(BrowserSession).where(col(BrowserSession.digest) == self._digest(instead_of)))
            db.add(
                BrowserSession(
                    digest=digest,
                    place=place,
                    subject=subject,
                    sealed=self._seal(digest, tokens),
                    access_until=now + timedelta(seconds=tokens.lasting),
                    used_at=now,
                    ends_at=now + ABSOLUTE,
                )
            )
        return cookie

    async def find(self, cookie: str) -> SignedIn | None:
        """The cookie's session if it is alive; its access token is renewed when it is about to end.

        Raises:
            Away: it has to be renewed and the issuer does not answer.
        """
        row = await self._row(cookie)
        now = self._clock.now()
        if row is None or not _is_alive(row, now):
            return None
        if row.access_until - _EARLY <= now:
            return await self._renewed(row)
        if now - row.used_at > _TOUCH:
            await self._touch(row, now)
        return SignedIn(row.place, row.subject, self._open(row).access)

    async def author(self, cookie: str) -> str:
        """Whose session it is or was; empty when that is not known any more."""
        row = await self._row(cookie)
        return row.subject if row is not None else ""

    async def end(self, cookie: str) -> str:
        """Forgets the session; its id token, by which the issuer knows what to end there."""
        digest = self._digest(cookie)
        async with self._database.transaction() as db:
            row = await db.one_or_none(select(BrowserSession).where(col(BrowserSession.digest) == digest))
            if row is None:
                return ""
            await db.records(delete(BrowserSession).where(col(BrowserSession.digest) == digest))
        return self._open(row).id_token

    async def close(self, place: str, subject: str) -> None:
        """Ends the person's sessions in one place, in all browsers. Whose they were stays known for a while."""
        now = self._clock.now()
        theirs = col(BrowserSession.place) == place, col(BrowserSession.subject) == subject
        async with self._database.transaction() as db:
            await db.records(
                update(BrowserSession).where(*theirs, col(BrowserSession.ends_at) > now).values(ends_at=now)
            )

    async def forget(self, places: Sequence[str]) -> None:
        """Forgets every session in these places: they are no more."""
        async with self._database.transaction() as db:
            await db.records(delete(BrowserSession).where(col(BrowserSession.place).in_(places)))

    async def _renewed(self, seen: BrowserSession) -> SignedIn | None:
        """Renews under the row's lock: a refresh token works once, and whoever waited finds the new ones."""
        async with self._database.transaction() as db:
            try:
                row = await db.lock(BrowserSession, seen.id)
            except Missing:
                return None
            tokens = self._open(row)
            now = self._clock.now()
            if row.access_until - _EARLY > now:
                return SignedIn(row.place, row.subject, tokens.access)
            try:
                tokens = await self._renew(tokens.refresh, tokens.id_token)
            except Ended:
                row.ends_at = min(row.ends_at, now)
                return None
            row.sealed = self._seal(row.digest, tokens)
            row.access_until = now + timedelta(seconds=tokens.lasting)
            row.used_at = now
            return SignedIn(row.place, row.subject, tokens.access)

    async def _touch(self, row: BrowserSession, now: datetime) -> None:
        async with self._database.transaction() as db:
            await db.records(update(BrowserSession).where(col(BrowserSession.id) == row.id).values(used_at=now))

    async def _row(self, cookie: str) -> BrowserSession | None:
        if not cookie:
            return None
        async with self._database.transaction() as db:
            return await db.one_or_none(
                select(BrowserSession).where(col(BrowserSession.digest) == self._digest(cookie))
            )

    def _digest(self, cookie: str) -> bytes:
        return self._keys.digest("session", cookie)

    def _seal(self, digest: bytes, tokens: Tokens) -> bytes:
        return self._keys.seal("session", json.dumps(asdict(tokens)).encode(), digest.hex())

    def _open(self, row: BrowserSession) -> Tokens:
        return Tokens(**json.loads(self._keys.open("session", row.sealed, row.digest.hex())))


def _is_alive(row: BrowserSession, now: datetime) -> bool:
    return now < row.ends_at and now - row.used_at < IDLE
