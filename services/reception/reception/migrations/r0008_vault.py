"""Data keys, for what reception seals."""

from kit.database.migrations import vault_table

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    vault_table()
