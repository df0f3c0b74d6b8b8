"""What the sample does later."""

from kit.database.migrations import job_table

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    job_table()
