"""Hazards: what was told, its way, who follows and who confirmed it, the hromada's settings and the keys of others."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0020"
down_revision = "0017"

_STATES = "('reported', 'accepted', 'with_body', 'fixed', 'rejected', 'duplicate', 'reopened')"
_PUBLICATIONS = "('waiting', 'shown', 'withheld')"
_DEEDS = (
    "('reported', 'shown', 'withheld', 'accepted', 'handed_over', 'fixed', 'rejected', 'merged', 'reopened', "
    "'confirmed')"
)


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE hazard_settings (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          categories jsonb NOT NULL,
          anyone_reopens boolean NOT NULL,
          kept_days integer NOT NULL CHECK (kept_days BETWEEN 30 AND 1095),
          last_number integer NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id)
        )
        """
    )
    hromada_table("hazard_settings")
    op.execute(
        """
        CREATE TABLE report_key (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          title text NOT NULL,
          digest bytea NOT NULL,
          created_at timestamptz NOT NULL,
          created_by_name text NOT NULL,
          revoked_at timestamptz,
          used_on date,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, digest)
        )
        """
    )
    hromada_table("report_key")
    op.execute(
        f"""
        CREATE TABLE hazard (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          number integer NOT NULL CHECK (number > 0),
          category text NOT NULL,
          state text NOT NULL CHECK (state IN {_STATES}),
          publication text NOT NULL CHECK (publication IN {_PUBLICATIONS}),
          channel text NOT NULL CHECK (channel IN ('portal', 'phone', 'reception', 'integration')),
          latitude double precision,
          longitude double precision,
          address text NOT NULL,
          public_address text NOT NULL,
          text text NOT NULL,
          public_text text NOT NULL,
          note text NOT NULL,
          contact_name text NOT NULL,
          contact_phone text NOT NULL,
          contact_email text NOT NULL,
          reported_at timestamptz NOT NULL,
          updated_at timestamptz NOT NULL,
          registered_by text NOT NULL,
          registered_by_name text NOT NULL,
          key_id uuid,
          body_id uuid,
          body_title text NOT NULL,
          duplicate_of uuid,
          confirmations integer NOT NULL CHECK (confirmations >= 0),
          changes integer NOT NULL,
          closed_on date,
          forgotten_on date,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, number),
          FOREIGN KEY (hromada_id, key_id) REFERENCES report_key (hromada_id, id),
          FOREIGN KEY (hromada_id, duplicate_of) REFERENCES hazard (hromada_id, id) DEFERRABLE INITIALLY DEFERRED,
          CHECK ((latitude IS NULL) = (longitude IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX hazard_public ON hazard (hromada_id, reported_at DESC, id DESC)")
    op.execute("CREATE INDEX hazard_place ON hazard (hromada_id, category, latitude)")
    op.execute("CREATE INDEX hazard_closed ON hazard (hromada_id, closed_on) WHERE forgotten_on IS NULL")
    hromada_table("hazard")
    op.execute(
        f"""
        CREATE TABLE hazard_step (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          hazard_id uuid NOT NULL,
          deed text NOT NULL CHECK (deed IN {_DEEDS}),
          state text NOT NULL CHECK (state IN {_STATES}),
          publication text NOT NULL CHECK (publication IN {_PUBLICATIONS}),
          happened_on date NOT NULL,
          note text NOT NULL,
          is_of_office boolean NOT NULL,
          body_title text NOT NULL,
          hazard_version integer NOT NULL,
          at timestamptz NOT NULL,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, hazard_id) REFERENCES hazard (hromada_id, id)
        )
        """
    )
    op.execute("CREATE INDEX hazard_step_of ON hazard_step (hromada_id, hazard_id, id)")
    hromada_table("hazard_step")
    op.execute(
        """
        CREATE TABLE hazard_follower (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          hazard_id uuid NOT NULL,
          code_hash bytea NOT NULL,
          is_reporter boolean NOT NULL,
          channel text CHECK (channel IN ('email', 'sms')),
          address text NOT NULL,
          language text NOT NULL,
          agreed_at timestamptz,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, code_hash),
          FOREIGN KEY (hromada_id, hazard_id) REFERENCES hazard (hromada_id, id),
          CHECK ((channel IS NULL) = (address = ''))
        )
        """
    )
    op.execute("CREATE INDEX hazard_follower_of ON hazard_follower (hromada_id, hazard_id)")
    hromada_table("hazard_follower", "SELECT, INSERT, UPDATE, DELETE")
    op.execute(
        """
        CREATE TABLE hazard_confirmation (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          hazard_id uuid NOT NULL,
          visitor bytea NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, hazard_id, visitor),
          FOREIGN KEY (hromada_id, hazard_id) REFERENCES hazard (hromada_id, id)
        )
        """
    )
    hromada_table("hazard_confirmation", "SELECT, INSERT, DELETE")
