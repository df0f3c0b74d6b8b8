"""Recordings: which cameras are recorded, what is kept where, and what must not be overwritten."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE recording_plan (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          camera_id uuid NOT NULL,
          mode text NOT NULL CHECK (mode IN ('always', 'on_event', 'off')),
          rendition text NOT NULL CHECK (rendition IN ('main', 'sub')),
          event_until timestamptz,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, camera_id),
          FOREIGN KEY (hromada_id, camera_id) REFERENCES camera (hromada_id, id)
        )
        """
    )
    hromada_table("recording_plan")
    op.execute(
        """
        CREATE TABLE recording (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          camera_id uuid NOT NULL,
          rendition text NOT NULL CHECK (rendition IN ('main', 'sub')),
          from_at timestamptz NOT NULL,
          to_at timestamptz NOT NULL,
          path text NOT NULL,
          bytes bigint NOT NULL,
          epoch bigint NOT NULL,
          codecs text NOT NULL,
          is_break boolean NOT NULL,
          cuts integer[] NOT NULL,
          ticks integer[] NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, path),
          FOREIGN KEY (hromada_id, camera_id) REFERENCES camera (hromada_id, id),
          CHECK (from_at < to_at),
          CHECK (cardinality(cuts) = cardinality(ticks) + 1)
        )
        """
    )
    op.execute("CREATE INDEX recording_of_camera ON recording (hromada_id, camera_id, from_at)")
    op.execute("CREATE INDEX recording_oldest ON recording (hromada_id, to_at)")
    hromada_table("recording", "SELECT, INSERT, UPDATE, DELETE")
    op.execute(
        """
        CREATE TABLE hold (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          camera_id uuid NOT NULL,
          from_at timestamptz NOT NULL,
          to_at timestamptz NOT NULL,
          case_reference text NOT NULL CHECK (case_reference <> ''),
          reason text NOT NULL,
          held_at timestamptz NOT NULL,
          held_by text NOT NULL,
          released_at timestamptz,
          released_by text,
          released_because text NOT NULL,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, camera_id) REFERENCES camera (hromada_id, id),
          CHECK (from_at < to_at),
          CHECK (num_nulls(released_at, released_by) IN (0, 2))
        )
        """
    )
    op.execute("CREATE INDEX hold_of_camera ON hold (hromada_id, camera_id, from_at)")
    hromada_table("hold")
    op.execute(
        """
        CREATE TABLE tidying (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          ran_at timestamptz NOT NULL,
          kept_bytes bigint NOT NULL,
          is_full boolean NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id)
        )
        """
    )
    hromada_table("tidying", stays="it says how full this installation's folder is")
    op.execute("ALTER TABLE view ADD COLUMN from_at timestamptz, ADD COLUMN to_at timestamptz")
    op.execute("ALTER TABLE view ADD COLUMN purpose text NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE view DROP CONSTRAINT view_reason_check")
    op.execute(
        "ALTER TABLE view ADD CHECK (reason IN ('duty', 'incident', 'mass_event', 'check', 'archive')), "
        "ADD CHECK ((reason = 'archive') = (num_nulls(from_at, to_at) = 0)), ADD CHECK (from_at < to_at), "
        "ADD CHECK (reason <> 'archive' OR (purpose <> '' AND case_reference <> ''))"
    )
