"""Keys of pseudonyms stand in the vault. Those under the service's own key are gone: the trail stays whole, because its
seals hold pseudonyms and never keys, and whoever comes has a new one."""

from alembic import op

revision = "0008_pseudonyms"
down_revision = "0007_vault"


def upgrade() -> None:
    op.execute("DELETE FROM pseudonym_key")
