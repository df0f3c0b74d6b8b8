"""How cameras fare: the newest that is known of each, alarms, and how long each was up on which day."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE camera_health (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          camera_id uuid NOT NULL,
          is_up boolean NOT NULL,
          cause text NOT NULL,
          measured_at timestamptz NOT NULL,
          rendition text NOT NULL CHECK (rendition IN ('', 'main', 'sub')),
          frames_per_second double precision,
          bits_per_second bigint,
          key_interval double precision,
          clock_drift double precision,
          width integer NOT NULL,
          height integer NOT NULL,
          by_day bytea,
          by_night bytea,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, camera_id),
          FOREIGN KEY (hromada_id, camera_id) REFERENCES camera (hromada_id, id)
        )
        """
    )
    hromada_table("camera_health")
    op.execute(
        """
        CREATE TABLE alarm (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          camera_id uuid,
          kind text NOT NULL CHECK (kind IN
            ('away', 'frozen', 'black', 'covered', 'moved', 'slow', 'rare_keys', 'clock', 'retention', 'storage')),
          cause text NOT NULL,
          raised_at timestamptz NOT NULL,
          cleared_at timestamptz,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, camera_id) REFERENCES camera (hromada_id, id),
          CHECK ((camera_id IS NULL) = (kind IN ('retention', 'storage')))
        )
        """
    )
    op.execute(
        "CREATE UNIQUE INDEX alarm_open ON alarm (hromada_id, camera_id, kind) NULLS NOT DISTINCT "
        "WHERE cleared_at IS NULL"
    )
    op.execute("CREATE INDEX alarm_of_camera ON alarm (hromada_id, camera_id, id DESC)")
    hromada_table("alarm")
    op.execute(
        """
        CREATE TABLE uptime (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          camera_id uuid NOT NULL,
          day date NOT NULL,
          up_seconds double precision NOT NULL,
          down_seconds double precision NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, camera_id, day),
          FOREIGN KEY (hromada_id, camera_id) REFERENCES camera (hromada_id, id)
        )
        """
    )
    hromada_table("uptime")
