"""What the sample is made of."""

from kit.jobs import Daily, Delayed
from kit.notices.actions import SEALED
from kit.notices.settings import NoticeSettings
from kit.service import Service
from kit.vault import Sealed

from sample import handlers
from sample.actions import written_again
from sample.chores import count_the_day, note_later, stumble
from sample.model import Paper, PlatformSecret, Secret
from sample.rpc import Notes, Papers, Unwatched
from sample.tellings import notices

service = Service(
    "kit",
    package="sample",
    servicers=[Notes(), Unwatched(), Papers()],
    handlers=[handlers],
    backfill=written_again,
    jobs=[Daily("07:00", count_the_day), Delayed(note_later), Delayed(stumble), *notices.jobs],
    settings=NoticeSettings,
    sealed=[Sealed(Secret, "sealed"), Sealed(PlatformSecret, "sealed"), SEALED],
    files=[Paper],
)
