"""A camera may count time wrongly."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE alarm
          DROP CONSTRAINT alarm_kind_check,
          ADD CONSTRAINT alarm_kind_check CHECK (kind IN ('away', 'frozen', 'black', 'covered', 'moved', 'slow',
            'rare_keys', 'clock', 'pace', 'retention', 'storage'))
        """
    )
