"""Referrals tell of themselves and remind; an office's own letter takes the place of the platform's."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0080"
down_revision = "0070"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE referral ADD COLUMN alarm text NOT NULL DEFAULT 'none' "
        "CHECK (alarm IN ('none', 'near', 'overdue'))"
    )
    op.execute(
        """
        CREATE TABLE referral_step (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          referral_id uuid NOT NULL,
          deed text NOT NULL CHECK (deed IN ('made', 'accepted', 'declined', 'replied', 'overdue')),
          state text NOT NULL CHECK (state IN ('sent', 'accepted', 'declined', 'replied')),
          referral_version integer NOT NULL,
          at timestamptz NOT NULL,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, referral_id) REFERENCES referral (hromada_id, id)
        )
        """
    )
    hromada_table("referral_step", "SELECT, INSERT")
    op.execute(
        """
        CREATE TABLE referral_letter (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          language text NOT NULL CHECK (language IN ('uk', 'en')),
          content bytea,
          changed_at timestamptz NOT NULL,
          changed_by text NOT NULL,
          changed_by_name text NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, language)
        )
        """
    )
    hromada_table("referral_letter")
