"""The schedule of receptions, and visits."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE reception_schedule (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          week jsonb NOT NULL,
          slot_minutes integer NOT NULL,
          hosts text[] NOT NULL,
          exceptions jsonb NOT NULL,
          holidays_are_working boolean NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id)
        )
        """
    )
    hromada_table("reception_schedule")
    op.execute(
        """
        CREATE TABLE visit (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          starts_at timestamptz NOT NULL,
          minutes integer NOT NULL,
          state text NOT NULL CHECK (state IN ('booked', 'arrived', 'held', 'cancelled', 'missed')),
          code_hash bytea NOT NULL,
          visitor text NOT NULL,
          phone text NOT NULL,
          topic text NOT NULL,
          booked_at timestamptz NOT NULL,
          booked_by text NOT NULL,
          arrived_at timestamptz,
          hosts text[] NOT NULL,
          outcome text CHECK (outcome IN ('resolved', 'advised', 'appeal', 'referred', 'absent')),
          note text NOT NULL,
          appeal_id uuid,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, code_hash),
          FOREIGN KEY (hromada_id, appeal_id) REFERENCES appeal (hromada_id, id)
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX visit_slot ON visit (hromada_id, starts_at) WHERE state <> 'cancelled'")
    op.execute("CREATE INDEX visit_by_time ON visit (hromada_id, starts_at)")
    hromada_table("visit")
    op.execute(
        """
        CREATE TABLE visit_step (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          visit_id uuid NOT NULL,
          state text NOT NULL CHECK (state IN ('booked', 'arrived', 'held', 'cancelled', 'missed')),
          outcome text CHECK (outcome IN ('resolved', 'advised', 'appeal', 'referred', 'absent')),
          visit_version integer NOT NULL,
          at timestamptz NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, visit_id, visit_version),
          FOREIGN KEY (hromada_id, visit_id) REFERENCES visit (hromada_id, id)
        )
        """
    )
    hromada_table("visit_step", "SELECT, INSERT")
