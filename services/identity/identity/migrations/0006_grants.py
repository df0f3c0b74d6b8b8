"""Who gave a member their roles, and when."""

from alembic import op

revision = "0006_grants"
down_revision = "0005_audit"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE membership
          ADD COLUMN granted_at timestamptz,
          ADD COLUMN granted_by text NOT NULL DEFAULT '',
          ADD COLUMN granted_by_name text NOT NULL DEFAULT ''
        """
    )
    op.execute("UPDATE membership SET granted_at = created_at")
    op.execute("ALTER TABLE membership ALTER COLUMN granted_at SET NOT NULL")
