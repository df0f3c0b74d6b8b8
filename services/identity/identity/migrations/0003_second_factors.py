"""Second factors, recovery links, and how a sign-in was proven."""

from alembic import op
from kit.database.migrations import platform_table

revision = "0003_second_factors"
down_revision = "0002_partners"

_TABLES = (
    """
    CREATE TABLE authenticator (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      person_id uuid NOT NULL UNIQUE REFERENCES person,
      sealed bytea NOT NULL,
      last_step bigint NOT NULL,
      created_at timestamptz NOT NULL,
      confirmed_at timestamptz
    )
    """,
    """
    CREATE TABLE recovery_code (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      person_id uuid NOT NULL REFERENCES person,
      digest bytea NOT NULL,
      used_at timestamptz,
      UNIQUE (person_id, digest)
    )
    """,
    """
    CREATE TABLE passkey (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      person_id uuid NOT NULL REFERENCES person,
      credential_id bytea NOT NULL UNIQUE,
      public_key bytea NOT NULL,
      sign_count bigint NOT NULL,
      device text NOT NULL,
      created_at timestamptz NOT NULL,
      used_at timestamptz
    )
    """,
    "CREATE INDEX passkey_person ON passkey (person_id)",
    """
    CREATE TABLE spent_challenge (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      digest bytea NOT NULL UNIQUE,
      expires_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE recovery_link (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      digest bytea NOT NULL UNIQUE,
      person_id uuid NOT NULL REFERENCES person,
      hromada_id uuid NOT NULL,
      membership_id uuid NOT NULL,
      made_by text NOT NULL,
      forgets_factors boolean NOT NULL,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      used_at timestamptz,
      closed_at timestamptz,
      FOREIGN KEY (hromada_id, membership_id) REFERENCES membership (hromada_id, id)
    )
    """,
    "CREATE INDEX recovery_link_person ON recovery_link (person_id)",
    "CREATE INDEX recovery_link_membership ON recovery_link (hromada_id, membership_id)",
    "ALTER TABLE sign_in ADD COLUMN methods text[] NOT NULL DEFAULT '{pwd}'",
    "ALTER TABLE sign_in ADD COLUMN device text NOT NULL DEFAULT ''",
    "CREATE INDEX sign_in_person ON sign_in (person_id)",
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    kept = "SELECT, INSERT, UPDATE, DELETE"
    platform_table("authenticator", "a person signs in before a hromada is chosen", grants=kept)
    platform_table("recovery_code", "a person signs in before a hromada is chosen", grants=kept)
    platform_table("passkey", "a person signs in before a hromada is chosen", grants=kept)
    platform_table("spent_challenge", "a person signs in before a hromada is chosen", grants=kept)
    platform_table("recovery_link", "a link is opened before its hromada is known")
