"""What reception is made of."""

from kit.jobs import Daily, Delayed
from kit.service import Service
from kit.vault import Sealed

from reception.appeals.rpc import Appeals
from reception.attachments.actions import collect_orphans, remove_blobs
from reception.attachments.model import Attachment
from reception.attachments.rpc import Attachments
from reception.beats.rpc import Beats
from reception.history import events_again
from reception.officers.rpc import Officers
from reception.receptions.actions import forget_visitors
from reception.receptions.rpc import Receptions
from reception.settings import Settings
from reception.template import template

service = Service(
    "reception",
    package="reception",
    servicers=[Appeals(), Attachments(), Officers(), Beats(), Receptions()],
    backfill=events_again,
    settings=Settings,
    template=template,
    jobs=[Daily("03:30", forget_visitors), Daily("04:10", collect_orphans), Delayed(remove_blobs)],
    sealed=[Sealed(Attachment, "sealed_key")],
)
