"""What people who agreed to it are told; an applicant may agree to it."""

from alembic import op
from kit.notices.tables import notice_tables

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    notice_tables()
    op.execute(
        """
        ALTER TABLE appeal
          ADD COLUMN notice_channel text CHECK (notice_channel IN ('sms', 'email')),
          ADD COLUMN notice_language text CHECK (notice_language IN ('uk', 'en')),
          ADD COLUMN notice_agreed_at timestamptz,
          ADD CHECK (num_nulls(notice_channel, notice_language, notice_agreed_at) IN (0, 3))
        """
    )
