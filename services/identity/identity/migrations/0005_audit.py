"""What the trail keeps: identity's own rows, every service's entries, their seals, and the keys of the pseudonyms."""

from alembic import op
from kit.database.migrations import audit_tables, hromada_table, platform_table

revision = "0005_audit"
down_revision = "0004_provisioning"

_TABLES = (
    """
    CREATE TABLE pseudonym_key (
      hromada_id uuid NOT NULL REFERENCES hromada,
      id uuid NOT NULL,
      version integer NOT NULL,
      person_id uuid NOT NULL REFERENCES person,
      sealed bytea NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (hromada_id, id),
      UNIQUE (hromada_id, person_id)
    )
    """,
    """
    CREATE TABLE seal (
      hromada_id uuid NOT NULL REFERENCES hromada,
      id uuid NOT NULL,
      version integer NOT NULL,
      number bigint NOT NULL,
      content jsonb NOT NULL,
      hash text NOT NULL,
      PRIMARY KEY (hromada_id, id),
      UNIQUE (hromada_id, number)
    )
    """,
    """
    CREATE TABLE entry (
      hromada_id uuid NOT NULL REFERENCES hromada,
      id uuid NOT NULL,
      version integer NOT NULL,
      service text NOT NULL,
      number bigint NOT NULL,
      at timestamptz NOT NULL,
      subject text NOT NULL,
      method text NOT NULL,
      records text[] NOT NULL,
      numbers text[] NOT NULL,
      purpose text NOT NULL,
      outcome text NOT NULL,
      came_at timestamptz NOT NULL,
      seal bigint,
      PRIMARY KEY (hromada_id, id),
      UNIQUE (hromada_id, service, number),
      FOREIGN KEY (hromada_id, seal) REFERENCES seal (hromada_id, number)
    )
    """,
    "CREATE INDEX entry_seal ON entry (hromada_id, seal, service, number) WHERE seal IS NOT NULL",
    "CREATE TABLE unsealed (hromada_id uuid PRIMARY KEY REFERENCES hromada, since timestamptz NOT NULL)",
    "CREATE INDEX entry_newest ON entry (hromada_id, at, id)",
    "CREATE INDEX entry_waiting ON entry (hromada_id, service, number) WHERE seal IS NULL",
    "CREATE INDEX entry_subject ON entry (hromada_id, subject, at)",
    "CREATE INDEX entry_records ON entry USING gin (records)",
    "CREATE INDEX entry_numbers ON entry USING gin (numbers)",
)


def upgrade() -> None:
    audit_tables()
    for statement in _TABLES:
        op.execute(statement)
    hromada_table("pseudonym_key", "SELECT, INSERT, DELETE")
    hromada_table("seal", "SELECT, INSERT")
    hromada_table("entry", "SELECT, INSERT, UPDATE (seal)")
    platform_table(
        "unsealed", "the sealer finds what waits before it knows a hromada", grants="SELECT, INSERT, UPDATE, DELETE"
    )
