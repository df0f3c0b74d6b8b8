"""What the register does when identity tells of a hromada."""

from kit.bus.handlers import handles
from kit.call import Call
from spilno.identity.v1.events_pb2 import HromadaCreated

from reception.receptions.actions import apply_template
from reception.register import actions


@handles(HromadaCreated)
async def open_for_a_new_hromada(event: HromadaCreated, call: Call) -> None:
    await actions.open_register(call)
    await apply_template(call)
