"""The beat by which who replicates memberships knows that nothing is outstanding."""

import asyncio
from types import SimpleNamespace
from typing import Any

import nats.errors
import pytest
from identity.authority import replication


class Broken:
    """A connection that breaks between the look and the word; from the third word on it is whole again."""

    def __init__(self) -> None:
        self.tried = 0
        self.is_heard = asyncio.Event()

    async def publish(self, subject: str, body: bytes) -> None:
        self.tried += 1
        if self.tried < 3:
            raise nats.errors.OutboundBufferLimitError
        self.is_heard.set()


async def test_a_beat_that_cannot_be_sent_is_not_the_end_of_the_beating(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replication, "BEAT_SECONDS", 0.01)
    client = Broken()
    bus = SimpleNamespace(away=False, client=client)
    kit: Any = SimpleNamespace(relay=SimpleNamespace(active=True, is_caught_up=True), bus=bus)
    beating = asyncio.ensure_future(replication.beat(kit))
    heard = asyncio.ensure_future(client.is_heard.wait())
    await asyncio.wait([beating, heard], timeout=20, return_when=asyncio.FIRST_COMPLETED)
    assert heard.done()
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
