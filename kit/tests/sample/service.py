"""What the sample is made of."""

from kit.service import Service
from kit.vault import Sealed

from sample import handlers
from sample.actions import written_again
from sample.model import PlatformSecret, Secret
from sample.rpc import Notes

service = Service(
    "kit",
    package="sample",
    servicers=[Notes()],
    handlers=[handlers],
    backfill=written_again,
    sealed=[Sealed(Secret, "sealed"), Sealed(PlatformSecret, "sealed")],
)
