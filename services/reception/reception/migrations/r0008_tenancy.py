"""What a hromada needs to come from elsewhere, and to be erased; a key of its own for residents' codes.

Codes stood under a key of the service, so that they would not have opened anything in another installation: those that
were given before are good no more.
"""

from alembic import op
from kit.database.migrations import hromada_table, tenancy_tables, vault_table

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    vault_table()
    tenancy_tables()
    op.execute("CREATE INDEX visit_appeal ON visit (hromada_id, appeal_id) WHERE appeal_id IS NOT NULL")
    op.execute(
        """
        CREATE TABLE code_key (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          sealed bytea NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id)
        )
        """
    )
    hromada_table("code_key", "SELECT, INSERT")
