"""Photos of hazards."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0070"
down_revision = "0051"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE hazard_photo (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          sealed_key bytea,
          kept bigint NOT NULL,
          hazard_id uuid,
          ticket bytea,
          state text NOT NULL CHECK (state IN ('coming', 'kept_out', 'waiting', 'shown', 'withheld')),
          media_type text NOT NULL,
          size bigint NOT NULL,
          source text NOT NULL,
          objection text CHECK (
            objection IN ('not_allowed', 'unreachable', 'redirected', 'too_large', 'no_photo', 'no_room')
          ),
          created_at timestamptz NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, ticket),
          FOREIGN KEY (hromada_id, hazard_id) REFERENCES hazard (hromada_id, id) ON DELETE CASCADE,
          CHECK ((hazard_id IS NULL) = (ticket IS NOT NULL)),
          CHECK ((state IN ('coming', 'kept_out')) = (sealed_key IS NULL)),
          CHECK ((state = 'kept_out') = (objection IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX photos_of_hazard ON hazard_photo (hromada_id, hazard_id, id)")
    hromada_table("hazard_photo", "SELECT, INSERT, UPDATE, DELETE")
