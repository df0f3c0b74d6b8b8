"""Cameras, their sources, and who looked at them."""

from alembic import op
from kit.database.migrations import (
    audit_tables,
    current_hromada,
    hromada_table,
    kit_tables,
    tenancy_tables,
    vault_table,
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    current_hromada()
    kit_tables()
    audit_tables()
    vault_table()
    tenancy_tables()
    op.execute(
        """
        CREATE TABLE camera (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          state text NOT NULL CHECK (state IN ('draft', 'documented', 'active', 'suspended')),
          suspended_because text NOT NULL,
          created_at timestamptz NOT NULL,
          connected_at timestamptz,
          title text NOT NULL,
          address text NOT NULL,
          latitude double precision,
          longitude double precision,
          direction integer CHECK (direction BETWEEN 0 AND 359),
          angle integer CHECK (angle BETWEEN 1 AND 360),
          range integer CHECK (range > 0),
          owner text NOT NULL CHECK (owner IN ('municipal', 'private')),
          owner_name text NOT NULL,
          agreement_number text NOT NULL,
          agreement_from date,
          agreement_until date,
          purpose text NOT NULL,
          regulation_act text NOT NULL,
          regulation_number text NOT NULL,
          regulation_adopted_on date,
          regulation_until date,
          retention_limit_hours integer NOT NULL,
          sign_posted_on date,
          retention_hours integer CHECK (retention_hours >= 0),
          masks jsonb NOT NULL,
          masks_itself boolean NOT NULL,
          recognises text[] NOT NULL,
          recognition_ground text NOT NULL,
          inventory_number text NOT NULL,
          model text NOT NULL,
          installed_on date,
          always_on boolean NOT NULL,
          PRIMARY KEY (hromada_id, id),
          CHECK (num_nulls(latitude, longitude) IN (0, 2))
        )
        """
    )
    hromada_table("camera")
    op.execute(
        """
        CREATE TABLE camera_source (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          camera_id uuid NOT NULL,
          kind text NOT NULL CHECK (kind IN ('rtsp', 'rtsp_udp', 'mjpeg', 'hls', 'rtmp', 'film')),
          host text NOT NULL,
          has_sub_stream boolean NOT NULL,
          has_login boolean NOT NULL,
          sealed bytea NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, camera_id),
          FOREIGN KEY (hromada_id, camera_id) REFERENCES camera (hromada_id, id)
        )
        """
    )
    hromada_table("camera_source")
    op.execute(
        """
        CREATE TABLE view (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          viewer text NOT NULL,
          viewer_pseudonym text NOT NULL,
          viewer_name text NOT NULL,
          reason text NOT NULL CHECK (reason IN ('duty', 'incident', 'mass_event', 'check')),
          case_reference text NOT NULL,
          started_at timestamptz NOT NULL,
          ended_at timestamptz,
          ending text CHECK (ending IN ('ended', 'lapsed', 'revoked')),
          PRIMARY KEY (hromada_id, id),
          CHECK (num_nulls(ended_at, ending) IN (0, 2))
        )
        """
    )
    op.execute("CREATE INDEX view_open ON view (hromada_id) WHERE ended_at IS NULL")
    hromada_table("view")
    op.execute(
        """
        CREATE TABLE viewed_camera (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          view_id uuid NOT NULL,
          camera_id uuid NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, view_id, camera_id),
          FOREIGN KEY (hromada_id, view_id) REFERENCES view (hromada_id, id),
          FOREIGN KEY (hromada_id, camera_id) REFERENCES camera (hromada_id, id)
        )
        """
    )
    op.execute("CREATE INDEX viewed_camera_newest ON viewed_camera (hromada_id, camera_id, id DESC)")
    hromada_table("viewed_camera", "SELECT, INSERT")
