"""A visitor may agree to be reminded."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE visit
          ADD COLUMN reminder_channel text CHECK (reminder_channel IN ('sms', 'email')),
          ADD COLUMN reminder_email text,
          ADD COLUMN reminder_language text CHECK (reminder_language IN ('uk', 'en')),
          ADD COLUMN reminder_agreed_at timestamptz,
          ADD CHECK (
            num_nulls(reminder_channel, reminder_email, reminder_language, reminder_agreed_at) IN (0, 4)
          )
        """
    )
