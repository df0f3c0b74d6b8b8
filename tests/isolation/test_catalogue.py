"""What PostgreSQL's own catalogue says of every service's tables: isolation is checked there, not remembered."""

import re
from dataclasses import dataclass

import asyncpg
import pytest
from kit.servers.postgres import database_name

from tests.world import World

EXEMPT = {"alembic_version"}
"""Kept by the migrations and reached only under their login."""

TABLES = """
SELECT c.oid, c.relname AS name, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
       pg_get_userbyid(c.relowner) AS owner, coalesce(obj_description(c.oid, 'pg_class'), '') AS comment,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'hromada_id' AND a.attnotnull)
         AS has_hromada
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' ORDER BY 2
"""
POLICIES = """
SELECT polname AS name, pg_get_expr(polqual, polrelid) AS rows, pg_get_expr(polwithcheck, polrelid) AS written
FROM pg_policy WHERE polrelid = $1 AND polpermissive
"""
"""What lets in. A restrictive policy only narrows it: named staff of a sensitive case."""
FOREIGN_KEYS = """
SELECT conname AS name, confrelid::regclass::text AS target, (
         SELECT array_agg(a.attname::text ORDER BY k.place)
         FROM unnest(conkey) WITH ORDINALITY k (number, place)
         JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.number) AS columns
FROM pg_constraint WHERE contype = 'f' AND conrelid = $1
"""
FUNCTIONS = """
SELECT p.proname AS name, pg_get_userbyid(p.proowner) AS owner, p.prosrc AS body, p.proconfig AS settings,
       has_function_privilege('public', p.oid, 'EXECUTE') AS is_everybodys, r.rolbypassrls AS looks_past
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
WHERE n.nspname = 'public' AND p.prosecdef ORDER BY 1
"""
OWN_ROWS = "(hromada_id = ( SELECT current_hromada() AS current_hromada))"


@dataclass
class Table:
    service: str
    name: str
    secured: bool
    forced: bool
    owner: str
    comment: str
    has_hromada: bool
    policies: dict[str, tuple[str | None, str | None]]
    foreign_keys: dict[str, tuple[str, list[str]]]

    @property
    def is_platform(self) -> bool:
        return self.comment.startswith("platform: ")

    def __str__(self) -> str:
        return f"{self.service}.{self.name}"


async def tables(world: World) -> list[Table]:
    found = []
    for service in world.house.services:
        connection = await asyncpg.connect(world.house.database_url(service.name, "migrator"))
        try:
            for row in await connection.fetch(TABLES):
                if row["name"] in EXEMPT:
                    continue
                policies = await connection.fetch(POLICIES, row["oid"])
                keys = await connection.fetch(FOREIGN_KEYS, row["oid"])
                found.append(
                    Table(
                        service=service.name,
                        **{
                            name: row[name] for name in ("name", "secured", "forced", "owner", "comment", "has_hromada")
                        },
                        policies={policy["name"]: (policy["rows"], policy["written"]) for policy in policies},
                        foreign_keys={key["name"]: (key["target"], key["columns"]) for key in keys},
                    )
                )
        finally:
            await connection.close()
    return found


async def test_there_are_tables_to_check(world: World) -> None:
    assert {table.service for table in await tables(world)} == {service.name for service in world.house.services}


async def test_every_table_has_forced_row_level_security(world: World) -> None:
    assert [str(table) for table in await tables(world) if not (table.secured and table.forced)] == []


async def test_every_table_is_a_hromadas_or_says_why_it_is_the_platforms(world: World) -> None:
    neither = [
        str(table)
        for table in await tables(world)
        if not table.is_platform and not (table.has_hromada and "hromada" in table.policies)
    ]
    assert neither == []


async def test_a_hromadas_table_shows_and_takes_its_own_rows_only(world: World) -> None:
    open_ones = [
        str(table)
        for table in await tables(world)
        if not table.is_platform and table.policies != {"hromada": (OWN_ROWS, OWN_ROWS)}
    ]
    assert open_ones == []


async def test_foreign_keys_between_hromadas_tables_carry_the_hromada(world: World) -> None:
    found = await tables(world)
    belongs = {(table.service, table.name) for table in found if not table.is_platform}
    plain = [
        f"{table}.{name}"
        for table in found
        for name, (target, columns) in table.foreign_keys.items()
        if (table.service, target) in belongs and "hromada_id" not in columns
    ]
    assert plain == []


async def test_no_table_belongs_to_a_login(world: World) -> None:
    assert [str(table) for table in await tables(world) if table.owner != f"{database_name(table.service)}_owner"] == []


async def test_a_function_that_looks_past_row_level_security_names_the_hromada_of_each_table(world: World) -> None:
    looked_at = []
    for service in world.house.services:
        hromadas = {each.name for each in await tables(world) if each.service == service.name and not each.is_platform}
        connection = await asyncpg.connect(world.house.database_url(service.name, "migrator"))
        try:
            functions = await connection.fetch(FUNCTIONS)
        finally:
            await connection.close()
        for function in (each for each in functions if each["looks_past"]):
            looked_at.append(function["name"])
            body = " ".join(function["body"].split())
            assert not function["is_everybodys"], function["name"]
            assert any(each.startswith("search_path=public") for each in function["settings"]), function["name"]
            if function["owner"] == f"{database_name(service.name)}_tenancy":  # all of a hromada, whichever table
                assert "current_hromada()" in body, function["name"]
                continue
            assert function["owner"] == f"{database_name(service.name)}_search", function["name"]
            read = [table for kind in ("FROM", "JOIN", "UPDATE") for table in re.findall(rf"{kind} (\w+) ", body)]
            narrowed = body.count("hromada_id = current_hromada()")
            assert narrowed == sum(table in hromadas for table in read) > 0, function["name"]
    assert "search_appeal" in looked_at


@pytest.mark.parametrize("login", ["app", "relay"])
async def test_no_login_of_a_running_service_gets_past_row_level_security(world: World, login: str) -> None:
    for service in world.house.services:
        connection = await asyncpg.connect(world.house.database_url(service.name, login))
        try:
            row = await connection.fetchrow(
                "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            )
            granted = await connection.fetch(
                "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
                "WHERE m.member = current_user::regrole"
            )
        finally:
            await connection.close()
        assert (tuple(row), list(granted)) == ((False, False, False), [])


async def test_the_outbox_can_be_written_but_not_read_by_the_service(world: World) -> None:
    connection = await asyncpg.connect(world.house.database_url("reception"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT * FROM outbox")
    finally:
        await connection.close()
