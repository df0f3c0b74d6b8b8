"""Officers and beats."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE officer (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          display_name text NOT NULL,
          kind text NOT NULL CHECK (kind IN ('district', 'hromada')),
          phone text NOT NULL,
          email text NOT NULL,
          public boolean NOT NULL,
          text text NOT NULL,
          PRIMARY KEY (hromada_id, id)
        )
        """
    )
    hromada_table("officer")
    op.execute(
        """
        CREATE TABLE beat (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          number integer NOT NULL,
          title text NOT NULL,
          streets text[] NOT NULL,
          area text NOT NULL,
          officer_id uuid,
          population integer NOT NULL,
          rural boolean NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, number),
          FOREIGN KEY (hromada_id, officer_id) REFERENCES officer (hromada_id, id)
        )
        """
    )
    hromada_table("beat")
