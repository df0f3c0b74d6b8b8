"""The table of signs' photos."""

from datetime import datetime
from uuid import UUID

from kit.database import moment
from kit.files import FileRow


class SignPhoto(FileRow, table=True):
    """A photo of a camera's sign. One that was taken away leaves its row, without its name and its key."""

    __tablename__ = "sign_photo"

    camera_id: UUID
    filename: str
    """As it may be shown."""
    media_type: str
    size: int
    sha256: bytes
    uploaded_by: str
    created_at: datetime = moment()
    removed_by: str = ""
    removed_at: datetime | None = moment(default=None)
