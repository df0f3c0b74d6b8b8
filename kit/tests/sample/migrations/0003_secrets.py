"""Secrets that the vault keeps."""

from alembic import op
from kit.database.migrations import hromada_table, platform_table, vault_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    vault_table()
    op.execute(
        """
        CREATE TABLE secret (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          sealed bytea NOT NULL,
          PRIMARY KEY (hromada_id, id)
        )
        """
    )
    hromada_table("secret")
    op.execute("CREATE TABLE platform_secret (id uuid PRIMARY KEY, version integer NOT NULL, sealed bytea NOT NULL)")
    platform_table("platform_secret", "a secret of nobody's hromada")
