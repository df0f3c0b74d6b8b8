"""The tables of provisioning: who serves hromadas, and how far each hromada has come."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kit.database import PlatformRow, moment
from sqlalchemy import Text
from sqlmodel import Field


class Trouble(StrEnum):
    """What is in the way of a step."""

    NONE = ""
    NEVER_SEEN = "never-seen"
    AWAY = "away"
    TEMPLATE = "template"
    REFUSED = "refused"
    OPEN_TABLES = "open-tables"


class Announcement(PlatformRow, table=True):
    """A service that is there, where it is reached, and the template that it brings."""

    service: str
    address: str
    name: str
    edition: int
    digest: str
    text: str
    announced_at: datetime = moment()


class Provisioning(PlatformRow, table=True):
    """The operation that brings one hromada."""

    hromada_id: UUID
    template_id: UUID | None = None
    """None: what each service brings itself."""
    started_at: datetime = moment()
    isolated_at: datetime | None = moment(default=None)
    finished_at: datetime | None = moment(default=None)


class ProvisioningStep(PlatformRow, table=True):
    """What one service has to do for the hromada, and did."""

    __tablename__ = "provisioning_step"

    provisioning_id: UUID
    service: str
    name: str = ""
    edition: int | None = None
    digest: str = ""
    trouble: Trouble = Field(default=Trouble.NONE, sa_type=Text)
    finished_at: datetime | None = moment(default=None)
