import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from kit.database import Database
from kit.database.migrations import migrate
from kit.keys import Keys
from kit.servers.postgres import Postgres, provision
from kit.testing.ground import PASSWORD, PASSWORDS
from sqlmodel import select
from web.sessions.keepsakes import Keepsakes
from web.sessions.model import BrowserSession
from web.sessions.sessions import Ended, Sessions, Tokens

KEYS = Keys("c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA")


class Hours:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


class Renewals:
    """An issuer whose refresh tokens work once; a second use would end the session."""

    def __init__(self) -> None:
        self.used: list[str] = []
        self.is_over = False

    async def __call__(self, refresh: str, id_token: str) -> Tokens:
        if self.is_over or refresh in self.used:
            raise Ended
        self.used.append(refresh)
        await asyncio.sleep(0.05)
        return Tokens(f"access-{len(self.used)}", f"refresh-{len(self.used)}", id_token, 300)


@pytest_asyncio.fixture(scope="session")
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    await provision(postgres, "web", PASSWORDS)
    await migrate("web", postgres.url("web_migrator", PASSWORD, "web"))
    opened = Database(postgres.url("web_app", PASSWORD, "web"))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def renewals() -> Renewals:
    return Renewals()


@pytest.fixture
def sessions(database: Database, hours: Hours, renewals: Renewals) -> Sessions:
    return Sessions(database, KEYS, hours, renewals)


TOKENS = Tokens("access-0", "refresh-0", "id", 300)


async def test_a_session_is_found_by_its_cookie_and_by_nothing_else(sessions: Sessions, database: Database) -> None:
    cookie = await sessions.open("tatarbunary", "person", TOKENS)
    found = await sessions.find(cookie)
    assert found is not None
    assert (found.place, found.subject, found.access) == ("tatarbunary", "person", "access-0")
    assert await sessions.find("another") is None
    async with database.transaction() as db:
        rows = await db.all(select(BrowserSession))
    assert all(cookie.encode() not in row.digest and b"access-0" not in row.sealed for row in rows)


async def test_eight_pages_at_once_renew_a_token_once(
    sessions: Sessions, database: Database, hours: Hours, renewals: Renewals
) -> None:
    replica = Sessions(database, KEYS, hours, renewals)
    cookie = await sessions.open("tatarbunary", "person", TOKENS)
    hours.moment += timedelta(minutes=5)
    found = await asyncio.gather(*(one.find(cookie) for one in (sessions, replica) * 4))
    assert {one.access for one in found if one is not None} == {"access-1"}
    assert len(renewals.used) == 1


async def test_a_session_ends_when_the_issuer_says_so(sessions: Sessions, hours: Hours, renewals: Renewals) -> None:
    cookie = await sessions.open("tatarbunary", "person", TOKENS)
    hours.moment += timedelta(minutes=5)
    renewals.is_over = True
    assert await sessions.find(cookie) is None
    assert await sessions.author(cookie) == "person"


async def test_a_session_ends_after_eight_idle_hours(sessions: Sessions, hours: Hours) -> None:
    cookie = await sessions.open("tatarbunary", "person", Tokens("a", "r", "i", 24 * 3600))
    hours.moment += timedelta(hours=7, minutes=59)
    assert await sessions.find(cookie) is not None
    hours.moment += timedelta(hours=8)
    assert await sessions.find(cookie) is None


async def test_a_session_ends_after_twelve_hours_whatever_happens(sessions: Sessions, hours: Hours) -> None:
    cookie = await sessions.open("tatarbunary", "person", Tokens("a", "r", "i", 24 * 3600))
    for _ in range(2):
        hours.moment += timedelta(hours=5, minutes=59)
        assert await sessions.find(cookie) is not None
    hours.moment += timedelta(minutes=3)
    assert await sessions.find(cookie) is None


async def test_signing_in_anew_and_out_leaves_no_old_cookie(sessions: Sessions) -> None:
    first = await sessions.open("tatarbunary", "person", TOKENS)
    second = await sessions.open("tatarbunary", "person", TOKENS, instead_of=first)
    assert await sessions.find(first) is None
    assert await sessions.end(second) == "id"
    assert await sessions.find(second) is None


async def test_whoever_works_there_no_more_is_out_of_all_browsers_and_only_there(sessions: Sessions) -> None:
    here = [await sessions.open("tatarbunary", "person", TOKENS) for _ in range(2)]
    others = [
        await sessions.open("kamianets-podilskyi", "person", TOKENS),
        await sessions.open("tatarbunary", "somebody else", TOKENS),
    ]
    await sessions.close("tatarbunary", "person")
    assert [await sessions.find(each) for each in here] == [None, None]
    assert all([await sessions.find(each) for each in others])
    assert await sessions.author(here[0]) == "person"


async def test_a_keepsake_is_its_browsers_for_its_time(database: Database, hours: Hours) -> None:
    kept = Keepsakes(database, KEYS, hours)
    await kept.keep("draft", "visitor", "/page", {"text": "old"}, lasting=timedelta(minutes=30))
    await kept.keep("draft", "visitor", "/page", {"text": "слово"}, lasting=timedelta(minutes=30))
    assert await kept.look("draft", "stranger", "/page") is None
    assert await kept.look("receipt", "visitor", "/page") is None
    assert await kept.look("draft", "visitor", "/page") == {"text": "слово"}
    assert await kept.take("draft", "visitor", "/page") == {"text": "слово"}
    assert await kept.take("draft", "visitor", "/page") is None
    await kept.keep("draft", "visitor", "/page", {"text": "слово"}, lasting=timedelta(minutes=30))
    hours.moment += timedelta(minutes=31)
    assert await kept.look("draft", "visitor", "/page") is None
