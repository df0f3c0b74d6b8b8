"""Who is signed in, and what browsers were in the middle of."""

from alembic import op
from kit.database.migrations import platform_table

revision = "0001"
down_revision = None

EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE session (
          id uuid PRIMARY KEY,
          version integer NOT NULL,
          digest bytea NOT NULL UNIQUE,
          place text NOT NULL,
          subject text NOT NULL,
          sealed bytea NOT NULL,
          access_until timestamptz NOT NULL,
          used_at timestamptz NOT NULL,
          ends_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX session_ends_at ON session (ends_at)")
    platform_table("session", "a session is looked up before it is known whose it is", grants=EVERYTHING)
    op.execute(
        """
        CREATE TABLE keepsake (
          id uuid PRIMARY KEY,
          version integer NOT NULL,
          digest bytea NOT NULL UNIQUE,
          sealed bytea NOT NULL,
          until timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX keepsake_until ON keepsake (until)")
    platform_table("keepsake", "kept for a browser, mostly a resident's, who signs in nowhere", grants=EVERYTHING)
