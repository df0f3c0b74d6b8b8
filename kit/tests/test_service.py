"""A service as a process: how it starts, what it waits for, what stops it, and how it ends."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import grpc
import grpc.aio
import pytest
import pytest_asyncio
from kit.rpc import Servicer
from kit.servers.nats import Nats
from kit.servers.postgres import Postgres, provision
from kit.service import _until, end
from kit.testing.ground import PASSWORD, PASSWORDS, Ground, environment
from kit.testing.issuer import Issuer
from sample.contract import CARELESS, NOTES, ListNotesResponse
from sample.ground import Bare, eventually, kept
from sample.process import Process
from sample.service import service
from spilno.feed.v1 import feed_pb2, feed_pb2_grpc


@pytest_asyncio.fixture
async def told(frail_bare: Bare, frail_nats: Nats, issuer: Issuer) -> dict[str, str]:
    """What the process is told by its environment."""
    return {
        **environment("kit", frail_bare.postgres, frail_nats, issuer.url),
        "SPILNO_DATABASE_URL": frail_bare.url("app"),
        "SPILNO_RELAY_DATABASE_URL": frail_bare.url("relay"),
    }


@pytest_asyncio.fixture
async def process(tmp_path: Path, told: dict[str, str], issuer: Issuer) -> AsyncIterator[Process]:
    process = Process(tmp_path, told, issuer)
    yield process
    process.child.kill()


class TestStarting:
    async def test_a_service_starts_and_works_while_the_bus_is_away(self, process: Process, frail_nats: Nats) -> None:
        await frail_nats.stop()
        await process.serves()
        async with process.channel() as channel:
            await process.write(channel)
        await frail_nats.start()
        assert await eventually(lambda: kept(frail_nats, "EV_KIT", f"ev.kit.{process.slug}.>"))

    async def test_a_service_waits_for_the_database(self, process: Process, frail_postgres: Postgres) -> None:
        await frail_postgres.stop()
        process.child.start()
        await process.says("database.waits")
        await frail_postgres.start()
        await process.says("serving")

    async def test_a_service_that_waits_for_the_database_can_be_stopped(
        self, process: Process, frail_postgres: Postgres
    ) -> None:
        await frail_postgres.stop()
        process.child.start()
        await process.says("database.waits")
        os.kill(process.child.pid, signal.SIGTERM)
        assert await process.ends(within=10) == 0

    async def test_a_setting_that_is_missing_is_named(
        self, tmp_path: Path, told: dict[str, str], issuer: Issuer
    ) -> None:
        del told["SPILNO_ISSUER_URL"]
        process = Process(tmp_path, told, issuer)
        process.child.start()
        assert await process.ends(within=60) != 0
        assert "issuer_url" in process.child.last_words(50)

    async def test_a_servicer_without_one_of_its_methods_stops_the_start(self) -> None:
        with pytest.raises(TypeError, match=r"does not implement BatchGetNotes, ReadSlowly of spilno\.kit\.v1"):

            class Half(Servicer, contract=NOTES):
                async def WriteNote(self, request: Any, call: Any) -> None: ...

    async def test_a_method_without_access_stops_the_start(self, sample: Ground) -> None:
        class Careless(Servicer, contract=CARELESS):
            async def WriteNote(self, request: Any, call: Any) -> None: ...

        careless = replace(service, servicers=[Careless()])
        with pytest.raises(TypeError, match="declares no access"):
            async with careless.running(sample.kit, "127.0.0.1:0"):
                pass

    def test_an_unknown_command_is_told_what_there_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "argv", ["sample", "explode"])
        with pytest.raises(SystemExit, match=r"usage: python -m sample"):
            service.main()


class TestPreparing:
    async def test_prepare_makes_what_the_service_needs_as_often_as_it_is_run(
        self, tmp_path: Path, told: dict[str, str], frail_postgres: Postgres, frail_nats: Nats, issuer: Issuer
    ) -> None:
        await provision(frail_postgres, "kit-prepared", PASSWORDS)
        url = frail_postgres.url("kit_prepared_migrator", PASSWORD, "kit_prepared")
        told |= {"SPILNO_MIGRATION_DATABASE_URL": url, "SPILNO_NATS_PROVISIONER_URL": frail_nats.url()}
        for _ in range(2):
            process = Process(tmp_path, told, issuer, "prepare")
            process.child.start()
            assert await process.ends(within=60) == 0, process.child.last_words(50)
        connection = await asyncpg.connect(url)
        revisions = await connection.fetch("SELECT version_num FROM alembic_version")
        await connection.close()
        assert [row["version_num"] for row in revisions] == ["0008"]
        assert process.said("prepared") == {**(process.said("prepared") or {}), "revisions": []}


class TestEnding:
    async def test_a_call_under_way_is_answered_before_the_end(self, process: Process) -> None:
        await process.serves()
        async with process.channel() as channel:
            calling = asyncio.create_task(process.read_slowly(channel, 0.7))
            await asyncio.sleep(0.3)
            os.kill(process.child.pid, signal.SIGTERM)
            assert await calling == ListNotesResponse()
        assert await process.ends(within=5) == 0

    async def test_one_who_watches_does_not_hold_up_the_end(self, process: Process) -> None:
        await process.serves()
        async with process.channel() as channel:
            stub = feed_pb2_grpc.FeedStub(channel)
            request = feed_pb2.WatchRequest(parent=f"hromadas/{process.slug}")
            watching = stub.Watch(request, metadata=process.metadata)
            first = asyncio.ensure_future(anext(aiter(watching)))
            while not first.done():
                await process.write(channel)
                await asyncio.wait([first], timeout=0.1)
            os.kill(process.child.pid, signal.SIGTERM)
            started = time.monotonic()
            assert await process.ends(within=10) == 0
            assert time.monotonic() - started < 7
            assert await watching.code() is grpc.StatusCode.UNAVAILABLE

    async def test_the_end_in_the_middle_of_a_load_leaves_nothing_undone(
        self, process: Process, frail_bare: Bare, frail_nats: Nats
    ) -> None:
        await process.serves()
        acknowledged = []
        async with process.channel() as channel:

            async def write_on() -> None:
                while True:
                    acknowledged.append((await process.write(channel)).name)

            writing = [asyncio.create_task(write_on()) for _ in range(4)]
            await asyncio.sleep(0.3)
            os.kill(process.child.pid, signal.SIGTERM)
            assert await process.ends(within=10) == 0
            await asyncio.gather(*writing, return_exceptions=True)
        kept_notes = await frail_bare.as_migrator("SELECT id FROM note")
        assert {name.rpartition("/")[2] for name in acknowledged} <= {str(row["id"]) for row in kept_notes}
        assert acknowledged

    async def test_a_background_task_that_fails_takes_the_process_down(self) -> None:
        async def fail() -> None:
            raise KeyError

        with pytest.raises(RuntimeError, match="a background task failed"):
            await _until(asyncio.Event(), [asyncio.ensure_future(fail())])

    async def test_a_background_task_that_is_done_does_not(self) -> None:
        async def be_done() -> None:
            """Nothing is left to do."""

        stopped = asyncio.Event()
        waiting = asyncio.create_task(_until(stopped, [asyncio.ensure_future(be_done())]))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        stopped.set()
        await waiting

    async def test_a_task_that_loses_its_cancellation_is_cancelled_again(self) -> None:
        lost: list[bool] = []

        async def lose() -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost.append(True)
            await asyncio.sleep(60)

        task = asyncio.ensure_future(lose())
        await asyncio.sleep(0)
        await asyncio.wait_for(end([task]), 5)
        assert lost
        assert task.cancelled()
