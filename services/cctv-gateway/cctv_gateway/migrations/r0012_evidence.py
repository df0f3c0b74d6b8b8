"""Footage for the police and the courts: who asked, who approved, what became of it, and the key that signs."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE evidence (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          authority text NOT NULL CHECK (authority IN ('police', 'court', 'prosecutor')),
          authority_name text NOT NULL,
          signatory text NOT NULL,
          letter_number text NOT NULL,
          letter_date date NOT NULL,
          case_reference text NOT NULL CHECK (case_reference <> ''),
          ground text NOT NULL,
          from_at timestamptz NOT NULL,
          to_at timestamptz NOT NULL,
          state text NOT NULL CHECK (state IN ('requested', 'approved', 'refused')),
          requested_by text NOT NULL,
          requested_by_name text NOT NULL,
          created_at timestamptz NOT NULL,
          decided_by text,
          decided_by_name text NOT NULL,
          decided_at timestamptz,
          refused_because text NOT NULL,
          expires_at timestamptz,
          downloads integer NOT NULL,
          PRIMARY KEY (hromada_id, id),
          CHECK (from_at < to_at),
          CHECK ((state = 'requested') = (decided_by IS NULL)),
          CHECK (num_nulls(decided_by, decided_at) IN (0, 2)),
          CHECK (decided_by <> requested_by),
          CHECK ((state = 'approved') = (expires_at IS NOT NULL))
        )
        """
    )
    hromada_table("evidence")
    op.execute(
        """
        CREATE TABLE evidence_camera (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          evidence_id uuid NOT NULL,
          camera_id uuid NOT NULL,
          hold_id uuid NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, evidence_id, camera_id),
          FOREIGN KEY (hromada_id, evidence_id) REFERENCES evidence (hromada_id, id),
          FOREIGN KEY (hromada_id, camera_id) REFERENCES camera (hromada_id, id),
          FOREIGN KEY (hromada_id, hold_id) REFERENCES hold (hromada_id, id)
        )
        """
    )
    hromada_table("evidence_camera", "SELECT, INSERT")
    op.execute(
        """
        CREATE TABLE custody_link (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          evidence_id uuid NOT NULL,
          number integer NOT NULL CHECK (number > 0),
          at timestamptz NOT NULL,
          who text NOT NULL,
          who_name text NOT NULL,
          step text NOT NULL CHECK (step IN ('requested', 'locked', 'approved', 'refused', 'downloaded')),
          digest text NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, evidence_id, number),
          FOREIGN KEY (hromada_id, evidence_id) REFERENCES evidence (hromada_id, id)
        )
        """
    )
    hromada_table("custody_link", "SELECT, INSERT")
    op.execute(
        """
        CREATE TABLE evidence_key (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          made_at timestamptz NOT NULL,
          public bytea NOT NULL,
          sealed bytea NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id)
        )
        """
    )
    hromada_table("evidence_key")
