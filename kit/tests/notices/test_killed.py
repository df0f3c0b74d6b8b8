"""kill -9 between the mail server's yes and the commit."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from kit.call import Caller, Hromada
from kit.notices import Channel, To
from kit.servers.letters import Letters
from kit.servers.nats import Nats
from kit.testing.ground import environment
from kit.testing.issuer import Issuer
from sample.ground import Bare, eventually, until
from sample.post import address, moody
from sample.process import Process
from sample.service import service
from sample.tellings import READ, notices
from uuid_utils.compat import uuid7


@pytest_asyncio.fixture
async def slow(tmp_path: Path) -> AsyncIterator[Letters]:
    """A mail server that keeps a letter at once, and takes its time to say so."""
    one = moody(tmp_path)
    await one.start()
    one.mailbox.with_name("slow").touch()
    yield one
    await one.stop()


async def test_a_letter_that_was_taken_is_sent_once_more_at_most_and_is_the_same(
    tmp_path: Path, slow: Letters, frail_bare: Bare, frail_nats: Nats, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {
        **environment("kit", frail_bare.postgres, frail_nats, issuer.url, slow.settings()),
        "SPILNO_DATABASE_URL": frail_bare.url("app"),
        "SPILNO_RELAY_DATABASE_URL": frail_bare.url("relay"),
    }
    hromada, to = Hromada("tatarbunary", uuid7()), address()
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    async with AsyncExitStack() as stack:
        kit = await service.kit(stack)
        async with kit.call(Caller("tester"), hromada) as call:
            wish = To(Channel.EMAIL, to, "uk", call.now)
            await notices.tell(call, READ, about="notes/1", to=wish, values={"note": "n", "link": "l"})
    process = Process(tmp_path, told, issuer)
    await process.serves()
    await until(slow.letters)
    process.child.kill()
    slow.mailbox.with_name("slow").unlink()

    async def is_sent() -> bool:
        [row] = await frail_bare.as_migrator("SELECT state FROM notice WHERE hromada_id = $1", hromada.id)
        return bool(row["state"] == "sent")

    assert not await is_sent()
    again = Process(tmp_path, told, issuer)
    await again.serves()
    try:
        await eventually(is_sent)
    finally:
        again.child.kill()
    first, second = slow.letters()
    assert first["Message-ID"] == second["Message-ID"]
    assert (first["Date"], first.get_content()) == (second["Date"], second.get_content())
