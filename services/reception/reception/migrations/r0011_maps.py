"""A hromada's own map."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE map (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          features text NOT NULL,
          streets text[] NOT NULL,
          attribution text NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id)
        )
        """
    )
    hromada_table("map")
