"""What a hromada needs to come from elsewhere, and to be erased."""

from kit.database.migrations import tenancy_tables

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    tenancy_tables()
