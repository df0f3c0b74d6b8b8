"""Files on appeals."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE attachment (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          sealed_key bytea,
          kept bigint NOT NULL,
          appeal_id uuid NOT NULL,
          state text NOT NULL CHECK (state IN ('kept', 'removed')),
          filename text NOT NULL,
          media_type text NOT NULL,
          sent_size bigint NOT NULL,
          size bigint NOT NULL,
          sha256 bytea NOT NULL,
          thumbnail_size bigint NOT NULL,
          source text NOT NULL CHECK (source IN ('resident', 'office', 'integration')),
          uploaded_by text NOT NULL,
          created_at timestamptz NOT NULL,
          removed_by text NOT NULL,
          removed_at timestamptz,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, appeal_id) REFERENCES appeal (hromada_id, id) ON DELETE CASCADE,
          CHECK ((state = 'kept') = (sealed_key IS NOT NULL)),
          CHECK ((state = 'removed') = (removed_at IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX attachment_of_appeal ON attachment (hromada_id, appeal_id, id)")
    hromada_table("attachment")
