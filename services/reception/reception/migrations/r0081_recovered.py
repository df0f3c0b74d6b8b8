"""A sensitive case whose named staff have all left is opened again by the head."""

from alembic import op
from kit.database.migrations import search_function, service_name

revision = "0081"
down_revision = "0080"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE case_change DROP CONSTRAINT case_change_change_check, ADD CONSTRAINT case_change_change_check "
        "CHECK (change IN ('marked', 'named', 'removed', 'ended', 'recovered'))"
    )
    search_function(
        "sensitive_circles(which uuid)",
        "TABLE (id uuid, version integer, number text, named text[])",
        """
        SELECT id, version, number, named FROM appeal
        WHERE appeal.hromada_id = current_hromada() AND sensitivity IS NOT NULL AND (which IS NULL OR id = which)
        ORDER BY due_on, id
        """,
        "appeal",
    )
    # What no policy lets anybody do: the circle of a case that nobody sees becomes one person. Nothing else of it can
    # be changed so.
    service = service_name()
    op.execute(
        """
        CREATE FUNCTION recover_case(which uuid, was integer, person text) RETURNS uuid
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        UPDATE appeal SET named = ARRAY[person], version = version + 1
        WHERE appeal.hromada_id = current_hromada() AND id = which AND version = was AND sensitivity IS NOT NULL
        RETURNING id
        $$
        """
    )
    op.execute(f'GRANT UPDATE (named, version) ON appeal TO "{service}_search"')
    op.execute(f'ALTER FUNCTION recover_case(uuid, integer, text) OWNER TO "{service}_search"')
    op.execute("REVOKE ALL ON FUNCTION recover_case(uuid, integer, text) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION recover_case(uuid, integer, text) TO "{service}_app"')
