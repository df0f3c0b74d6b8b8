"""The vault's data keys. An app's secret stood under the service's own key: whoever had one sets it up anew."""

from alembic import op
from kit.database.migrations import vault_table

revision = "0007_vault"
down_revision = "0006_grants"


def upgrade() -> None:
    vault_table()
    op.execute("DELETE FROM authenticator")
