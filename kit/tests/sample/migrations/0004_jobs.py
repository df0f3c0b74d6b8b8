"""What the sample does later."""

from kit.database.migrations import job_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    job_table()
