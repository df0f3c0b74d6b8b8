"""What the sample does when identity tells of a hromada; made to fail by whoever tests it."""

from collections.abc import Callable

from kit.bus.handlers import handles
from kit.call import Call
from spilno.identity.v1.events_pb2 import HromadaCreated
from uuid_utils.compat import uuid7

from sample.model import Note

troubles: dict[str, Callable[[], None]] = {}
"""What happens, by the hromada's slug, before its event is handled."""


@handles(HromadaCreated)
async def welcome(event: HromadaCreated, call: Call) -> None:
    trouble = troubles.get(call.hromada.slug)
    if trouble is not None:
        trouble()
    call.db.add(Note(text=f"welcome, {uuid7()}", times_read=event.hromada.version))
