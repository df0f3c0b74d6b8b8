"""What residents send is sorted before it is registered; a case may be sensitive because its person asked."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0050"
down_revision = "0041"

_KINDS = "('domestic_violence', 'children', 'probation', 'requested')"


def upgrade() -> None:
    for table in ("appeal", "case_change"):
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_sensitivity_check, "
            f"ADD CONSTRAINT {table}_sensitivity_check CHECK (sensitivity IN {_KINDS})"
        )
    op.execute(
        """
        CREATE TABLE submission (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          code_hash bytea NOT NULL,
          kind text NOT NULL CHECK (kind IN ('proposal', 'application', 'complaint')),
          area text NOT NULL CHECK (area IN ('order', 'road', 'health', 'ecology', 'infrastructure')),
          channel text NOT NULL,
          state text NOT NULL CHECK (state IN ('waiting', 'registered', 'handed_over')),
          applicant_name text NOT NULL,
          residence text NOT NULL,
          phone text NOT NULL,
          email text NOT NULL,
          text text NOT NULL,
          tracks text[] NOT NULL,
          is_confidential boolean NOT NULL,
          received_at timestamptz NOT NULL,
          registered_by text NOT NULL,
          registered_by_name text NOT NULL,
          notice_channel text CHECK (notice_channel IN ('sms', 'email')),
          notice_language text CHECK (notice_language IN ('uk', 'en')),
          sorted_at timestamptz,
          sorted_by text NOT NULL,
          sorted_by_name text NOT NULL,
          appeal_id uuid,
          handover_id uuid,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, code_hash),
          FOREIGN KEY (hromada_id, appeal_id) REFERENCES appeal (hromada_id, id),
          FOREIGN KEY (hromada_id, handover_id) REFERENCES handover (hromada_id, id),
          CHECK (num_nulls(notice_channel, notice_language) IN (0, 2)),
          CHECK ((state = 'waiting') = (sorted_at IS NULL)),
          CHECK (state = 'waiting' OR applicant_name || residence || phone || email || text = '')
        )
        """
    )
    op.execute("CREATE INDEX submission_waiting ON submission (hromada_id, id) WHERE state = 'waiting'")
    hromada_table("submission")
