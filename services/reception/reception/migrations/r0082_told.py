"""What duties, mediation and persons' own data tell of themselves, kept so that it can be told again."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0082"
down_revision = "0081"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE officer_duty_step (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          duty_id uuid NOT NULL,
          planned_on date,
          held_on date,
          duty_version integer NOT NULL,
          at timestamptz NOT NULL,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, duty_id) REFERENCES officer_duty (hromada_id, id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE mediation_day (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          day date NOT NULL,
          at timestamptz NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, day)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE person_step (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          deed text NOT NULL CHECK (deed IN (
            'asked', 'answered', 'corrected', 'erased', 'held', 'released', 'retention_changed'
          )),
          what text NOT NULL,
          record text NOT NULL,
          kind text CHECK (kind IN ('access', 'correction', 'erasure')),
          state text CHECK (state IN ('open', 'granted', 'refused')),
          appeal_id uuid,
          what_version integer NOT NULL,
          at timestamptz NOT NULL,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, appeal_id) REFERENCES appeal (hromada_id, id)
        )
        """
    )
    for table in ("officer_duty_step", "mediation_day", "person_step"):
        hromada_table(table, "SELECT, INSERT")
