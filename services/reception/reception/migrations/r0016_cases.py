"""Sensitive cases: named staff alone see them, no search finds them; what leaves the appeals' track is handed over."""

from alembic import op
from kit.database.migrations import hromada_table, search_function

revision = "0016"
down_revision = "0015"

_DEEDS = (
    "('registered', 'taken', 'answered', 'returned', 'forwarded', 'not_considered', 'marked_simple', "
    "'extension_asked', 'extended', 'extension_declined', 'shortened', 'warned', 'breached', 'body_answered', "
    "'handed_over')"
)
_DECIDED = (
    "('returned', 'forwarded', 'not_considered', 'marked_simple', 'extension_asked', 'extended', "
    "'extension_declined', 'shortened', 'body_answered', 'handed_over')"
)
_KINDS = "('domestic_violence', 'children', 'probation')"

_RESTRICTED = (
    f"""
    ALTER TABLE appeal
      ADD COLUMN sensitivity text CHECK (sensitivity IN {_KINDS}),
      ADD COLUMN named text[] NOT NULL DEFAULT '{{}}',
      ADD CHECK ((sensitivity IS NULL) = (named = '{{}}'))
    """,
    "CREATE INDEX appeal_sensitive ON appeal (hromada_id, due_on, id) WHERE sensitivity IS NOT NULL",
    "CREATE FUNCTION current_person() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS "
    "$$SELECT coalesce(current_setting('app.person', true), '')$$",
    # Besides the named: the holder of the secret code, who is nobody, and the service's own jobs.
    """
    CREATE POLICY named ON appeal AS RESTRICTIVE USING (
      sensitivity IS NULL OR (SELECT current_person()) = ANY (named) OR (SELECT current_person()) = ''
      OR starts_with((SELECT current_person()), 'job.')
    ) WITH CHECK (true)
    """,
    "ALTER TABLE appeal DROP COLUMN words",
    """
    ALTER TABLE appeal ADD COLUMN words tsvector GENERATED ALWAYS AS (
      CASE WHEN sensitivity IS NULL THEN appeal_words(number, applicant_name, residence, phone, text)
           ELSE ''::tsvector END) STORED
    """,
    "CREATE INDEX appeal_by_words ON appeal USING gin (hromada_id, words)",
    "DROP TRIGGER learn_words ON appeal",
    """
    CREATE TRIGGER learn_words
      AFTER INSERT OR UPDATE OF number, applicant_name, residence, phone, text, sensitivity ON appeal
      FOR EACH ROW EXECUTE FUNCTION learn_appeal_words()
    """,
)


def upgrade() -> None:
    for statement in _RESTRICTED:
        op.execute(statement)
    op.execute(
        f"""
        CREATE TABLE case_change (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          appeal_id uuid NOT NULL,
          change text NOT NULL CHECK (change IN ('marked', 'named', 'removed', 'ended')),
          sensitivity text NOT NULL CHECK (sensitivity IN {_KINDS}),
          person text NOT NULL,
          person_name text NOT NULL,
          changed_by text NOT NULL,
          changed_by_name text NOT NULL,
          changed_at timestamptz NOT NULL,
          reason text NOT NULL,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, appeal_id) REFERENCES appeal (hromada_id, id)
        )
        """
    )
    op.execute("CREATE INDEX case_change_by_appeal ON case_change (hromada_id, appeal_id, id)")
    hromada_table("case_change", "SELECT, INSERT")
    for table, column, deeds in (("appeal_step", "deed", _DEEDS), ("appeal_decision", "deed", _DECIDED)):
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_check, "
            f"ADD CONSTRAINT {table}_{column}_check CHECK ({column} IN {deeds})"
        )
    op.execute(
        """
        ALTER TABLE handover
          ADD COLUMN appeal_id uuid,
          ADD COLUMN handed_by text NOT NULL DEFAULT '',
          ADD COLUMN handed_by_name text NOT NULL DEFAULT '',
          ADD FOREIGN KEY (hromada_id, appeal_id) REFERENCES appeal (hromada_id, id)
        """
    )
    search_function(
        "counted_appeals(first date, last date)",
        "TABLE (channel text, repeat text, kind text, signatories integer, outcome text, codes text[], state text, "
        "area text, sensitivity text)",
        """
        SELECT channel, repeat, kind, signatories, outcome, codes, state, area, sensitivity FROM appeal
        WHERE appeal.hromada_id = current_hromada() AND received_on BETWEEN first AND last
        """,
        "appeal",
    )
