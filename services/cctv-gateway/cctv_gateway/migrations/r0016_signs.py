"""Photos of the signs that tell of cameras, and the jobs that tidy up after them."""

from alembic import op
from kit.database.migrations import hromada_table, job_table

revision = "0016"
down_revision = "0012"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE sign_photo (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          sealed_key bytea,
          kept bigint NOT NULL,
          camera_id uuid NOT NULL,
          filename text NOT NULL,
          media_type text NOT NULL,
          size bigint NOT NULL,
          sha256 bytea NOT NULL,
          uploaded_by text NOT NULL,
          created_at timestamptz NOT NULL,
          removed_by text NOT NULL,
          removed_at timestamptz,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, camera_id) REFERENCES camera (hromada_id, id) ON DELETE CASCADE,
          CHECK ((removed_at IS NULL) = (sealed_key IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX sign_photo_of_camera ON sign_photo (hromada_id, camera_id, id)")
    hromada_table("sign_photo")
    job_table()
