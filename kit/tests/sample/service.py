"""What the sample is made of."""

from kit.service import Service

from sample import handlers
from sample.actions import written_again
from sample.rpc import Notes, Unwatched

service = Service(
    "kit",
    package="sample",
    servicers=[Notes(), Unwatched()],
    handlers=[handlers],
    backfill=written_again,
)
