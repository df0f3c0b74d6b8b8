import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import nats.errors
import pytest
from kit.bus.events import stream_of
from kit.servers.nats import PROVISIONER, Nats, configuration, user_permissions
from kit.servers.process import free_port
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig
from nats.js.errors import APIError

USERS = (PROVISIONER, "identity", "reception", "cctv-gateway")


@pytest.fixture(scope="module")
async def bus(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Nats]:
    server = Nats(tmp_path_factory.mktemp("nats"), free_port(), {user: f"password-of-{user}" for user in USERS})
    await server.start()
    provisioner = await connect(server, PROVISIONER)
    stream = provisioner.jetstream()
    for service in ("identity", "reception", "cctv-gateway"):
        await stream.add_stream(StreamConfig(name=stream_of(service), subjects=[f"ev.{service}.>"]))
    await stream.add_consumer("EV_RECEPTION", ConsumerConfig(durable_name="identity", ack_policy=AckPolicy.EXPLICIT))
    await provisioner.close()
    yield server
    await server.stop()


async def connect(server: Nats, user: str, refused: list[str] | None = None) -> Client:
    async def note(error: Exception) -> None:
        if refused is not None:
            refused.append(str(error))

    inbox = b"_INBOX_" + user.encode()
    return await nats.connect(server.url(user), inbox_prefix=inbox, error_cb=note)


async def first_of(refused: list[str]) -> str:
    """What the bus refused, once it has said so."""
    async with asyncio.timeout(20):
        while not refused:
            await asyncio.sleep(0.02)
    return refused[0].lower()


async def test_a_service_publishes_its_own_events(bus: Nats) -> None:
    reception = await connect(bus, "reception")
    answer = await reception.jetstream().publish("ev.reception.tatarbunary.appeal.registered", b"1")
    assert answer.stream == "EV_RECEPTION"
    await reception.close()


async def test_a_service_with_a_dash_publishes_its_own_events(bus: Nats) -> None:
    cctv = await connect(bus, "cctv-gateway")
    answer = await cctv.jetstream().publish("ev.cctv-gateway.tatarbunary.incident.logged", b"1")
    assert answer.stream == "EV_CCTV_GATEWAY"
    await cctv.close()


async def test_a_service_cannot_publish_anothers_events(bus: Nats) -> None:
    refused: list[str] = []
    reception = await connect(bus, "reception", refused)
    with pytest.raises(nats.errors.TimeoutError):
        await reception.jetstream().publish("ev.identity.tatarbunary.hromada.suspended", b"1", timeout=0.3)
    assert "permissions violation" in await first_of(refused)
    await reception.close()


@pytest.mark.parametrize("subject", ["ev.>", "_INBOX_identity.>", "_INBOX_reception", "wake.identity", "$JS.>", ">"])
async def test_a_service_cannot_listen_past_its_own_inbox(bus: Nats, subject: str) -> None:
    refused: list[str] = []
    reception = await connect(bus, "reception", refused)
    await reception.subscribe(subject)
    await reception.flush()
    assert "permissions violation for subscription" in await first_of(refused)
    await reception.close()


async def test_a_service_reads_another_stream_through_its_durable_consumer_alone(bus: Nats) -> None:
    reception = await connect(bus, "reception")
    await reception.jetstream().publish("ev.reception.tatarbunary.appeal.answered", b"read me")
    identity = await connect(bus, "identity")
    consumer = await identity.jetstream().pull_subscribe_bind(durable="identity", stream="EV_RECEPTION")
    messages = await consumer.fetch(10, timeout=20)
    assert messages[-1].data == b"read me"
    for message in messages:
        await message.ack_sync(timeout=20)
    with pytest.raises(nats.errors.TimeoutError):
        await identity.jetstream(timeout=0.3).add_consumer("EV_RECEPTION", ConsumerConfig(durable_name="spy"))
    with pytest.raises(nats.errors.TimeoutError):
        await identity.jetstream(timeout=0.3).delete_stream("EV_IDENTITY")
    await identity.close()
    await reception.close()


async def test_a_service_makes_the_consumers_of_its_own_feed(bus: Nats) -> None:
    reception = await connect(bus, "reception")
    stream = reception.jetstream()
    await stream.publish("ev.reception.tatarbunary.appeal.taken", b"1")
    feed = ConsumerConfig(name="feed-1", ack_policy=AckPolicy.NONE, inactive_threshold=5)
    assert (await stream.add_consumer("EV_RECEPTION", feed)).name == "feed-1"
    consumer = await stream.pull_subscribe_bind(consumer="feed-1", stream="EV_RECEPTION")
    assert await consumer.fetch(1, timeout=20)
    await stream.delete_consumer("EV_RECEPTION", "feed-1")
    await reception.close()


async def test_a_wrong_password_is_refused(bus: Nats) -> None:
    wrong = bus.url("reception").replace("password", "guess")
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        await nats.connect(wrong, allow_reconnect=False)


async def test_an_acknowledged_event_survives_kill_9(bus: Nats) -> None:
    reception = await connect(bus, "reception")
    answer = await reception.jetstream().publish("ev.reception.tatarbunary.appeal.kept", b"kept")
    await reception.close()
    bus.kill()
    await bus.restart()
    provisioner = await connect(bus, PROVISIONER)
    kept = await provisioner.jetstream().get_msg("EV_RECEPTION", answer.seq)
    assert kept.data == b"kept"
    await provisioner.close()


async def test_a_frozen_bus_answers_again_once_it_goes_on(bus: Nats) -> None:
    reception = await connect(bus, "reception")
    bus.pause()
    try:
        with pytest.raises(nats.errors.TimeoutError):
            await reception.jetstream().publish("ev.reception.tatarbunary.appeal.late", b"1", timeout=0.3)
    finally:
        bus.resume()
    assert await reception.jetstream().publish("ev.reception.tatarbunary.appeal.late", b"1")
    await reception.close()


async def test_a_stream_takes_more_than_a_thousand_consumers(bus: Nats) -> None:
    provisioner = await connect(bus, PROVISIONER)
    stream = provisioner.jetstream()
    await stream.add_stream(StreamConfig(name="MANY", subjects=["many.>"]))
    try:
        for number in range(1010):
            await stream.add_consumer("MANY", ConsumerConfig(durable_name=f"c{number}"))
    except APIError as why:
        pytest.fail(str(why))
    finally:
        await stream.delete_stream("MANY")
        await provisioner.close()


def test_only_the_owner_reads_the_configuration_and_each_user_has_its_limits(tmp_path: Path) -> None:
    written = json.loads(configuration(4222, tmp_path, {PROVISIONER: "a", "reception": "b"}))
    provisioner, reception = written["accounts"]["SPILNO"]["users"]
    assert "permissions" not in provisioner
    assert reception["permissions"]["publish"]["allow"] == list(user_permissions("reception").publish)


async def test_the_configuration_holds_passwords_and_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    server = Nats(tmp_path, free_port(), {PROVISIONER: "secret"})
    await server.start()
    await server.stop()
    assert (tmp_path / "nats.conf").stat().st_mode & 0o777 == 0o600
