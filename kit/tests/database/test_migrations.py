"""Migrations: run as often as you like, by as many as you like, each revision runs once."""

import asyncio

import asyncpg
import pytest
from kit.database.migrations import migrate
from kit.servers.postgres import database_name, provision
from kit.testing.containers import AnyPostgres
from kit.testing.ground import PASSWORD, PASSWORDS
from sample.ground import Bare

SCHEMA = """
SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT tablename, policyname, coalesce(qual, '') || coalesce(with_check, '') FROM pg_policies
UNION ALL SELECT table_name, grantee, privilege_type FROM information_schema.table_privileges
  WHERE table_schema = 'public'
ORDER BY 1, 2, 3
"""

REVISIONS = [f"{number:04}" for number in range(1, 9)]


async def fresh(postgres: AnyPostgres, name: str) -> str:
    """An empty database's migration URL."""
    await provision(postgres, name, PASSWORDS)
    return postgres.url(f"{database_name(name)}_migrator", PASSWORD, database_name(name))


async def test_every_revision_runs_in_order_on_an_empty_database(postgres: AnyPostgres) -> None:
    assert await migrate("sample", await fresh(postgres, "kit-empty")) == REVISIONS


async def test_a_second_run_changes_nothing(bare: Bare) -> None:
    before = await bare.as_migrator(SCHEMA)
    assert await migrate("sample", bare.url("migrator")) == []
    assert await bare.as_migrator(SCHEMA) == before


async def test_two_at_once_run_each_revision_once(postgres: AnyPostgres) -> None:
    url = await fresh(postgres, "kit-twice")
    ran = await asyncio.gather(migrate("sample", url), migrate("sample", url))
    assert sorted(ran) == [[], REVISIONS]


async def test_a_revision_that_fails_leaves_nothing_behind(postgres: AnyPostgres) -> None:
    url = await fresh(postgres, "kit-failing")
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE line (in_the_way int)")
    with pytest.raises(Exception, match="already exists"):
        await migrate("sample", url)
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert [table["tablename"] for table in tables] == ["line"]


@pytest.mark.parametrize("table", ["note", "line", "outbox", "inbox", "request", "attempt"])
async def test_row_level_security_is_forced_on(bare: Bare, table: str) -> None:
    found = await bare.as_migrator(
        "SELECT relrowsecurity AND relforcerowsecurity AS forced, pg_get_userbyid(relowner) AS owner "
        "FROM pg_class WHERE oid = $1::regclass",
        table,
    )
    assert dict(found[0]) == {"forced": True, "owner": "kit_bare_owner"}


@pytest.mark.parametrize("table", ["outbox", "inbox", "request", "attempt"])
async def test_a_table_of_the_platform_says_why_it_is(bare: Bare, table: str) -> None:
    found = await bare.as_migrator("SELECT obj_description($1::regclass) AS why", table)
    assert found[0]["why"].startswith("platform: ")
