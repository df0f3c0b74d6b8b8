"""When somebody last said that what a camera shows is what it is to show."""

from alembic import op

revision = "0020"
down_revision = "0016"


def upgrade() -> None:
    op.execute("ALTER TABLE camera_health ADD COLUMN accepted_at timestamptz")
