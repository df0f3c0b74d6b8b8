"""Pulling messages without waiting for a batch to fill: nats-py's own `fetch` of many does, up to its timeout."""

from nats.aio.msg import Msg
from nats.js import JetStreamContext

_AT_HAND_SECONDS = 0.05
"""How long to wait for those that were said to wait: of a key that was written again since, one never comes."""


async def pull(subscription: JetStreamContext.PullSubscription, most: int, seconds: float) -> list[Msg]:
    """The next message, with as many more as wait behind it.

    Args:
        subscription: of a durable or a short-lived consumer.
        most: how many at once.
        seconds: how long to wait for the first.

    Raises:
        TimeoutError: nothing came.
    """
    first = await subscription.fetch(1, timeout=seconds)
    waiting = min(first[-1].metadata.num_pending or 0, most - 1)
    if waiting < 1:
        return first
    try:
        return [*first, *await subscription.fetch(waiting, timeout=_AT_HAND_SECONDS)]
    except TimeoutError:
        return first
