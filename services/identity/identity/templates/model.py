"""The templates that operators published. What a service brings itself stands in its announcement."""

from datetime import datetime
from uuid import UUID

from kit.database import PlatformRow, moment


class Template(PlatformRow, table=True):
    """A template of a name and an edition. It never changes: a hromada may have been made of it."""

    name: str
    edition: int
    created_at: datetime = moment()

    @property
    def resource(self) -> str:
        return f"templates/{self.name}-{self.edition}"


class TemplatePart(PlatformRow, table=True):
    """What one service gives by it."""

    __tablename__ = "template_part"

    template_id: UUID
    service: str
    digest: str
    text: str
