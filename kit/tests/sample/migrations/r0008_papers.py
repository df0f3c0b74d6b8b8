"""Files."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE paper (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          sealed_key bytea,
          kept bigint NOT NULL,
          kind text NOT NULL,
          PRIMARY KEY (hromada_id, id)
        )
        """
    )
    hromada_table("paper", "SELECT, INSERT, UPDATE, DELETE")
