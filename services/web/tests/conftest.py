from collections.abc import AsyncIterator

import httpx
import pytest
from web.sessions.sessions import SignedIn
from web.sign_in.routes import OPERATOR
from web.testing import AnIssuer, House, Memory, portal
from web.testing_answers import OFFICER


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
async def visitor(house: House, memory: Memory) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of somebody without an account."""
    app = portal(house, memory, AnIssuer())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://portal.test:8080") as client,
    ):
        yield client


@pytest.fixture
async def officer(visitor: httpx.AsyncClient, memory: Memory) -> httpx.AsyncClient:
    """A browser of somebody who signed in to Tatarbunary's office."""
    memory.sessions["cookie"] = SignedIn("tatarbunary", OFFICER, "access")
    visitor.cookies.set("spilno-8080", "cookie")
    return visitor


@pytest.fixture
async def operator(visitor: httpx.AsyncClient, memory: Memory) -> httpx.AsyncClient:
    """A browser of the platform's operator."""
    memory.sessions["cookie"] = SignedIn(OPERATOR, OFFICER, "access")
    visitor.cookies.set("spilno-8080", "cookie")
    return visitor
