"""What reception is made of."""

from kit.jobs import Bringing, Daily, Delayed
from kit.notices import bounces
from kit.notices.actions import SEALED
from kit.service import Service
from kit.vault import Sealed

from reception.appeals.rpc import Appeals
from reception.attachments.model import Attachment
from reception.attachments.rpc import Attachments
from reception.beats.rpc import Beats
from reception.cases.rpc import Cases
from reception.clocks.rpc import Clocks
from reception.codes.model import CodeKey
from reception.duties.rpc import Duties
from reception.figures.rpc import Figures
from reception.hazards.forgetting import forget_people
from reception.hazards.rpc import Hazards
from reception.history import events_again
from reception.leaflets.rpc import Leaflets
from reception.maps.rpc import Maps
from reception.mediation.rpc import Mediations
from reception.mediation.telling import tell_changed
from reception.notices.kinds import notices
from reception.notices.rpc import Notices
from reception.officers.rpc import Officers
from reception.persons.erasing import erase_expired
from reception.persons.rpc import Persons
from reception.photos.actions import forget_unnamed
from reception.photos.fetching import bring, fetch, look
from reception.photos.model import Photo
from reception.photos.rpc import HazardPhotos
from reception.prints.rpc import Prints
from reception.proceedings.actions import watch_deadlines
from reception.proceedings.alarms import tell_staff
from reception.proceedings.rpc import Proceedings
from reception.receptions.actions import forget_visitors, remind
from reception.receptions.rpc import Receptions
from reception.referrals.alarms import tell_handler, watch_referrals
from reception.referrals.rpc import Referrals
from reception.register.rpc import Registers
from reception.settings import Settings
from reception.template import template
from reception.triage.rpc import Triage
from reception.triage.submissions import tell_desk, tell_late, warn
from reception.wordings.rpc import Wordings

service = Service(
    "reception",
    package="reception",
    servicers=[
        Appeals(),
        Attachments(),
        Officers(),
        Beats(),
        Maps(),
        Receptions(),
        Clocks(),
        Proceedings(),
        Registers(),
        Prints(),
        Triage(),
        Wordings(),
        Duties(),
        Leaflets(),
        Mediations(),
        Persons(),
        Cases(),
        Figures(),
        Hazards(),
        HazardPhotos(),
        Referrals(),
        Notices(),
    ],
    backfill=events_again,
    settings=Settings,
    template=template,
    sealed=[Sealed(CodeKey, "sealed"), SEALED],
    files=[Attachment, Photo],
    jobs=[
        Daily("03:30", forget_visitors),
        Daily("03:40", forget_people),
        Daily("03:50", forget_unnamed),
        Daily("04:00", erase_expired),
        Daily("06:00", tell_changed),
        Daily("07:00", watch_deadlines),
        Daily("07:00", watch_referrals),
        Daily("07:10", warn),
        Delayed(remind),
        Delayed(tell_staff),
        Delayed(tell_handler),
        Delayed(tell_desk),
        Delayed(tell_late),
        Bringing(fetch, look, bring),
        *notices.jobs,
    ],
    commands={"bounces": bounces.command},
)
