"""Keys of pseudonyms stand in the vault, and a trail is kept no longer than it must be.

Keys under the service's own key are gone: the trail stays whole, because its seals hold pseudonyms and never keys, and
whoever comes has a new one. What is old is removed by a function alone, bound to the hromada as its owner is: the
service can take nothing out of the middle, nothing younger than a year, and never the newest seal.
"""

from alembic import op

revision = "0008_trail"
down_revision = "0007_vault"

_STATEMENTS = (
    "DELETE FROM pseudonym_key",
    "ALTER TABLE seal ADD COLUMN at timestamptz",
    "UPDATE seal SET at = (content ->> 'at')::timestamptz",
    "ALTER TABLE seal ALTER COLUMN at SET NOT NULL",
    """
    CREATE FUNCTION remove_sealed(before timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public AS $$
    DECLARE
      oldest_kept bigint;
      newest_old bigint;
      removed bigint;
    BEGIN
      SELECT min(number) INTO oldest_kept FROM seal WHERE at >= least(before, now() - interval '1 year');
      SELECT max(number) INTO newest_old FROM seal WHERE oldest_kept IS NULL OR number < oldest_kept;
      DELETE FROM entry WHERE seal <= newest_old;
      GET DIAGNOSTICS removed = ROW_COUNT;
      DELETE FROM seal WHERE number < newest_old;
      RETURN removed;
    END
    $$
    """,
    "ALTER FUNCTION remove_sealed(timestamptz) OWNER TO identity_owner",
    "REVOKE ALL ON FUNCTION remove_sealed(timestamptz) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION remove_sealed(timestamptz) TO identity_app",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
