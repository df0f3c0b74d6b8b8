"""What waits to be sorted may have files and be erased, is warned of once, and in confidence is the head's alone."""

from alembic import op

revision = "0091"
down_revision = "0090"

_STATEMENTS = (
    """
    ALTER TABLE submission
      ADD COLUMN warned_at timestamptz,
      DROP CONSTRAINT submission_state_check,
      ADD CONSTRAINT submission_state_check CHECK (state IN ('waiting', 'registered', 'handed_over', 'erased'))
    """,
    # Besides the head, for whom reception opens it: who sent it, by their code or as the system that did, and jobs.
    """
    CREATE POLICY confidence ON submission AS RESTRICTIVE USING (
      NOT is_confidential OR (SELECT current_setting('app.confidences', true)) = 'open'
      OR (SELECT current_person()) IN ('', registered_by) OR starts_with((SELECT current_person()), 'job.')
    ) WITH CHECK (true)
    """,
    """
    ALTER TABLE attachment
      ALTER COLUMN appeal_id DROP NOT NULL,
      ADD COLUMN submission_id uuid,
      ADD FOREIGN KEY (hromada_id, submission_id) REFERENCES submission (hromada_id, id) ON DELETE CASCADE,
      ADD CHECK (num_nulls(appeal_id, submission_id) = 1)
    """,
    "CREATE INDEX attachment_of_submission ON attachment (hromada_id, submission_id, id) "
    "WHERE submission_id IS NOT NULL",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
