"""Streams and durable consumers: made before a service starts, and mended as often as it is prepared anew."""

from kit.bus import streams
from kit.servers.nats import Nats
from nats.js.api import ConsumerInfo
from sample.ground import as_provisioner
from spilno.identity.v1.events_pb2 import HromadaCreated, HromadaSuspended
from spilno.reception.v1.events_pb2 import AppealRegistered


async def consumer(server: Nats, stream: str) -> ConsumerInfo:
    async with as_provisioner(server) as client:
        found: ConsumerInfo = await client.jetstream().consumer_info(stream, "kit")
        return found


async def heard(server: Nats, stream: str) -> set[str]:
    """The subjects that the sample listens to in a stream."""
    config = (await consumer(server, stream)).config
    return {*(config.filter_subjects or []), *filter(None, [config.filter_subject])}


async def test_a_service_listens_to_what_it_handles_and_no_more(frail_nats: Nats) -> None:
    await streams.ensure(frail_nats.url(), "kit", [HromadaCreated])
    assert await heard(frail_nats, "EV_IDENTITY") == {"ev.identity.*.hromada.created"}


async def test_a_handler_that_came_later_is_listened_for(frail_nats: Nats) -> None:
    await streams.ensure(frail_nats.url(), "kit", [HromadaCreated])
    await streams.ensure(frail_nats.url(), "kit", [HromadaCreated, HromadaSuspended, AppealRegistered])
    assert await heard(frail_nats, "EV_IDENTITY") == {
        "ev.identity.*.hromada.created",
        "ev.identity.*.hromada.suspended",
    }
    assert await heard(frail_nats, "EV_RECEPTION") == {"ev.reception.*.appeal.registered"}


async def test_preparing_anew_leaves_the_consumer_where_it_was(frail_nats: Nats) -> None:
    await streams.ensure(frail_nats.url(), "kit", [HromadaCreated])
    before = await consumer(frail_nats, "EV_IDENTITY")
    await streams.ensure(frail_nats.url(), "kit", [HromadaCreated])
    after = await consumer(frail_nats, "EV_IDENTITY")
    assert (after.created, after.delivered) == (before.created, before.delivered)


async def test_events_are_kept_for_a_week_and_dead_letters_for_four(frail_nats: Nats) -> None:
    await streams.ensure(frail_nats.url(), "kit", [])
    async with as_provisioner(frail_nats) as client:
        kept = [(await client.jetstream().stream_info(name)).config.max_age for name in ("EV_KIT", streams.DEAD)]
    assert kept == [7 * 24 * 3600, 28 * 24 * 3600]
