"""What the trail keeps."""

from kit.database.migrations import audit_tables

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    audit_tables()
