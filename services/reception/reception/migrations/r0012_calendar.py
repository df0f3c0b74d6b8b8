"""The office's calendar. Who came before it gets the law's own: five days, martial law since 24.02.2022."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE office_calendar (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          weeks jsonb NOT NULL,
          martial_law jsonb NOT NULL,
          moved jsonb NOT NULL,
          terms jsonb NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id)
        )
        """
    )
    hromada_table("office_calendar")
    op.execute(
        """
        INSERT INTO office_calendar
        SELECT hromada_id, gen_random_uuid(), 1,
          '[{"since": "2018-06-01", "week": "five_days"}]',
          '[{"since": "2022-02-24", "until": null}]',
          '[]',
          '[{"since": "1996-10-02", "forward": 5, "missing": 5, "defect": 10, "simple": 15, "months": 1, "most": 45}]'
        FROM register
        """
    )
