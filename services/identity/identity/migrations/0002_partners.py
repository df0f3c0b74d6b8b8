"""Organisations, agreements with their signatories, venues, projects, controllers of personal data.

Nothing here is ever deleted: the service has no such right, and a foreign key would not let it.
"""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0002_partners"
down_revision = "0001"

_TABLES = (
    """
    CREATE TABLE organisation (
      hromada_id uuid NOT NULL REFERENCES hromada,
      id uuid NOT NULL,
      version integer NOT NULL,
      title text NOT NULL,
      short_title text NOT NULL,
      kind text NOT NULL,
      edrpou text NOT NULL CHECK (edrpou ~ '^([0-9]{8})?$'),
      address text NOT NULL,
      phones text[] NOT NULL,
      existed_from date,
      existed_until date CHECK (existed_until > existed_from),
      created_at timestamptz NOT NULL,
      PRIMARY KEY (hromada_id, id)
    )
    """,
    "CREATE UNIQUE INDEX organisation_edrpou ON organisation (hromada_id, edrpou) WHERE edrpou <> ''",
    """
    CREATE TABLE agreement (
      hromada_id uuid NOT NULL REFERENCES hromada,
      id uuid NOT NULL,
      version integer NOT NULL,
      title text NOT NULL,
      kind text NOT NULL,
      number text NOT NULL,
      concluded_on date NOT NULL,
      valid_until date CHECK (valid_until > concluded_on),
      decision_number text NOT NULL,
      decided_on date,
      basis text NOT NULL,
      subject text NOT NULL,
      personal_data_clause text NOT NULL,
      accession text NOT NULL,
      note text NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (hromada_id, id)
    )
    """,
    """
    CREATE TABLE signatory (
      hromada_id uuid NOT NULL,
      id uuid NOT NULL,
      version integer NOT NULL,
      agreement_id uuid NOT NULL,
      organisation_id uuid NOT NULL,
      joined_on date NOT NULL,
      left_on date CHECK (left_on > joined_on),
      post text NOT NULL,
      authority text NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (hromada_id, id),
      FOREIGN KEY (hromada_id, agreement_id) REFERENCES agreement (hromada_id, id),
      FOREIGN KEY (hromada_id, organisation_id) REFERENCES organisation (hromada_id, id)
    )
    """,
    "CREATE INDEX signatory_agreement ON signatory (hromada_id, agreement_id)",
    "CREATE INDEX signatory_organisation ON signatory (hromada_id, organisation_id)",
    """
    CREATE UNIQUE INDEX signatory_once ON signatory (hromada_id, agreement_id, organisation_id) WHERE left_on IS NULL
    """,
    """
    CREATE TABLE venue (
      hromada_id uuid NOT NULL REFERENCES hromada,
      id uuid NOT NULL,
      version integer NOT NULL,
      title text NOT NULL,
      title_en text NOT NULL,
      address text NOT NULL,
      address_en text NOT NULL,
      locator text NOT NULL,
      neutral_ground boolean,
      own_entrance boolean,
      steps integer CHECK (steps >= 0),
      ramp boolean,
      accessible_toilet boolean,
      hearing_loop boolean,
      transport text NOT NULL,
      distances text NOT NULL,
      closed_on date,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (hromada_id, id)
    )
    """,
    """
    CREATE TABLE project (
      hromada_id uuid NOT NULL,
      id uuid NOT NULL,
      version integer NOT NULL,
      title text NOT NULL,
      starts_on date NOT NULL,
      ends_on date CHECK (ends_on > starts_on),
      donor_id uuid NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (hromada_id, id),
      FOREIGN KEY (hromada_id, donor_id) REFERENCES organisation (hromada_id, id)
    )
    """,
    "CREATE INDEX project_donor ON project (hromada_id, donor_id)",
    """
    CREATE TABLE controller (
      hromada_id uuid NOT NULL REFERENCES hromada,
      id uuid NOT NULL,
      version integer NOT NULL,
      controller text NOT NULL,
      controller_title text NOT NULL,
      processor text NOT NULL,
      processor_title text NOT NULL,
      basis text NOT NULL,
      since date NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (hromada_id, id),
      UNIQUE (hromada_id, since),
      CHECK (
        controller NOT IN ('state', 'municipal')
        OR processor IN ('state', 'municipal', 'state_enterprise', 'communal_enterprise')
      )
    )
    """,
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in ("organisation", "agreement", "signatory", "venue", "project"):
        hromada_table(table)
    hromada_table("controller", grants="SELECT, INSERT")
