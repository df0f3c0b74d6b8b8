"""Migrations: alembic's revisions in a service's `migrations` folder, run under the service's BYPASSRLS login.

A revision makes a table and then says whose it is: `hromada_table` or `platform_table`. The catalogue test finds a
table of which neither was said.
"""

from functools import cache
from importlib.resources import files
from typing import Any

from alembic import op
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

_LOCK = 7_051_310_401
"""Advisory lock: two replicas that start at once migrate one after the other."""


def _scripts(package: str) -> tuple[Config, Any]:
    folder = str(files(package) / "migrations")
    config = Config()
    config.set_main_option("script_location", folder)
    config.set_main_option("version_locations", folder)
    config.set_main_option("path_separator", "os")
    return config, ScriptDirectory.from_config(config)


@cache
def newest_revision(package: str) -> str:
    """What a service's database is at once it is migrated."""
    return str(_scripts(package)[1].get_current_head())


async def migrate(package: str, url: str) -> list[str]:
    """Brings the service's database to its newest revision and tells which revisions ran."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    config, scripts = _scripts(package)
    ran: list[str] = []

    def upgrade(connection: Connection) -> None:
        def steps(revision: Any, context: Any) -> Any:
            found: list[Any] = scripts._upgrade_revs("head", revision)
            ran.extend(step.revision.revision for step in found)
            return found

        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        with EnvironmentContext(config, scripts, fn=steps) as environment:
            environment.configure(connection=connection, transactional_ddl=False)
            environment.run_migrations()

    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()
    return ran


def service_name() -> str:
    """Whose database this is; its roles are called after it."""
    return str(op.get_bind().execute(text("SELECT current_database()")).scalar_one())


def _owned(table: str, grants: str) -> None:
    service = service_name()
    op.execute(f'ALTER TABLE "{table}" OWNER TO "{service}_owner"')
    op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    op.execute(f'GRANT SELECT, DELETE ON "{table}" TO "{service}_tenancy"')
    if grants:
        op.execute(f'GRANT {grants} ON "{table}" TO "{service}_app"')


def hromada_table(table: str, grants: str = "SELECT, INSERT, UPDATE", *, stays: str = "") -> None:
    """The table's rows belong to hromadas: forced row-level security by `hromada_id`.

    Args:
        table: its name.
        grants: what the service may do.
        stays: why its rows do not leave with their hromada; kept as its comment. Everything else leaves.
    """
    _owned(table, grants)
    if stays:
        _comment(table, f"stays: {stays}")
    op.execute(
        f'CREATE POLICY hromada ON "{table}" USING (hromada_id = (SELECT current_hromada())) '
        "WITH CHECK (hromada_id = (SELECT current_hromada()))"
    )


def _comment(table: str, said: str) -> None:
    quoted = said.replace("'", "''")
    op.execute(f"COMMENT ON TABLE \"{table}\" IS '{quoted}'")


def platform_table(
    table: str, reason: str, *, grants: str = "SELECT, INSERT, UPDATE", relay: str = "", rows: str = "true"
) -> None:
    """The table belongs to the platform, for a reason that is kept as its comment.

    Args:
        table: its name.
        reason: why its rows belong to no one hromada, or are needed before one is known.
        grants: what the service may do.
        relay: what the relay may do.
        rows: which rows the service may touch.
    """
    _owned(table, grants)
    service = service_name()
    _comment(table, f"platform: {reason}")
    op.execute(f'CREATE POLICY platform ON "{table}" TO "{service}_app" USING ({rows}) WITH CHECK ({rows})')
    if relay:
        op.execute(f'GRANT {relay} ON "{table}" TO "{service}_relay"')
        op.execute(f'CREATE POLICY relay ON "{table}" TO "{service}_relay" USING (true) WITH CHECK (true)')


def current_hromada() -> None:
    """Makes the function that the policies ask. First thing in a service's first revision."""
    op.execute(
        "CREATE FUNCTION current_hromada() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS "
        "$$SELECT nullif(current_setting('app.hromada', true), '')::uuid$$"
    )


def text_functions() -> None:
    """Makes the functions that a search and a list by name stand on, both of the text alone.

    `folded` is how texts are compared: small letters, one space between words and one at each end, without
    apostrophes; ґ as г, letters of Latin or Russian as the Ukrainian ones that they are typed for. `ukrainian_order`
    sorts as the alphabet does, by code point: no collation of the server is needed.
    """
    for statement in _TEXT_FUNCTIONS:
        op.execute(statement)


def search_function(signature: str, returns: str, body: str, reads: str) -> None:
    """Makes a function that finds rows by an index that row-level security would keep the planner off.

    It is owned by the role that looks past the policies, so its body must say `hromada_id = current_hromada()` itself:
    the catalogue test looks.

    Args:
        signature: its name and arguments.
        returns: what it returns.
        body: one SQL statement.
        reads: the tables that it reads.
    """
    service = service_name()
    name, _, arguments = signature.partition("(")
    op.execute(
        f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER "
        f"SET search_path = public, pg_temp AS $${body}$$"
    )
    types = ", ".join(argument.split()[-1] for argument in arguments.rstrip(")").split(","))
    op.execute(f'GRANT SELECT ON {reads} TO "{service}_search"')
    op.execute(f'ALTER FUNCTION {name}({types}) OWNER TO "{service}_search"')
    op.execute(f"REVOKE ALL ON FUNCTION {name}({types}) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION {name}({types}) TO "{service}_app"')


def kit_tables() -> None:
    """Makes what the kit itself keeps in a service's database: outbox, inbox, requests, attempts."""
    for statement in _KIT_TABLES:
        op.execute(statement)
    platform_table(
        "outbox",
        "events of every hromada leave through one relay",
        grants="INSERT",
        relay="SELECT, UPDATE, DELETE",
        rows="hromada_id = (SELECT current_hromada())",
    )
    op.execute(f'ALTER SEQUENCE outbox_seq_seq OWNER TO "{service_name()}_owner"')
    op.execute(f'GRANT USAGE ON SEQUENCE outbox_seq_seq TO "{service_name()}_app"')
    everything = "SELECT, INSERT, UPDATE, DELETE"
    platform_table(
        "inbox", "an event is known by its id, whosever it is", grants="SELECT, INSERT", relay="SELECT, DELETE"
    )
    platform_table("request", "an operator's requests name no hromada", grants=everything, relay="SELECT, DELETE")
    platform_table("attempt", "throttled callers belong to no hromada", grants=everything, relay="SELECT, DELETE")


def vault_table() -> None:
    """Makes the table of data keys, for a service that seals values of its rows. A call sees its own hromada's only."""
    op.execute(
        """
        CREATE TABLE data_key (
          id uuid PRIMARY KEY,
          hromada_id uuid,
          number integer NOT NULL,
          wrapped_by text NOT NULL,
          wrapped bytea NOT NULL,
          created_at timestamptz NOT NULL,
          UNIQUE NULLS NOT DISTINCT (hromada_id, number)
        )
        """
    )
    platform_table(
        "data_key",
        "the platform seals secrets of persons, who belong to no hromada",
        grants="SELECT, INSERT",
        rows="hromada_id IS NOT DISTINCT FROM (SELECT current_hromada())",
    )


def job_table() -> None:
    """Makes the table of jobs, for a service that does something later or every day."""
    op.execute(
        """
        CREATE TABLE job (
          id uuid PRIMARY KEY,
          hromada_id uuid NOT NULL,
          slug text NOT NULL,
          name text NOT NULL,
          key text NOT NULL,
          said jsonb NOT NULL,
          due_at timestamptz NOT NULL,
          tries integer NOT NULL,
          cause text,
          done_at timestamptz,
          UNIQUE (hromada_id, name, key)
        )
        """
    )
    op.execute("CREATE INDEX job_waiting ON job (due_at) WHERE done_at IS NULL")
    op.execute("CREATE INDEX job_done ON job (done_at) WHERE done_at IS NOT NULL")
    platform_table("job", "a job is found before its hromada is entered", grants="SELECT, INSERT, UPDATE, DELETE")


def audit_tables() -> None:
    """Makes the table of what the trail keeps, and the relay's count of each hromada's rows."""
    for statement in _AUDIT_TABLES:
        op.execute(statement)
    own = "hromada_id = (SELECT current_hromada())"
    columns = "id, version, hromada_id, at, subject, method, records, numbers, purpose, outcome"
    platform_table(
        "audit",
        "rows of every hromada are numbered and leave through one relay",
        grants=f"INSERT ({columns})",
        relay="SELECT, UPDATE (number, published_at), DELETE",
        rows=own,
    )
    platform_table("audit_count", "the relay numbers every hromada's rows", grants="", relay="SELECT, INSERT, UPDATE")


_TEXT_FUNCTIONS = (
    r"""
    CREATE FUNCTION folded(said text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
      SELECT ' ' || btrim(regexp_replace(translate(lower(said),
        'ґёэыaceiopxykmthbъ''’ʼ`´‘ʹ′＇', 'гееиасеіорхукмтнв'), '[^[:alnum:]]+', ' ', 'g')) || ' '
    $$
    """,
    """
    CREATE FUNCTION ukrainian_order(said text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
      SELECT translate(lower(said),
        'абвгґдеєжзиіїйклмнопрстуфхцчшщьюя''’ʼ`´‘ʹ′＇', 'абвгдежзийклмнопрстуфхцчшщъыьэюяѐ')
    $$
    """,
)


def tenancy_tables() -> None:
    """Makes what a hromada needs to come from another installation, and to be erased. After everything else of the kit.

    The service itself deletes nothing: a function does, all of a hromada's rows or none, whichever table they are in.
    """
    service = service_name()
    op.execute("ALTER TABLE inbox ADD COLUMN hromada_id uuid")
    op.execute("CREATE INDEX inbox_hromada ON inbox (hromada_id)")
    op.execute("CREATE INDEX outbox_hromada ON outbox (hromada_id)")
    op.execute(
        """
        CREATE TABLE arriving (
          hromada_id uuid NOT NULL,
          id uuid NOT NULL,
          version integer NOT NULL,
          part text NOT NULL,
          number integer NOT NULL,
          sealed bytea NOT NULL,
          PRIMARY KEY (hromada_id, id),
          UNIQUE (hromada_id, part, number)
        )
        """
    )
    hromada_table("arriving", "SELECT, INSERT, DELETE", stays="laid aside until all of a hromada has come")
    for statement in _TENANCY_FUNCTIONS:
        op.execute(statement.format(service=service))


_TENANCY_FUNCTIONS = (
    """
    DO $$ DECLARE named text; BEGIN
      FOR named IN SELECT c.relname FROM pg_class c
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'
      LOOP EXECUTE format('GRANT SELECT, DELETE ON %I TO "{service}_tenancy"', named); END LOOP;
    END $$
    """,
    'GRANT INSERT ON audit_count TO "{service}_tenancy"',
    """
    CREATE FUNCTION trail_state(OUT last bigint, OUT leaving bigint) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public AS $$
      SELECT coalesce((SELECT c.last FROM audit_count c WHERE c.hromada_id = current_hromada()), 0),
        (SELECT count(*) FROM audit WHERE hromada_id = current_hromada() AND published_at IS NULL)
        + (SELECT count(*) FROM outbox WHERE hromada_id = current_hromada() AND published_at IS NULL)
    $$
    """,
    """
    CREATE FUNCTION continue_trail(after bigint) RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = public AS $$
      INSERT INTO audit_count (hromada_id, last) SELECT current_hromada(), after WHERE after > 0
      ON CONFLICT DO NOTHING
    $$
    """,
    """
    CREATE FUNCTION erase_hromada(slug text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public AS $$
    DECLARE
      waiting oid[]; chosen oid; named text; gone bigint; total bigint := 0;
    BEGIN
      SELECT array_agg(c.oid ORDER BY c.relname) INTO waiting FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attname = 'hromada_id';
      WHILE cardinality(waiting) > 0 LOOP
        SELECT w INTO STRICT chosen FROM unnest(waiting) w WHERE NOT EXISTS (
          SELECT FROM pg_constraint k
          WHERE k.contype = 'f' AND k.confrelid = w AND k.conrelid <> w AND k.conrelid = ANY(waiting)
        ) LIMIT 1;
        SELECT relname INTO named FROM pg_class WHERE oid = chosen;
        EXECUTE format('DELETE FROM %I WHERE hromada_id = $1', named) USING current_hromada();
        GET DIAGNOSTICS gone = ROW_COUNT;
        total := total + gone;
        waiting := array_remove(waiting, chosen);
      END LOOP;
      DELETE FROM request WHERE scope = slug;
      GET DIAGNOSTICS gone = ROW_COUNT;
      RETURN total + gone;
    END
    $$
    """,
    *(
        statement
        for signature in ("trail_state()", "continue_trail(bigint)", "erase_hromada(text)")
        for statement in (
            f'ALTER FUNCTION {signature} OWNER TO "{{service}}_tenancy"',
            f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
            f'GRANT EXECUTE ON FUNCTION {signature} TO "{{service}}_app"',
        )
    ),
)

_AUDIT_TABLES = (
    """
    CREATE TABLE audit (
      id uuid PRIMARY KEY,
      version integer NOT NULL,
      hromada_id uuid NOT NULL,
      at timestamptz NOT NULL,
      subject text NOT NULL,
      method text NOT NULL,
      records text[] NOT NULL,
      numbers text[] NOT NULL,
      purpose text NOT NULL,
      outcome text NOT NULL,
      number bigint,
      published_at timestamptz,
      UNIQUE (hromada_id, number)
    )
    """,
    "CREATE INDEX audit_unnumbered ON audit (id) WHERE number IS NULL",
    "CREATE INDEX audit_waiting ON audit (hromada_id, number) WHERE published_at IS NULL",
    "CREATE INDEX audit_published ON audit (published_at) WHERE published_at IS NOT NULL",
    "CREATE TABLE audit_count (hromada_id uuid PRIMARY KEY, last bigint NOT NULL)",
)

_KIT_TABLES = (
    """
    CREATE TABLE outbox (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      event_id uuid NOT NULL UNIQUE,
      hromada_id uuid,
      subject text NOT NULL,
      headers jsonb NOT NULL,
      body bytea NOT NULL,
      occurred_at timestamptz NOT NULL,
      published_at timestamptz
    )
    """,
    "CREATE INDEX outbox_waiting ON outbox (seq) WHERE published_at IS NULL",
    "CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL",
    """
    CREATE TABLE inbox (
      event_id uuid PRIMARY KEY,
      handled_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE request (
      scope text NOT NULL,
      caller text NOT NULL,
      method text NOT NULL,
      request_id uuid NOT NULL,
      payload_hash bytea NOT NULL,
      response bytea,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (scope, caller, method, request_id)
    )
    """,
    """
    CREATE TABLE attempt (
      key bytea NOT NULL,
      since timestamptz NOT NULL,
      count integer NOT NULL,
      PRIMARY KEY (key)
    )
    """,
)
