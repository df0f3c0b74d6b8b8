"""Somebody who simply came has a place in the order, and no slot; what is done every day."""

from alembic import op
from kit.database.migrations import job_table

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE visit ADD COLUMN walk_in boolean NOT NULL DEFAULT false")
    op.execute("DROP INDEX visit_slot")
    op.execute(
        "CREATE UNIQUE INDEX visit_slot ON visit (hromada_id, starts_at) WHERE state <> 'cancelled' AND NOT walk_in"
    )
    job_table()
