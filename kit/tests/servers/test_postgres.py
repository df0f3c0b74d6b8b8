import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from kit.servers.postgres import ExternalPostgres, Passwords, Postgres, provision
from kit.servers.process import ServerTrouble, free_port

PASSWORDS = Passwords(app="app's", relay="relay", migrator="migrator")


@pytest.fixture(scope="module")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("postgres"), free_port(), "p@ss:w/rd'")
    await server.start()
    await provision(server, "cctv-gateway", PASSWORDS)
    await provision(server, "cctv-gateway", PASSWORDS)
    migrator = await asyncpg.connect(server.url("cctv_gateway_migrator", PASSWORDS.migrator, "cctv_gateway"))
    await migrator.execute(
        """
        CREATE TABLE camera (id int PRIMARY KEY);
        ALTER TABLE camera OWNER TO cctv_gateway_owner;
        ALTER TABLE camera ENABLE ROW LEVEL SECURITY;
        ALTER TABLE camera FORCE ROW LEVEL SECURITY;
        CREATE POLICY none ON camera USING (id < 0) WITH CHECK (true);
        GRANT SELECT, INSERT ON camera TO cctv_gateway_app;
        INSERT INTO camera VALUES (1);
        CREATE FUNCTION cameras() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM camera';
        GRANT SELECT ON camera TO cctv_gateway_search;
        ALTER FUNCTION cameras() OWNER TO cctv_gateway_search;
        """
    )
    await migrator.close()
    yield server
    await server.stop()


async def as_app(postgres: Postgres) -> asyncpg.Connection:
    return await asyncpg.connect(postgres.url("cctv_gateway_app", PASSWORDS.app, "cctv_gateway"))


async def test_a_wrong_password_is_refused_by_scram(postgres: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.url("postgres", "wrong"))
    superuser = await asyncpg.connect(postgres.url())
    rules = await superuser.fetch("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    await superuser.close()
    assert [rule["auth_method"] for rule in rules] == ["scram-sha-256"]


async def test_a_service_cannot_make_a_table(postgres: Postgres) -> None:
    app = await as_app(postgres)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("CREATE TABLE mine (id int)")
    await app.close()


async def test_a_service_cannot_look_past_row_level_security(postgres: Postgres) -> None:
    app = await as_app(postgres)
    assert await app.fetchval("SELECT count(*) FROM camera") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("SET ROLE cctv_gateway_owner")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute("ALTER ROLE cctv_gateway_app BYPASSRLS")
    await app.close()


async def test_a_search_function_sees_all_rows(postgres: Postgres) -> None:
    app = await as_app(postgres)
    assert await app.fetchval("SELECT cameras()") == 1
    await app.close()


async def test_a_service_cannot_enter_another_services_database(postgres: Postgres) -> None:
    await provision(postgres, "web", Passwords("other", "other", "other"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(postgres.url("cctv_gateway_app", PASSWORDS.app, "web"))


async def test_ukrainian_letters_are_letters_to_the_search(postgres: Postgres) -> None:
    app = await as_app(postgres)
    assert await app.fetchval("SELECT similarity('ҐАНОК Єви', 'ґанок єви')") == 1
    await app.close()


async def test_a_committed_row_survives_kill_9(postgres: Postgres) -> None:
    superuser = await asyncpg.connect(postgres.url())
    await superuser.execute("CREATE TABLE kept (id int)")
    await superuser.execute("INSERT INTO kept VALUES (7)")
    postgres.kill()
    await postgres.restart()
    superuser = await asyncpg.connect(postgres.url())
    assert await superuser.fetchval("SELECT id FROM kept") == 7
    await superuser.close()


async def test_after_a_crash_it_starts_once_what_the_crashed_one_left_running_has_ended(postgres: Postgres) -> None:
    left = await asyncpg.connect(postgres.url())
    backend = await left.fetchval("SELECT pg_backend_pid()")
    os.kill(backend, signal.SIGSTOP)
    postgres.child.kill()
    starting = asyncio.create_task(postgres.start())
    while "pre-existing shared memory block" not in postgres.child.last_words():
        await asyncio.sleep(0.05)
    os.kill(backend, signal.SIGKILL)
    await starting
    superuser = await asyncpg.connect(postgres.url())
    assert await superuser.fetchval("SELECT 1") == 1
    await superuser.close()


async def test_data_with_another_superusers_password_is_told_plainly(postgres: Postgres, tmp_path: Path) -> None:
    port = free_port()
    first = Postgres(tmp_path, port, "first")
    await first.start()
    await first.stop()
    second = Postgres(tmp_path, port, "second")
    with pytest.raises(ServerTrouble, match="another superuser's password"):
        await second.start()
    await second.stop()


async def test_a_postgresql_that_runs_elsewhere_does_as_well(postgres: Postgres) -> None:
    elsewhere = ExternalPostgres(postgres.url())
    await elsewhere.start()
    await provision(elsewhere, "events", Passwords("a", "b", "c"))
    app = await asyncpg.connect(elsewhere.url("events_app", "a", "events"))
    await app.close()
    await elsewhere.stop()
    await (await asyncpg.connect(postgres.url())).close()


async def test_an_unreachable_postgresql_is_told_plainly() -> None:
    with pytest.raises(ServerTrouble, match="SPILNO_POSTGRES_URL"):
        await ExternalPostgres(f"postgresql://postgres:x@127.0.0.1:{free_port()}/postgres").start()
