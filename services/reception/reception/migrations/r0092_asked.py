"""By the code of what waits to be sorted its person may ask for their data; in confidence that too is the head's."""

from alembic import op

revision = "0092"
down_revision = "0091"

_STATEMENTS = (
    """
    ALTER TABLE person_request
      ADD COLUMN submission_id uuid,
      ADD FOREIGN KEY (hromada_id, submission_id) REFERENCES submission (hromada_id, id),
      ADD CHECK (num_nonnulls(appeal_id, submission_id) < 2)
    """,
    "CREATE INDEX person_request_of_submission ON person_request (hromada_id, submission_id) "
    "WHERE submission_id IS NOT NULL",
    # Whoever sees what was sent, by the policies of its own table, sees what was asked about it.
    """
    CREATE POLICY confidence ON person_request AS RESTRICTIVE USING (
      submission_id IS NULL OR EXISTS (
        SELECT FROM submission
        WHERE submission.hromada_id = person_request.hromada_id AND submission.id = person_request.submission_id
      )
    ) WITH CHECK (true)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
