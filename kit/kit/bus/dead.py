"""Dead letters: events that a handler could not digest, kept for an operator to look at and have handled again."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import nats
from nats.js.api import AckPolicy, ConsumerConfig

from kit.bus.handlers import Consumer
from kit.bus.streams import DEAD


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One event that was parked, without its body: that may be anything."""

    sequence: int
    type: str
    subject: str
    cause: str


async def letters(url: str, service: str, replay: Consumer | None = None) -> list[DeadLetter]:
    """The service's dead letters, oldest first.

    Args:
        url: NATS under the provisioner's login.
        service: whose.
        replay: handles each once more; one that is handled now is taken away, one that fails again stays.
    """
    parts = urlsplit(url)
    client = await nats.connect(f"nats://{parts.hostname}:{parts.port}", user=parts.username, password=parts.password)
    found: list[DeadLetter] = []
    try:
        stream = client.jetstream()
        config = ConsumerConfig(ack_policy=AckPolicy.NONE, filter_subject=f"dead.{service}.>", inactive_threshold=30)
        consumer = await stream.add_consumer(DEAD, config)
        subscription = await stream.pull_subscribe_bind(consumer=consumer.name, stream=DEAD)
        left = consumer.num_pending or 0
        while left > 0:
            batch = await subscription.fetch(min(left, 100), timeout=5)
            left -= len(batch)
            for message in batch:
                headers = message.headers or {}
                sequence = message.metadata.sequence.stream
                if replay is not None and replay.knows(headers) and await _handled(replay, headers, message.data):
                    await stream.delete_msg(DEAD, sequence)
                    continue
                found.append(
                    DeadLetter(
                        sequence,
                        headers.get("ce-type", ""),
                        headers.get("ce-subject", ""),
                        headers.get("dead-cause", ""),
                    )
                )
        return found
    finally:
        await client.close()


async def _handled(consumer: Consumer, headers: dict[str, str], body: bytes) -> bool:
    try:
        await consumer.handle(headers, body)
    except Exception:
        consumer.say_failed(headers)
        return False
    return True
