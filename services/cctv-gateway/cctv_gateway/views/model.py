"""Views, and the cameras of each."""

from datetime import datetime
from uuid import UUID

from kit.database import HromadaRow, moment
from sqlalchemy import Text
from sqlmodel import Field

from cctv_gateway.views.rules import Ending, Reason


class View(HromadaRow, table=True):
    """Somebody looks, or looked."""

    viewer: str
    viewer_pseudonym: str
    viewer_name: str
    reason: Reason = Field(sa_type=Text)
    case_reference: str = ""
    purpose: str = ""
    """Of footage: what it is wanted for."""
    from_at: datetime | None = moment(default=None)
    to_at: datetime | None = moment(default=None)
    """Of footage: the stretch of time that is looked at."""
    started_at: datetime = moment()
    seen_at: datetime = moment()
    """When a gateway last served something of it, to within some seconds."""
    ended_at: datetime | None = moment(default=None)
    ending: Ending | None = Field(default=None, sa_type=Text)


class ViewedCamera(HromadaRow, table=True):
    """A camera that a view is of."""

    __tablename__ = "viewed_camera"

    view_id: UUID
    camera_id: UUID
