"""Appeals after Law 393/96-ВР: what is written beside them, their terms, and what is decided on their way."""

from alembic import op
from kit.database.migrations import hromada_table

revision = "0013"
down_revision = "0012"

_STATES = "('registered', 'in_work', 'answered', 'returned', 'forwarded', 'not_considered')"
_DEEDS = (
    "('registered', 'taken', 'answered', 'returned', 'forwarded', 'not_considered', 'marked_simple', "
    "'extension_asked', 'extended', 'extension_declined', 'shortened', 'warned', 'breached', 'body_answered')"
)
_ALARMS = "('none', 'untouched', 'fifteenth_day', 'near', 'last_day', 'breached')"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE register
          ADD COLUMN index_mode text NOT NULL DEFAULT 'sequential'
            CHECK (index_mode IN ('sequential', 'alphabetical')),
          ADD COLUMN privileged jsonb NOT NULL DEFAULT
            '[{"since": "1996-10-02", "code": "7.4", "priority": "head"},
              {"since": "1996-10-02", "code": "7.17", "priority": "head"},
              {"since": "1996-10-02", "code": "7.18", "priority": "head"},
              {"since": "2008-02-07", "code": "7.16", "priority": "first"},
              {"since": "2008-02-07", "code": "7.12", "priority": "first"},
              {"since": "2008-02-07", "code": "7.5", "priority": "first"}]'
        """
    )
    op.execute("ALTER TABLE register ALTER COLUMN index_mode DROP DEFAULT, ALTER COLUMN privileged DROP DEFAULT")
    op.execute(
        f"""
        ALTER TABLE appeal
          DROP CONSTRAINT appeal_channel_check,
          ADD CONSTRAINT appeal_channel_check CHECK (channel IN
            ('portal', 'reception', 'phone', 'post', 'email', 'integration', 'in_person', 'authorised', 'authority',
             'media', 'other_body')),
          DROP CONSTRAINT appeal_state_check,
          ADD CONSTRAINT appeal_state_check CHECK (state IN {_STATES}),
          ADD COLUMN received_on date,
          ADD COLUMN written_on date,
          ADD COLUMN is_signed boolean NOT NULL DEFAULT true,
          ADD COLUMN signatories integer NOT NULL DEFAULT 1 CHECK (signatories >= 1),
          ADD COLUMN repeat text NOT NULL DEFAULT 'first'
            CHECK (repeat IN ('first', 'repeated', 'duplicate', 'multiple', 'mass')),
          ADD COLUMN previous_id uuid,
          ADD COLUMN codes text[] NOT NULL DEFAULT '{{}}',
          ADD COLUMN subjects text[] NOT NULL DEFAULT '{{}}',
          ADD COLUMN priority text NOT NULL DEFAULT 'normal' CHECK (priority IN ('head', 'first', 'normal')),
          ADD COLUMN conceals_identity boolean NOT NULL DEFAULT false,
          ADD COLUMN reply text NOT NULL DEFAULT 'written' CHECK (reply IN ('written', 'oral')),
          ADD COLUMN complained_of uuid,
          ADD COLUMN complained_of_title text NOT NULL DEFAULT '',
          ADD COLUMN sent_from text NOT NULL DEFAULT '',
          ADD COLUMN sent_on date,
          ADD COLUMN sent_index text NOT NULL DEFAULT '',
          ADD COLUMN term text NOT NULL DEFAULT 'general'
            CHECK (term IN ('general', 'simple', 'extended', 'shortened')),
          ADD COLUMN term_until date,
          ADD COLUMN due_on date,
          ADD COLUMN legal_on date,
          ADD COLUMN alarm text NOT NULL DEFAULT 'none' CHECK (alarm IN {_ALARMS}),
          ADD COLUMN asked_until date,
          ADD COLUMN body_answered_on date,
          ADD COLUMN outcome text CHECK (outcome IN
            ('granted', 'refused', 'explained', 'returned', 'forwarded', 'not_considered')),
          ADD COLUMN legal_ground text NOT NULL DEFAULT '',
          ADD COLUMN appeal_procedure text NOT NULL DEFAULT '',
          ADD COLUMN closed_on date,
          ADD FOREIGN KEY (hromada_id, previous_id) REFERENCES appeal (hromada_id, id),
          ADD CHECK ((complained_of IS NULL) = (complained_of_title = ''))
        """
    )
    op.execute("UPDATE appeal SET received_on = (received_at AT TIME ZONE 'Europe/Kyiv')::date")
    op.execute(
        """
        UPDATE appeal SET due_on = (received_on + interval '1 month')::date,
          legal_on = (received_on + interval '1 month')::date,
          closed_on = (answered_at AT TIME ZONE 'Europe/Kyiv')::date,
          outcome = CASE WHEN state = 'answered' THEN 'explained' END
        """
    )
    for column in ("received_on", "due_on", "legal_on"):
        op.execute(f"ALTER TABLE appeal ALTER COLUMN {column} SET NOT NULL")
    op.execute(
        "CREATE INDEX appeal_by_deadline ON appeal (hromada_id, due_on, id) WHERE state IN ('registered', 'in_work')"
    )
    op.execute("CREATE INDEX appeal_by_arrival ON appeal (hromada_id, received_on)")
    op.execute(
        f"""
        ALTER TABLE appeal_step
          DROP CONSTRAINT appeal_step_state_check,
          ADD CONSTRAINT appeal_step_state_check CHECK (state IN {_STATES}),
          ADD COLUMN deed text CHECK (deed IN {_DEEDS}),
          ADD COLUMN alarm text NOT NULL DEFAULT 'none' CHECK (alarm IN {_ALARMS})
        """
    )
    op.execute("UPDATE appeal_step SET deed = CASE state WHEN 'in_work' THEN 'taken' ELSE state END")
    op.execute("ALTER TABLE appeal_step ALTER COLUMN deed SET NOT NULL")
    op.execute(
        """
        CREATE TABLE appeal_decision (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          appeal_id uuid NOT NULL,
          deed text NOT NULL CHECK (deed IN
            ('returned', 'forwarded', 'not_considered', 'marked_simple', 'extension_asked', 'extended',
             'extension_declined', 'shortened', 'body_answered')),
          decided_at timestamptz NOT NULL,
          decided_by text NOT NULL,
          decided_by_name text NOT NULL,
          reason text NOT NULL,
          body uuid,
          body_title text NOT NULL,
          ground text CHECK (ground IN
            ('defect', 'insufficient', 'repeated', 'late', 'incapable', 'anonymous', 'other_procedure')),
          missing text[] NOT NULL,
          until date,
          is_late boolean NOT NULL,
          PRIMARY KEY (hromada_id, id),
          FOREIGN KEY (hromada_id, appeal_id) REFERENCES appeal (hromada_id, id)
        )
        """
    )
    op.execute("CREATE INDEX appeal_decision_by_appeal ON appeal_decision (hromada_id, appeal_id, id)")
    hromada_table("appeal_decision", "SELECT, INSERT")
