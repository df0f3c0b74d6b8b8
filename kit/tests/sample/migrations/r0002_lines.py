"""The lines of a note."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE line (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          note_id uuid NOT NULL,
          text text NOT NULL,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, note_id) REFERENCES note (hromada_id, id)
        )
        """
    )
    hromada_table("line", "SELECT, INSERT")
