"""What an office has ready for its answers."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0040"
down_revision = "0032"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE wording_set (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          titles text[] NOT NULL,
          texts text[] NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id),
          CHECK (cardinality(titles) = cardinality(texts))
        )
        """
    )
    hromada_table("wording_set")
