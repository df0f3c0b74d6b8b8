"""Several gateways: which are alive, and which of them reads a camera."""

from alembic import op
from kit.database.migrations import platform_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE gateway (
          id uuid PRIMARY KEY,
          version integer NOT NULL,
          address text NOT NULL,
          started_at timestamptz NOT NULL,
          beat_at timestamptz NOT NULL,
          cameras integer NOT NULL
        )
        """
    )
    platform_table("gateway", "gateways work for every hromada", grants="SELECT, INSERT, UPDATE, DELETE")
    op.execute(
        """
        CREATE TABLE assignment (
          id uuid PRIMARY KEY,
          version integer NOT NULL,
          hromada_id uuid NOT NULL,
          slug text NOT NULL,
          camera_id uuid NOT NULL UNIQUE,
          gateway_id uuid NOT NULL,
          epoch bigint NOT NULL,
          is_kept boolean NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX assignment_of_gateway ON assignment (gateway_id)")
    platform_table(
        "assignment",
        "a gateway asks once a second which cameras of all hromadas it is to read",
        grants="SELECT, INSERT, UPDATE, DELETE",
    )
    op.execute("ALTER TABLE view ADD COLUMN seen_at timestamptz")
    op.execute("UPDATE view SET seen_at = coalesce(ended_at, started_at)")
    op.execute("ALTER TABLE view ALTER COLUMN seen_at SET NOT NULL")
