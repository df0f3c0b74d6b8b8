"""Streams and durable consumers, made by the provisioner before a service starts: no service may make its own."""

from collections.abc import Iterable
from urllib.parse import urlsplit

import nats
from google.protobuf.message import Message
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from kit.audit.numbering import AUDIT
from kit.bus.events import service_of, stream_of, subject_of

KEPT_SECONDS = 7 * 24 * 3600
DEAD = "DEAD"
MEMBERSHIPS = "memberships"
"""The key-value bucket of who may do what: `<hromada>.<subject>`, and `<hromada>._` for the hromada itself."""
MEMBERSHIPS_STREAM = f"KV_{MEMBERSHIPS}"


async def ensure(url: str, service: str, handled: Iterable[type[Message]]) -> None:
    """Makes or mends the service's stream, the dead-letter stream, and one durable consumer a stream it listens to."""
    parts = urlsplit(url)
    client = await nats.connect(
        f"nats://{parts.hostname}:{parts.port}", user=parts.username, password=parts.password, connect_timeout=5
    )
    try:
        jetstream = client.jetstream()
        dead = StreamConfig(name=DEAD, subjects=["dead.>"], storage=StorageType.FILE, max_age=4 * KEPT_SECONDS)
        wanted: dict[str, list[str]] = {}
        for message in handled:
            source = service_of(message.DESCRIPTOR.full_name)
            wanted.setdefault(source, []).append(subject_of(message))
        streams = [_events_of(source) for source in {service, AUDIT, *wanted}]
        memberships = StreamConfig(
            name=MEMBERSHIPS_STREAM,
            subjects=[f"$KV.{MEMBERSHIPS}.>"],
            storage=StorageType.FILE,
            max_msgs_per_subject=1,
            max_consumers=-1,
            allow_rollup_hdrs=True,
            deny_delete=True,
            allow_direct=True,
        )
        for stream in (*streams, dead, memberships):
            try:
                await jetstream.stream_info(str(stream.name))
                await jetstream.update_stream(stream)
            except NotFoundError:
                await jetstream.add_stream(stream)
        for source, subjects in wanted.items():
            await jetstream.add_consumer(
                stream_of(source),
                ConsumerConfig(
                    durable_name=service,
                    ack_policy=AckPolicy.EXPLICIT,
                    deliver_policy=DeliverPolicy.ALL,
                    ack_wait=30,
                    max_deliver=-1,
                    max_ack_pending=1000,
                    filter_subjects=sorted(subjects),
                ),
            )
    finally:
        await client.close()


def _events_of(service: str) -> StreamConfig:
    return StreamConfig(
        name=stream_of(service),
        subjects=[f"ev.{service}.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=KEPT_SECONDS,
        duplicate_window=120,
        max_consumers=-1,
    )
