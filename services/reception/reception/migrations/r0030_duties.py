"""Settlements of beats, since when each has its officer, and what officers owe the hromada."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0030"
down_revision = "0020"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE beat
          ADD COLUMN settlements text[] NOT NULL DEFAULT '{}',
          ADD COLUMN officer_since date
        """
    )
    op.execute("UPDATE beat SET officer_since = (now() AT TIME ZONE 'Europe/Kyiv')::date WHERE officer_id IS NOT NULL")
    op.execute("ALTER TABLE beat ADD CHECK ((officer_id IS NULL) = (officer_since IS NULL))")
    op.execute(
        """
        CREATE TABLE officer_duty (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          kind text NOT NULL CHECK (kind IN ('report', 'meeting')),
          beat_id uuid NOT NULL,
          officer_id uuid NOT NULL,
          planned_on date,
          held_on date,
          note text NOT NULL,
          PRIMARY KEY (hromada_id, id),
          CHECK (planned_on IS NOT NULL OR held_on IS NOT NULL),
          FOREIGN KEY (hromada_id, beat_id) REFERENCES beat (hromada_id, id),
          FOREIGN KEY (hromada_id, officer_id) REFERENCES officer (hromada_id, id)
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX officer_duty_planned ON officer_duty (hromada_id, beat_id, officer_id, kind) "
        "WHERE held_on IS NULL"
    )
    op.execute("CREATE INDEX officer_duty_held ON officer_duty (hromada_id, held_on) WHERE held_on IS NOT NULL")
    hromada_table("officer_duty", "SELECT, INSERT, UPDATE")
