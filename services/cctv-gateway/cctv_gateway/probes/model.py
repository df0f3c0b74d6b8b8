"""What cameras said of themselves when they were last asked."""

from datetime import datetime
from uuid import UUID

from kit.database import HromadaRow, moment


class CameraProbe(HromadaRow, table=True):
    """Of one camera. What it said is sealed with the sign-in: the addresses of its streams may hold what opens them."""

    __tablename__ = "camera_probe"

    camera_id: UUID
    host: str
    probed_at: datetime = moment()
    sealed: bytes
