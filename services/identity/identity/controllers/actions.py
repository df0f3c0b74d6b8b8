"""What happens to the record of controller and processor: it grows."""

from dataclasses import dataclass, fields
from datetime import date

from kit.call import Call
from spilno.identity.v1 import events_pb2 as events
from sqlmodel import col, select

from identity.controllers import rules
from identity.controllers.model import Controller
from identity.controllers.rules import Body

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Draft:
    """Controller and processor as they are to be."""

    controller: Body
    controller_title: str
    processor: Body
    processor_title: str
    basis: str
    since: date


async def record(call: Call, draft: Draft) -> Controller:
    """Records who answers from a day on. Two who record the same day: the second is refused by the table.

    Raises:
        Refused: the law allows no such processor, or a later record is here.
    """
    rules.check_record(draft.controller, draft.processor, draft.since, [each.since for each in await every(call)])
    values = {each.name: getattr(draft, each.name) for each in fields(draft)}
    controller = Controller(**values, created_at=call.now)
    call.db.add(controller)
    await call.db.flush()
    name = f"{call.hromada.name}/controllers/{controller.id}"
    call.emit(events.ControllerRecorded(controller=events.ControllerEvent(name=name, version=controller.version)))
    return controller


async def every(call: Call) -> list[Controller]:
    """The records, the newest first."""
    return await call.db.all(select(Controller).order_by(col(Controller.since).desc()).limit(MOST_SHOWN))
