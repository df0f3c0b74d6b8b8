"""Hromadas, persons, memberships, integrators, operators, and what the issuer keeps."""

from alembic import op
from kit.database.migrations import current_hromada, hromada_table, kit_tables, platform_table

revision = "0001"
down_revision = None

_PLATFORM = (
    """
    CREATE TABLE hromada (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      slug text NOT NULL UNIQUE,
      katotth text NOT NULL UNIQUE CHECK (katotth ~ '^UA[0-9]{17}$'),
      state text NOT NULL CHECK (state IN ('active', 'suspended')),
      suspended_for text,
      title text NOT NULL,
      title_en text NOT NULL,
      address text NOT NULL,
      address_en text NOT NULL,
      directions text NOT NULL,
      directions_en text NOT NULL,
      phones text[] NOT NULL,
      email text NOT NULL,
      created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE person (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      email text NOT NULL UNIQUE,
      password_hash text,
      created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE operator (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      person_id uuid NOT NULL REFERENCES person,
      created_at timestamptz NOT NULL,
      revoked_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX operator_person ON operator (person_id) WHERE revoked_at IS NULL",
)
_OF_HROMADAS = (
    """
    CREATE TABLE membership (
      hromada_id uuid NOT NULL REFERENCES hromada,
      id uuid NOT NULL,
      version integer NOT NULL,
      person_id uuid NOT NULL REFERENCES person,
      display_name text NOT NULL,
      roles text[] NOT NULL CHECK (cardinality(roles) > 0),
      not_before timestamptz NOT NULL,
      until timestamptz CHECK (until > not_before),
      accepted_at timestamptz,
      revoked_at timestamptz,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (hromada_id, id)
    )
    """,
    "CREATE UNIQUE INDEX membership_person ON membership (hromada_id, person_id) WHERE revoked_at IS NULL",
    """
    CREATE TABLE integrator (
      hromada_id uuid NOT NULL REFERENCES hromada,
      id uuid NOT NULL,
      version integer NOT NULL,
      slug text NOT NULL,
      display_name text NOT NULL,
      secret_digest bytea NOT NULL,
      created_at timestamptz NOT NULL,
      revoked_at timestamptz,
      PRIMARY KEY (hromada_id, id),
      UNIQUE (hromada_id, slug)
    )
    """,
)
_OF_THE_ISSUER = (
    """
    CREATE TABLE invitation (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      digest bytea NOT NULL UNIQUE,
      person_id uuid NOT NULL REFERENCES person,
      hromada_id uuid NOT NULL,
      membership_id uuid NOT NULL,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      used_at timestamptz,
      closed_at timestamptz,
      FOREIGN KEY (hromada_id, membership_id) REFERENCES membership (hromada_id, id)
    )
    """,
    "CREATE INDEX invitation_membership ON invitation (hromada_id, membership_id)",
    """
    CREATE TABLE signing_key (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      kid text NOT NULL UNIQUE,
      public jsonb NOT NULL,
      sealed bytea NOT NULL,
      signs_from timestamptz NOT NULL,
      verifies_until timestamptz
    )
    """,
    """
    CREATE TABLE sign_in (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      digest bytea NOT NULL UNIQUE,
      person_id uuid NOT NULL REFERENCES person,
      signed_in_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      ended_at timestamptz
    )
    """,
    "CREATE INDEX sign_in_expires ON sign_in (expires_at)",
    """
    CREATE TABLE family (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      digest bytea NOT NULL,
      sign_in_id uuid NOT NULL REFERENCES sign_in ON DELETE CASCADE,
      person_id uuid NOT NULL REFERENCES person,
      client_id text NOT NULL,
      scope text NOT NULL,
      idle_until timestamptz NOT NULL,
      until timestamptz NOT NULL,
      revoked_at timestamptz
    )
    """,
    "CREATE INDEX family_sign_in ON family (sign_in_id)",
    "CREATE INDEX family_until ON family (until)",
    """
    CREATE TABLE code (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      digest bytea NOT NULL UNIQUE,
      sign_in_id uuid NOT NULL REFERENCES sign_in ON DELETE CASCADE,
      person_id uuid NOT NULL REFERENCES person,
      client_id text NOT NULL,
      redirect_uri text NOT NULL,
      scope text NOT NULL,
      nonce text,
      code_challenge text NOT NULL,
      signed_in_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      family_id uuid REFERENCES family ON DELETE SET NULL
    )
    """,
    "CREATE INDEX code_expires ON code (expires_at)",
    "CREATE INDEX code_sign_in ON code (sign_in_id)",
    "CREATE INDEX code_family ON code (family_id)",
)


def upgrade() -> None:
    current_hromada()
    kit_tables()
    for statement in (*_PLATFORM, *_OF_HROMADAS, *_OF_THE_ISSUER):
        op.execute(statement)
    platform_table("hromada", "it is what hromadas are told apart by")
    platform_table("person", "one person may work in several hromadas")
    platform_table("operator", "operators work for the platform")
    hromada_table("membership")
    hromada_table("integrator")
    platform_table("invitation", "a link is opened before its hromada is known")
    platform_table("signing_key", "the issuer is one for all")
    shortlived = "SELECT, INSERT, UPDATE, DELETE"
    platform_table("sign_in", "a person signs in before a hromada is chosen", grants=shortlived)
    platform_table("family", "tokens belong to a sign-in", grants=shortlived)
    platform_table("code", "codes belong to a sign-in", grants=shortlived)
