"""How a hromada leaves, comes from elsewhere and is erased; what is left of it then."""

from alembic import op
from kit.database.migrations import hromada_table, platform_table, tenancy_tables

revision = "0009_tenancy"
down_revision = "0008_trail"

_STATEMENTS = (
    "ALTER TABLE hromada DROP CONSTRAINT hromada_state_check",
    "ALTER TABLE hromada ADD CONSTRAINT hromada_state_check "
    "CHECK (state IN ('provisioning', 'active', 'suspended', 'erasing'))",
    "ALTER TABLE provisioning_step DROP CONSTRAINT provisioning_step_provisioning_id_fkey",
    "ALTER TABLE provisioning_step ADD FOREIGN KEY (provisioning_id) REFERENCES provisioning ON DELETE CASCADE",
    """
    CREATE TABLE person_alias (
      hromada_id uuid NOT NULL REFERENCES hromada,
      id uuid NOT NULL,
      version integer NOT NULL,
      person_id uuid NOT NULL REFERENCES person,
      was uuid NOT NULL,
      PRIMARY KEY (hromada_id, id),
      UNIQUE (hromada_id, person_id),
      UNIQUE (hromada_id, was)
    )
    """,
    """
    CREATE TABLE former_key (
      hromada_id uuid NOT NULL REFERENCES hromada,
      id uuid NOT NULL,
      version integer NOT NULL,
      sealed bytea NOT NULL,
      PRIMARY KEY (hromada_id, id)
    )
    """,
    """
    CREATE TABLE archive (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      hromada_id uuid,
      slug text NOT NULL,
      brought boolean NOT NULL,
      recipient text NOT NULL,
      state text NOT NULL CHECK (state IN ('coming', 'in-work', 'ready', 'refused')),
      trouble text NOT NULL,
      place text NOT NULL,
      parts integer NOT NULL,
      bytes bigint NOT NULL,
      holdings jsonb NOT NULL,
      asked_by text NOT NULL,
      began_at timestamptz NOT NULL,
      ended_at timestamptz
    )
    """,
    "CREATE INDEX archive_unfinished ON archive (began_at) WHERE state IN ('coming', 'in-work')",
    """
    CREATE TABLE archive_part (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      archive_id uuid NOT NULL REFERENCES archive ON DELETE CASCADE,
      number integer NOT NULL,
      body bytea NOT NULL,
      UNIQUE (archive_id, number)
    )
    """,
    """
    CREATE TABLE erasure (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      slug text NOT NULL,
      was uuid NOT NULL,
      digest text NOT NULL,
      asked_by text NOT NULL,
      began_at timestamptz NOT NULL,
      erased_at timestamptz,
      ended_at timestamptz,
      backups_until timestamptz,
      returned_at timestamptz
    )
    """,
    "CREATE UNIQUE INDEX erasure_slug ON erasure (slug) WHERE returned_at IS NULL",
    """
    CREATE TABLE erasure_step (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      erasure_id uuid NOT NULL REFERENCES erasure,
      service text NOT NULL,
      rows bigint NOT NULL,
      ended_at timestamptz,
      UNIQUE (erasure_id, service)
    )
    """,
)
_FUNCTIONS = (
    """
    CREATE FUNCTION forget_hromada(persons uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public AS $$
    DECLARE
      nobodys uuid[];
    BEGIN
      DELETE FROM hromada WHERE id = current_hromada();
      SELECT array_agg(p.id) INTO nobodys FROM person p WHERE p.id = ANY(persons)
        AND NOT EXISTS (SELECT FROM membership m WHERE m.person_id = p.id)
        AND NOT EXISTS (SELECT FROM pseudonym_key k WHERE k.person_id = p.id)
        AND NOT EXISTS (SELECT FROM operator o WHERE o.person_id = p.id);
      DELETE FROM code WHERE person_id = ANY(nobodys);
      DELETE FROM family WHERE person_id = ANY(nobodys);
      DELETE FROM sign_in WHERE person_id = ANY(nobodys);
      DELETE FROM authenticator WHERE person_id = ANY(nobodys);
      DELETE FROM recovery_code WHERE person_id = ANY(nobodys);
      DELETE FROM passkey WHERE person_id = ANY(nobodys);
      DELETE FROM person WHERE id = ANY(nobodys);
    END
    $$
    """,
    "ALTER FUNCTION forget_hromada(uuid[]) OWNER TO identity_tenancy",
    "REVOKE ALL ON FUNCTION forget_hromada(uuid[]) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION forget_hromada(uuid[]) TO identity_app",
)


def upgrade() -> None:
    tenancy_tables()
    for statement in _STATEMENTS:
        op.execute(statement)
    hromada_table("person_alias", "SELECT, INSERT", stays="which persons of elsewhere are which of here")
    hromada_table("former_key", "SELECT, INSERT", stays="sealed with the secret of this installation")
    kept = "SELECT, INSERT, UPDATE, DELETE"
    platform_table("archive", "one worker leads every archive; one that is brought is of no hromada yet", grants=kept)
    platform_table("archive_part", "pieces of archives, which only their recipients can open", grants=kept)
    platform_table("erasure", "what is left of a hromada that was erased")
    platform_table("erasure_step", "what is left of a hromada that was erased")
    for statement in _FUNCTIONS:
        op.execute(statement)
