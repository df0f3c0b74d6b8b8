"""How hromadas come to the platform: services and their templates, and the operation that brings a hromada."""

from alembic import op
from kit.database.migrations import platform_table

revision = "0004_provisioning"
down_revision = "0007_vault"

_STATEMENTS = (
    "ALTER TABLE hromada DROP CONSTRAINT hromada_state_check",
    "ALTER TABLE hromada ADD CONSTRAINT hromada_state_check CHECK (state IN ('provisioning', 'active', 'suspended'))",
    "ALTER TABLE hromada ADD COLUMN ready_at timestamptz",
    "UPDATE hromada SET ready_at = created_at",
    """
    CREATE TABLE announcement (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      service text NOT NULL UNIQUE,
      address text NOT NULL,
      name text NOT NULL,
      edition integer NOT NULL,
      digest text NOT NULL,
      text text NOT NULL,
      announced_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE template (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      name text NOT NULL,
      edition integer NOT NULL,
      created_at timestamptz NOT NULL,
      UNIQUE (name, edition)
    )
    """,
    """
    CREATE TABLE template_part (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      template_id uuid NOT NULL REFERENCES template,
      service text NOT NULL,
      digest text NOT NULL,
      text text NOT NULL,
      UNIQUE (template_id, service)
    )
    """,
    """
    CREATE TABLE provisioning (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      hromada_id uuid NOT NULL UNIQUE REFERENCES hromada,
      template_id uuid REFERENCES template,
      started_at timestamptz NOT NULL,
      isolated_at timestamptz,
      finished_at timestamptz
    )
    """,
    """
    CREATE TABLE provisioning_step (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      provisioning_id uuid NOT NULL REFERENCES provisioning,
      service text NOT NULL,
      name text NOT NULL,
      edition integer,
      digest text NOT NULL,
      trouble text NOT NULL,
      finished_at timestamptz,
      UNIQUE (provisioning_id, service)
    )
    """,
    "CREATE INDEX provisioning_unfinished ON provisioning (started_at) WHERE finished_at IS NULL",
    "CREATE INDEX provisioning_step_unfinished ON provisioning_step (provisioning_id) WHERE finished_at IS NULL",
    "INSERT INTO provisioning (id, version, hromada_id, started_at, isolated_at, finished_at) "
    "SELECT gen_random_uuid(), 1, id, created_at, created_at, created_at FROM hromada",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    platform_table("announcement", "services are the platform's")
    platform_table("template", "a template is chosen before there is a hromada", grants="SELECT, INSERT")
    platform_table("template_part", "a template is chosen before there is a hromada", grants="SELECT, INSERT")
    platform_table("provisioning", "one worker leads the provisioning of every hromada")
    platform_table("provisioning_step", "one worker leads the provisioning of every hromada")
