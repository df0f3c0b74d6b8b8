"""Referrals: to an organisation of the memorandum or to a lawyer, with the person's consent."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE referral (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          appeal_id uuid NOT NULL,
          helper text NOT NULL CHECK (helper IN ('organisation', 'lawyer')),
          organisation uuid,
          title text NOT NULL,
          asks text NOT NULL,
          consented_on date NOT NULL,
          state text NOT NULL CHECK (state IN ('sent', 'accepted', 'declined', 'replied')),
          due_on date NOT NULL,
          sent_at timestamptz NOT NULL,
          sent_by text NOT NULL,
          sent_by_name text NOT NULL,
          accepted_on date,
          ended_on date,
          reply text NOT NULL,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, appeal_id) REFERENCES appeal (hromada_id, id),
          CHECK ((helper = 'organisation') = (organisation IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX referral_by_appeal ON referral (hromada_id, appeal_id, id)")
    op.execute("CREATE INDEX referral_open ON referral (hromada_id, due_on, id) WHERE state IN ('sent', 'accepted')")
    hromada_table("referral")
