"""An organisation may be a unit of another."""

from alembic import op

revision = "0010_parents"
down_revision = "0009_tenancy"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE organisation
          ADD COLUMN parent_id uuid CHECK (parent_id <> id),
          ADD FOREIGN KEY (hromada_id, parent_id) REFERENCES organisation (hromada_id, id)
            DEFERRABLE INITIALLY DEFERRED
        """
    )
    op.execute("CREATE INDEX organisation_parent ON organisation (hromada_id, parent_id) WHERE parent_id IS NOT NULL")
