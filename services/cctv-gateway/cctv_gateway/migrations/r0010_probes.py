"""What cameras said of themselves."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0010"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE camera_probe (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          camera_id uuid NOT NULL,
          host text NOT NULL,
          probed_at timestamptz NOT NULL,
          sealed bytea NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, camera_id),
          FOREIGN KEY (hromada_id, camera_id) REFERENCES camera (hromada_id, id)
        )
        """
    )
    hromada_table("camera_probe")
