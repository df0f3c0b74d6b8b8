"""Makes the tables of notices, for a service that tells people something. It needs the jobs' and the vault's too."""

from alembic import op

from kit.database.migrations import hromada_table


def notice_tables() -> None:
    op.execute(
        """
        CREATE TABLE notice (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          about text NOT NULL,
          kind text NOT NULL,
          channel text NOT NULL CHECK (channel IN ('sms', 'email')),
          language text NOT NULL CHECK (language IN ('uk', 'en')),
          agreed_at timestamptz NOT NULL,
          masked text NOT NULL,
          sealed bytea,
          state text NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'bounced', 'withdrawn')),
          trouble text CHECK (trouble IN ('server_away', 'server_busy', 'login_refused', 'no_such_address',
            'mailbox_full', 'refused', 'too_late', 'too_many')),
          tries integer NOT NULL,
          told_at timestamptz NOT NULL,
          next_at timestamptz,
          until timestamptz NOT NULL,
          over_at timestamptz,
          PRIMARY KEY (hromada_id, id),
          CHECK ((state = 'queued') = (over_at IS NULL)),
          CHECK ((state = 'queued') = (next_at IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX notice_about ON notice (hromada_id, about, told_at)")
    op.execute("CREATE INDEX notice_known ON notice (hromada_id, told_at) WHERE sealed IS NOT NULL")
    hromada_table("notice")
    op.execute(
        """
        CREATE TABLE notice_text (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          kind text NOT NULL,
          language text NOT NULL CHECK (language IN ('uk', 'en')),
          subject text NOT NULL,
          body text NOT NULL,
          sms text NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, kind, language)
        )
        """
    )
    hromada_table("notice_text", "SELECT, INSERT, UPDATE, DELETE")
