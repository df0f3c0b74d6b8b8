"""What the trail keeps."""

from kit.database.migrations import audit_tables

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    audit_tables()
