"""Dropping from the bus what it keeps of a hromada that is erased."""

import secrets

import nats.errors
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError

from kit.audit.numbering import AUDIT
from kit.bus.connection import Bus
from kit.bus.events import stream_of
from kit.bus.pull import pull
from kit.bus.streams import DEAD, MEMBERSHIPS, MEMBERSHIPS_STREAM
from kit.errors import Away

_AWAY = (nats.errors.Error, JetStreamError, OSError, TimeoutError)
_FETCH = 500


async def drop_events(bus: Bus, service: str, slug: str) -> None:
    """Drops the service's own events of the hromada.

    Raises:
        Away: the bus does not answer.
    """
    await _purge(bus, stream_of(service), f"ev.{service}.{slug}.>")


async def drop_memberships(bus: Bus, slug: str) -> None:
    """Drops what stands of the hromada among the memberships; identity alone may.

    Raises:
        Away: the bus does not answer.
    """
    await _purge(bus, MEMBERSHIPS_STREAM, f"$KV.{MEMBERSHIPS}.{slug}.>")


async def drop_by_header(bus: Bus, hromada_id: str) -> int:
    """Drops rows of the trail and dead letters of the hromada, whose subjects do not name it; identity alone may. Reads
    heads only, and tells how many there were.

    Raises:
        Away: the bus does not answer.
    """
    try:
        return sum([await _drop_from(bus, stream, hromada_id) for stream in (stream_of(AUDIT), DEAD)])
    except _AWAY as error:
        raise Away("bus.away") from error


async def _purge(bus: Bus, stream: str, subject: str) -> None:
    try:
        await bus.jetstream().purge_stream(stream, subject=subject)
    except NotFoundError:  # nothing was ever told there
        return
    except _AWAY as error:
        raise Away("bus.away") from error


async def _drop_from(bus: Bus, stream: str, hromada_id: str) -> int:
    jetstream = bus.jetstream()
    config = ConsumerConfig(
        name=f"drop-{secrets.token_hex(6)}",  # the name is in the subject that asks, and the bus permits no other
        ack_policy=AckPolicy.NONE,
        deliver_policy=DeliverPolicy.ALL,
        headers_only=True,
        inactive_threshold=30,
        mem_storage=True,
        num_replicas=1,
    )
    consumer = await jetstream.add_consumer(stream, config)
    subscription = await jetstream.pull_subscribe_bind(consumer=consumer.name, stream=stream)
    left, found = consumer.num_pending or 0, []
    try:
        while left > 0:
            try:
                batch = await pull(subscription, min(left, _FETCH), 1.0)
            except TimeoutError:  # the last ones were dropped meanwhile
                break
            left -= len(batch)
            found += [
                message.metadata.sequence.stream
                for message in batch
                if (message.headers or {}).get("ce-hromadaid") == hromada_id
            ]
    finally:
        await subscription.unsubscribe()
        await jetstream.delete_consumer(stream, consumer.name)
    for sequence in found:
        await jetstream.delete_msg(stream, sequence)
    return len(found)
