"""What is no appeal: tips outside the register, and handovers to the bodies in charge."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE tip (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          area text NOT NULL CHECK (area IN ('order', 'road', 'health', 'ecology', 'infrastructure')),
          text text NOT NULL,
          received_at timestamptz NOT NULL,
          PRIMARY KEY (hromada_id, id)
        )
        """
    )
    hromada_table("tip", "SELECT, INSERT")
    op.execute(
        """
        CREATE TABLE handover (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          track text NOT NULL CHECK (track IN
            ('crime', 'domestic_violence', 'legal_aid', 'information_request', 'administrative_procedure',
             'corruption', 'personal_data', 'petition')),
          unit text NOT NULL,
          record_number text NOT NULL,
          handed_at timestamptz NOT NULL,
          due_at timestamptz,
          PRIMARY KEY (hromada_id, id)
        )
        """
    )
    hromada_table("handover", "SELECT, INSERT")
