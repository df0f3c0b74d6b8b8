"""Why a picture may be seen without its masks."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("ALTER TABLE camera ADD COLUMN unmasked_ground text NOT NULL DEFAULT ''")
