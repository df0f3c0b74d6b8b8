"""What reception is made of."""

from kit.jobs import Daily
from kit.service import Service

from reception.appeals.rpc import Appeals
from reception.beats.rpc import Beats
from reception.clocks.rpc import Clocks
from reception.history import events_again
from reception.officers.rpc import Officers
from reception.prints.rpc import Prints
from reception.proceedings.actions import watch_deadlines
from reception.proceedings.rpc import Proceedings
from reception.receptions.actions import forget_visitors
from reception.receptions.rpc import Receptions
from reception.register.rpc import Registers
from reception.settings import Settings
from reception.template import template
from reception.triage.rpc import Triage

service = Service(
    "reception",
    package="reception",
    servicers=[Appeals(), Officers(), Beats(), Receptions(), Clocks(), Proceedings(), Registers(), Prints(), Triage()],
    backfill=events_again,
    settings=Settings,
    template=template,
    jobs=[Daily("03:30", forget_visitors), Daily("07:00", watch_deadlines)],
)
