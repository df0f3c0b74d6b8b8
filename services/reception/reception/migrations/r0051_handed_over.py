"""What was reported of a crime and handed over is erased on a ground of its own."""

from alembic import op

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE record_erasure DROP CONSTRAINT record_erasure_ground_check, "
        "ADD CONSTRAINT record_erasure_ground_check CHECK (ground IN ('retention', 'request', 'handed_over'))"
    )
