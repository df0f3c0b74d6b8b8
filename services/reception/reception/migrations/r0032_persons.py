"""A person's own data: requests, corrections, holds, erasure; the search forgets the words of what was erased."""

from alembic import op
from kit.database.migrations import hromada_table, service_name

revision = "0032"
down_revision = "0031"

_OWN = "hromada_id uuid NOT NULL, id uuid NOT NULL, version integer NOT NULL, PRIMARY KEY (hromada_id, id)"
_LEARN = """
CREATE OR REPLACE FUNCTION learn_appeal_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended(new.hromada_id::text, 10));
  INSERT INTO appeal_word
    SELECT new.hromada_id, word FROM unnest(tsvector_to_array(new.words)) AS word ORDER BY word
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$
"""


def upgrade() -> None:
    op.execute(
        f"""
        CREATE TABLE person_request ({_OWN},
          kind text NOT NULL CHECK (kind IN ('access', 'correction', 'erasure')),
          state text NOT NULL CHECK (state IN ('open', 'granted', 'refused')),
          received_on date NOT NULL,
          requester text NOT NULL,
          identified_by text NOT NULL,
          text text NOT NULL,
          appeal_id uuid,
          answer text NOT NULL,
          answered_at timestamptz,
          answered_by text NOT NULL,
          answered_by_name text NOT NULL,
          CHECK ((state = 'open') = (answered_at IS NULL)),
          FOREIGN KEY (hromada_id, appeal_id) REFERENCES appeal (hromada_id, id)
        )
        """
    )
    hromada_table("person_request")
    op.execute(
        f"""
        CREATE TABLE person_correction ({_OWN},
          record text NOT NULL,
          field text NOT NULL CHECK (field IN ('name', 'residence', 'phone', 'email')),
          reason text NOT NULL,
          corrected_by text NOT NULL,
          corrected_by_name text NOT NULL,
          at timestamptz NOT NULL
        )
        """
    )
    hromada_table("person_correction", "SELECT, INSERT")
    op.execute(
        f"""
        CREATE TABLE record_hold ({_OWN},
          record text NOT NULL,
          reason text NOT NULL,
          case_reference text NOT NULL,
          set_by text NOT NULL,
          set_by_name text NOT NULL,
          set_at timestamptz NOT NULL,
          removed_by text NOT NULL,
          removed_by_name text NOT NULL,
          removed_because text NOT NULL,
          removed_at timestamptz
        )
        """
    )
    hromada_table("record_hold")
    op.execute("CREATE UNIQUE INDEX record_hold_of_record ON record_hold (hromada_id, record) WHERE removed_at IS NULL")
    op.execute(
        f"""
        CREATE TABLE record_erasure ({_OWN},
          record text NOT NULL,
          ground text NOT NULL CHECK (ground IN ('retention', 'request')),
          reason text NOT NULL,
          erased_at timestamptz NOT NULL,
          erased_by text NOT NULL,
          UNIQUE (hromada_id, record)
        )
        """
    )
    hromada_table("record_erasure", "SELECT, INSERT")
    op.execute(f"CREATE TABLE appeal_retention ({_OWN}, years integer NOT NULL CHECK (years > 0), UNIQUE (hromada_id))")
    hromada_table("appeal_retention")
    op.execute("CREATE INDEX appeal_by_closing ON appeal (hromada_id, closed_on) WHERE closed_on IS NOT NULL")
    service = service_name()
    op.execute(f'GRANT UPDATE (reason, version) ON appeal_decision TO "{service}_app"')
    op.execute(f'GRANT DELETE ON appeal_word TO "{service}_app"')
    op.execute(_LEARN)
