"""Notes and their lines."""

from alembic import op
from kit.database.migrations import current_hromada, hromada_table, kit_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    current_hromada()
    kit_tables()
    op.execute(
        """
        CREATE TABLE note (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          text text NOT NULL,
          mood text NOT NULL,
          mood_after text,
          times_read integer NOT NULL,
          tags jsonb NOT NULL,
          more jsonb NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, text)
        )
        """
    )
    hromada_table("note")
