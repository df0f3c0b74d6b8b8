"""An appeal may be given to a colleague."""

from alembic import op

revision = "0041"
down_revision = "0040"

_DECIDED = (
    "'returned', 'forwarded', 'not_considered', 'marked_simple', 'extension_asked', 'extended', 'extension_declined', "
    "'shortened', 'body_answered', 'handed_over', 'reassigned'"
)
_DEEDS = {
    "appeal_step": f"'registered', 'taken', 'answered', 'warned', 'breached', {_DECIDED}",
    "appeal_decision": _DECIDED,
}


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE appeal_decision
          ADD COLUMN colleague text NOT NULL DEFAULT '',
          ADD COLUMN colleague_name text NOT NULL DEFAULT ''
        """
    )
    for table, deeds in _DEEDS.items():
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_deed_check, "
            f"ADD CONSTRAINT {table}_deed_check CHECK (deed IN ({deeds}))"
        )
