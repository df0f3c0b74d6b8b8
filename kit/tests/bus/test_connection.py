"""One connection to the bus, which comes back by itself and says what it was refused."""

import asyncio

import pytest
from kit.bus import connection
from kit.bus.connection import Bus
from kit.errors import Away
from kit.servers.nats import Nats
from nats.aio.msg import Msg
from sample.ground import until
from structlog.testing import capture_logs


async def test_a_bus_that_was_never_reached_is_away(frail_nats: Nats) -> None:
    bus = Bus(frail_nats.url("kit"), "kit")
    assert bus.away
    with pytest.raises(Away):
        bus.jetstream()


async def test_a_bus_that_comes_later_is_found(frail_nats: Nats) -> None:
    await frail_nats.stop()
    bus = Bus(frail_nats.url("kit"), "kit")
    connecting = asyncio.create_task(bus.run())
    await asyncio.sleep(0.1)
    assert bus.away
    await frail_nats.start()
    await connecting
    assert not bus.away
    await bus.close()


async def test_a_killed_bus_is_away_and_comes_back(frail_nats: Nats, frail_bus: Bus) -> None:
    frail_nats.kill()
    await until(lambda: frail_bus.away)
    await frail_nats.restart()
    await until(lambda: not frail_bus.away)


async def test_what_the_bus_refuses_is_said(frail_bus: Bus) -> None:
    with capture_logs() as said:
        await frail_bus.client.publish("ev.identity.tatarbunary.hromada.created", b"forged")
        await until(lambda: any(line["event"] == "bus.refused" for line in said))


async def test_a_login_that_the_bus_refuses_is_said(frail_nats: Nats) -> None:
    bus = Bus(frail_nats.url("kit").replace("kit:", "kit:wrong-"), "kit")
    with capture_logs() as said:
        connecting = asyncio.create_task(bus.run())
        await until(lambda: any(line["event"] == "bus.refused" for line in said))
    connecting.cancel()
    await asyncio.wait([connecting])
    assert bus.away


async def test_a_wake_is_heard_by_whoever_listens(frail_nats: Nats, frail_bus: Bus) -> None:
    heard: list[Msg] = []

    async def hear(message: Msg) -> None:
        heard.append(message)

    listener = Bus(frail_nats.url("kit"), "kit")
    await listener.open()
    await listener.client.subscribe("wake.kit", cb=hear)
    await listener.client.flush()
    async with asyncio.timeout(60):
        while not heard:  # who was away for a moment is not told: a wake is told once
            await frail_bus.wake("wake.kit")
            await asyncio.sleep(0.1)
    await listener.close()


async def test_a_wake_while_the_bus_is_away_is_no_trouble(frail_nats: Nats) -> None:
    await Bus(frail_nats.url("kit"), "kit").wake("wake.kit")


async def test_closing_does_not_wait_for_a_frozen_bus(frail_nats: Nats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_DRAIN_SECONDS", 0.2)
    bus = Bus(frail_nats.url("kit"), "kit")
    await bus.open()
    frail_nats.pause()
    await asyncio.wait_for(bus.close(), 5)


async def test_what_is_published_while_the_bus_restarts_does_not_stop_the_process(
    frail_nats: Nats, frail_bus: Bus
) -> None:
    frail_nats.kill()
    await until(lambda: frail_bus.away)
    await frail_bus.client.publish("wake.kit")
    await frail_nats.restart()

    await until(lambda: not frail_bus.away)
    await frail_bus.client.flush()
