"""The register and the appeals."""

from alembic import op
from kit.database.migrations import current_hromada, hromada_table, kit_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    current_hromada()
    kit_tables()
    op.execute(
        """
        CREATE TABLE register (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          opened_at timestamptz NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id)
        )
        """
    )
    hromada_table("register")
    op.execute(
        """
        CREATE TABLE register_year (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          register_id uuid NOT NULL,
          year integer NOT NULL,
          last integer NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, year),
          FOREIGN KEY (hromada_id, register_id) REFERENCES register (hromada_id, id)
        )
        """
    )
    hromada_table("register_year")
    op.execute(
        """
        CREATE TABLE appeal (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          number text NOT NULL,
          code_hash bytea NOT NULL,
          kind text NOT NULL CHECK (kind IN ('proposal', 'application', 'complaint')),
          area text NOT NULL CHECK (area IN ('order', 'road', 'health', 'ecology', 'infrastructure')),
          channel text NOT NULL
            CHECK (channel IN ('portal', 'reception', 'phone', 'post', 'email', 'integration')),
          state text NOT NULL CHECK (state IN ('registered', 'in_work', 'answered')),
          applicant_name text NOT NULL,
          residence text NOT NULL,
          phone text NOT NULL,
          email text NOT NULL,
          text text NOT NULL,
          received_at timestamptz NOT NULL,
          registered_by text NOT NULL,
          registered_by_name text NOT NULL,
          taken_by text NOT NULL,
          taken_by_name text NOT NULL,
          taken_at timestamptz,
          answer text NOT NULL,
          answered_by text NOT NULL,
          answered_by_name text NOT NULL,
          answered_at timestamptz,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, number),
          UNIQUE (hromada_id, code_hash)
        )
        """
    )
    op.execute("CREATE INDEX appeal_newest ON appeal (hromada_id, received_at DESC, id DESC)")
    op.execute("CREATE INDEX appeal_by_state ON appeal (hromada_id, state, received_at DESC, id DESC)")
    hromada_table("appeal")
    op.execute(
        """
        CREATE TABLE appeal_step (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          appeal_id uuid NOT NULL,
          state text NOT NULL CHECK (state IN ('registered', 'in_work', 'answered')),
          appeal_version integer NOT NULL,
          at timestamptz NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, appeal_id, appeal_version),
          FOREIGN KEY (hromada_id, appeal_id) REFERENCES appeal (hromada_id, id)
        )
        """
    )
    hromada_table("appeal_step", "SELECT, INSERT")
