"""A request to shorten a term may be declined, and a visit moved to another slot."""

from alembic import op

revision = "0090"
down_revision = "0082"

_DECIDED = (
    "'returned', 'forwarded', 'not_considered', 'marked_simple', 'extension_asked', 'extended', 'extension_declined', "
    "'shortened', 'shortening_declined', 'body_answered', 'handed_over', 'reassigned'"
)
_DEEDS = {
    "appeal_step": f"'registered', 'taken', 'answered', 'warned', 'breached', {_DECIDED}",
    "appeal_decision": _DECIDED,
}
_MOVED = (
    "ALTER TABLE visit_step ADD COLUMN starts_at timestamptz, ADD COLUMN is_move boolean NOT NULL DEFAULT false",
    """
    UPDATE visit_step SET starts_at = visit.starts_at FROM visit
    WHERE visit.hromada_id = visit_step.hromada_id AND visit.id = visit_step.visit_id
    """,
    "ALTER TABLE visit_step ALTER COLUMN starts_at SET NOT NULL",
)


def upgrade() -> None:
    for table, deeds in _DEEDS.items():
        op.execute(
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_deed_check, "
            f"ADD CONSTRAINT {table}_deed_check CHECK (deed IN ({deeds}))"
        )
    op.execute("ALTER TABLE appeal ADD COLUMN shortening_declined_at timestamptz")
    for statement in _MOVED:
        op.execute(statement)
