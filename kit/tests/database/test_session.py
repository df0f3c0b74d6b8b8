"""The seam to PostgreSQL: what one hromada's transaction can and cannot do, and what trouble comes back as."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from kit.database import GATE, Database, Prepared, inserted, table_of
from kit.errors import AlreadyThere, Away, Missing, Stale, TooLate
from kit.servers.postgres import Postgres
from sample.ground import Bare
from sample.model import Line, Mood, Note
from sqlalchemy import func, insert, text, update
from sqlmodel import col, select
from uuid_utils.compat import uuid7

NOTHING = text("SELECT 1")


@pytest.fixture
def hromada() -> UUID:
    return uuid7()


@pytest.fixture
def other() -> UUID:
    return uuid7()


@pytest_asyncio.fixture
async def single(bare: Bare) -> AsyncIterator[Database]:
    """A pool of one connection: whatever a transaction leaves behind, the next one meets."""
    database = Database(bare.url("app"), size=1)
    await database.open()
    yield database
    await database.close()


async def written(database: Database, hromada: UUID, text: str = "a note", **values: Any) -> Note:
    async with database.transaction(hromada) as db:
        note = Note(text=text, **values)
        db.add(note)
    return note


async def read(database: Database, note: Note) -> Note:
    async with database.transaction(note.hromada_id) as db:
        return await db.get(Note, note.id)


class TestAnotherHromadasRow:
    async def test_is_not_got(self, database: Database, hromada: UUID, other: UUID) -> None:
        note = await written(database, other)
        async with database.transaction(hromada) as db:
            with pytest.raises(Missing):
                await db.get(Note, note.id)

    async def test_is_not_listed(self, database: Database, hromada: UUID, other: UUID) -> None:
        await written(database, other)
        async with database.transaction(hromada) as db:
            assert await db.all(select(Note)) == []

    async def test_is_not_counted(self, database: Database, hromada: UUID, other: UUID) -> None:
        await written(database, other)
        async with database.transaction(hromada) as db:
            assert (await db.records(select(func.count().label("count")).select_from(Note)))[0]["count"] == 0

    async def test_is_not_locked(self, database: Database, hromada: UUID, other: UUID) -> None:
        note = await written(database, other)
        async with database.transaction(hromada) as db:
            with pytest.raises(Missing):
                await db.lock(Note, note.id)

    async def test_is_not_changed_by_a_statement(self, database: Database, hromada: UUID, other: UUID) -> None:
        note = await written(database, other)
        async with database.transaction(hromada) as db:
            await db.records(update(table_of(Note)).where(col(Note.id) == note.id).values(text="mine"))
        assert (await read(database, note)).text == "a note"

    async def test_cannot_be_made_by_a_statement(self, database: Database, hromada: UUID, other: UUID) -> None:
        values = {**Note(text="planted").model_dump(), "hromada_id": other}
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction(hromada) as db:
                await db.records(insert(table_of(Note)).values(**values))

    async def test_cannot_be_made_by_moving_ones_own(self, database: Database, hromada: UUID, other: UUID) -> None:
        note = await written(database, hromada)

        async def move() -> None:
            async with database.transaction(hromada) as db:
                (await db.lock(Note, note.id)).hromada_id = other

        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await move()

    async def test_is_no_parent_of_ones_own(self, database: Database, hromada: UUID, other: UUID) -> None:
        note = await written(database, other)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with database.transaction(hromada) as db:
                db.add(Line(note_id=note.id))

    async def test_with_the_same_unique_value_is_not_in_the_way(
        self, database: Database, hromada: UUID, other: UUID
    ) -> None:
        await written(database, other, "the same")
        assert (await written(database, hromada, "the same")).hromada_id == hromada


async def test_what_is_added_is_the_transactions_hromadas_whatever_it_says(
    database: Database, hromada: UUID, other: UUID
) -> None:
    note = await written(database, hromada, hromada_id=other)
    assert note.hromada_id == hromada


class TestNoHromada:
    async def test_sees_no_rows(self, database: Database, hromada: UUID) -> None:
        await written(database, hromada)
        async with database.transaction() as db:
            assert await db.all(select(Note)) == []

    async def test_adds_no_rows(self, database: Database) -> None:
        async with database.transaction() as db:
            with pytest.raises(ValueError, match="outside a hromada"):
                db.add(Note(text="nobody's"))

    async def test_enters_one_by_its_own_word(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada)
        async with database.transaction() as db:
            await db.enter(hromada)
            assert (await db.get(Note, note.id)).text == "a note"

    async def test_adds_rows_to_the_one_it_entered(self, database: Database, hromada: UUID) -> None:
        async with database.transaction() as db:
            await db.enter(hromada)
            note = Note(text="entered")
            db.add(note)
        assert (await read(database, note)).hromada_id == hromada


class TestTheNextTransactionOnTheSameConnection:
    async def said(self, database: Database, name: str) -> tuple[int, str]:
        """The connection, and what it has set."""
        statement = text(f"SELECT pg_backend_pid() AS pid, current_setting('{name}', true) AS said")
        async with database.transaction() as db:
            record = (await db.records(statement))[0]
        return record["pid"], record["said"]

    @pytest.mark.parametrize("name", ["app.hromada", "app.person"])
    async def test_knows_nothing_of_the_one_before(self, single: Database, hromada: UUID, name: str) -> None:
        before = await self.said(single, name)
        async with single.transaction(hromada, "officer-1") as db:
            assert (await db.records(text(f"SELECT current_setting('{name}') AS said")))[0]["said"] != ""
        assert await self.said(single, name) == before

    async def test_sees_no_rows_of_the_one_before(self, single: Database, hromada: UUID, other: UUID) -> None:
        await written(single, hromada)
        async with single.transaction(other) as db:
            assert await db.all(select(Note)) == []

    @pytest.mark.parametrize("name", ["app.hromada", "app.person"])
    async def test_knows_nothing_of_one_that_only_wrote(self, single: Database, hromada: UUID, name: str) -> None:
        before = await self.said(single, name)
        async with single.transaction(hromada, "officer-1") as db:
            db.add(Note(text="a note"))
        pid, said = await self.said(single, name)
        assert (pid, said or "") == (before[0], before[1] or "")

    async def test_sees_no_rows_of_one_that_failed(self, single: Database, hromada: UUID, other: UUID) -> None:
        await written(single, hromada)
        with pytest.raises(RuntimeError):
            async with single.transaction(hromada):
                raise RuntimeError
        async with single.transaction(other) as db:
            assert await db.all(select(Note)) == []

    async def test_has_its_own_time_limit(self, single: Database) -> None:
        with pytest.raises(TooLate):
            async with single.transaction(seconds=0.05) as db:
                await db.records(text("SELECT pg_sleep(1)"))
        async with single.transaction() as db:
            await db.records(text("SELECT pg_sleep(0.1)"))


class TestATransactionThatOnlyWrites:
    PUT = Prepared(inserted(table_of(Note).insert(), GATE, [column.name for column in table_of(Note).columns]))

    def values(self, hromada: UUID) -> dict[str, Any]:
        return vars(Note(text="a note", hromada_id=hromada)).copy()

    async def test_writes_no_row_of_another_hromada(self, database: Database, hromada: UUID, other: UUID) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction(hromada) as db:
                db.put(self.PUT, **self.values(other))

    async def test_writes_no_row_outside_a_hromada(self, database: Database, hromada: UUID) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction() as db:
                db.put(self.PUT, **self.values(hromada))

    async def test_sends_nothing_that_could_find_no_hromada(self, database: Database, hromada: UUID) -> None:
        with pytest.raises(ValueError, match="whatever becomes"):
            async with database.transaction(hromada) as db:
                db.put(Prepared(update(table_of(Note)).values(text="changed")))

    async def test_is_too_late_when_its_time_is_over(self, database: Database, single: Database, hromada: UUID) -> None:
        async with database.transaction(hromada) as db:
            db.add(Note(text="twice"))
            await db.flush()
            with pytest.raises(TooLate):
                async with single.transaction(hromada, seconds=0.2) as second:
                    second.add(Note(text="twice"))
        assert (await written(single, hromada)).hromada_id == hromada

    async def test_leaves_the_pool_well_when_it_is_cancelled(
        self, database: Database, single: Database, hromada: UUID
    ) -> None:
        async with database.transaction(hromada) as db:
            db.add(Note(text="twice"))
            await db.flush()
            waiting = asyncio.create_task(written(single, hromada, "twice"))
            await asyncio.sleep(0.1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        assert (await written(single, hromada)).hromada_id == hromada


class TestCommitAndRollback:
    async def test_what_is_raised_takes_everything_back(self, database: Database, hromada: UUID) -> None:
        async def fail() -> None:
            async with database.transaction(hromada) as db:
                db.add(Note(text="never"))
                await db.flush()
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()
        async with database.transaction(hromada) as db:
            assert await db.all(select(Note)) == []

    async def test_a_swallowed_failure_is_never_taken_for_a_commit(self, database: Database, hromada: UUID) -> None:
        await written(database, hromada, "twice")

        async def swallow() -> None:
            async with database.transaction(hromada) as db:
                db.add(Note(text="lost"))
                await db.flush()
                db.add(Note(text="twice"))
                with pytest.raises(AlreadyThere):
                    await db.flush()

        with pytest.raises(RuntimeError, match="rolled back"):
            await swallow()

    async def test_a_cancelled_statement_leaves_the_pool_well(self, single: Database, hromada: UUID) -> None:
        async def dawdle() -> None:
            async with single.transaction(hromada) as db:
                await db.records(text("SELECT pg_sleep(30)"))

        task = asyncio.create_task(dawdle())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await written(single, hromada)).hromada_id == hromada

    async def test_a_transaction_cancelled_between_statements_is_rolled_back(
        self, single: Database, hromada: UUID
    ) -> None:
        async def dawdle() -> None:
            async with single.transaction(hromada) as db:
                db.add(Note(text="never"))
                await db.flush()
                await asyncio.sleep(30)

        task = asyncio.create_task(dawdle())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with single.transaction(hromada) as db:
            assert await db.all(select(Note)) == []

    async def test_an_exhausted_pool_is_away_after_a_while(self, single: Database) -> None:
        async with single.transaction() as db:
            await db.records(NOTHING)
            with pytest.raises(Away):
                await _looks(single)

    async def test_who_reads_nothing_needs_no_connection(self, single: Database) -> None:
        async with single.transaction() as db:
            await db.records(NOTHING)
            async with single.transaction(seconds=0.1):
                pass

    @pytest.mark.parametrize("person", ["x'; DROP TABLE note; --", "x\\", "олена", "x y", "x" * 129])
    async def test_a_subject_that_could_be_sql_is_refused(self, database: Database, hromada: UUID, person: str) -> None:
        with pytest.raises(ValueError, match="subject"):
            async with database.transaction(hromada, person):
                pass


async def _looks(single: Database) -> None:
    async with single.transaction(seconds=0.1) as db:
        await db.records(NOTHING)


class TestTogether:
    """What is written goes in one trip."""

    async def test_rows_and_changes_of_one_flush_are_all_written(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada)
        async with database.transaction(hromada) as db:
            (await db.lock(Note, note.id)).text = "changed"
            for number in range(120):
                db.add(Note(text=f"{number:03}"))
        async with database.transaction(hromada) as db:
            texts = [row.text for row in await db.all(select(Note).order_by(col(Note.text)))]
        assert texts == [*(f"{number:03}" for number in range(120)), "changed"]

    async def test_a_row_and_what_refers_to_it_go_together(self, database: Database, hromada: UUID) -> None:
        note = Note(text="with a line")
        async with database.transaction(hromada) as db:
            db.add(Line(note_id=note.id, text="its line"))
            db.add(note)
        async with database.transaction(hromada) as db:
            assert [line.note_id for line in await db.all(select(Line))] == [note.id]

    async def test_one_that_breaks_a_rule_takes_all_with_it(self, database: Database, hromada: UUID) -> None:
        await written(database, hromada, "there")
        with pytest.raises(AlreadyThere):
            await _written_together(database, hromada, "new", "there")
        async with database.transaction(hromada) as db:
            assert len(await db.all(select(Note))) == 1


async def _written_together(database: Database, hromada: UUID, *texts: str) -> None:
    async with database.transaction(hromada) as db:
        for each in texts:
            db.add(Note(text=each))


@pytest.mark.parametrize("wanted", [[], ["a"], ["a", "b"], ["c", "a", "b"]])
async def test_a_list_of_any_length_is_looked_for(database: Database, hromada: UUID, wanted: list[str]) -> None:
    for each in "abcd":
        await written(database, hromada, each)
    async with database.transaction(hromada) as db:
        found = await db.all(select(Note).where(col(Note.text).in_(wanted)).order_by(col(Note.text)))
    assert [note.text for note in found] == sorted(wanted)


class TestLock:
    async def test_a_change_is_saved_with_the_next_version(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada)
        async with database.transaction(hromada) as db:
            locked = await db.lock(Note, note.id, note.etag)
            locked.text = "changed"
        found = await read(database, note)
        assert (found.text, found.version) == ("changed", 2)

    async def test_the_row_already_tells_the_version_that_it_will_have(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada)
        async with database.transaction(hromada) as db:
            locked = await db.lock(Note, note.id)
            locked.text = "changed"
            told = locked.etag
        assert (await read(database, note)).etag == told

    async def test_without_a_change_the_version_stays(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada)
        async with database.transaction(hromada) as db:
            await db.lock(Note, note.id)
        assert (await read(database, note)).version == 1

    async def test_without_a_change_the_row_tells_the_version_that_it_keeps(
        self, database: Database, hromada: UUID
    ) -> None:
        note = await written(database, hromada)
        async with database.transaction(hromada) as db:
            locked = await db.lock(Note, note.id)
            locked.text, locked.tags = locked.text, list(locked.tags)
            told = locked.etag
        assert (await read(database, note)).etag == told

    async def test_a_change_that_is_taken_back_is_none(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada)
        async with database.transaction(hromada) as db:
            locked = await db.lock(Note, note.id)
            locked.text = "changed"
            before, locked.text = locked.version, "a note"
        assert (before, locked.version, (await read(database, note)).version) == (2, 1, 1)

    async def test_two_flushes_are_one_step_of_the_version(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada)
        async with database.transaction(hromada) as db:
            locked = await db.lock(Note, note.id)
            locked.text = "once"
            await db.flush()
            locked.text = "twice"
        found = await read(database, note)
        assert (found.text, found.version) == ("twice", 2)

    async def test_a_change_inside_a_list_is_saved(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada, tags=["light"])
        async with database.transaction(hromada) as db:
            (await db.lock(Note, note.id)).tags.append("road")
        assert (await read(database, note)).tags == ["light", "road"]

    async def test_a_change_deep_inside_is_saved(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada, more={"places": ["school"]})
        async with database.transaction(hromada) as db:
            (await db.lock(Note, note.id)).more["places"].append("stop")
        assert (await read(database, note)).more == {"places": ["school", "stop"]}

    async def test_a_stale_etag_is_refused(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada)
        async with database.transaction(hromada) as db:
            with pytest.raises(Stale):
                await db.lock(Note, note.id, "7")

    async def test_the_second_waits_for_the_first_and_finds_its_etag_stale(
        self, database: Database, hromada: UUID
    ) -> None:
        note = await written(database, hromada)

        async def change(text: str) -> None:
            async with database.transaction(hromada) as db:
                locked = await db.lock(Note, note.id, note.etag)
                await asyncio.sleep(0.05)
                locked.text = text

        first, second = await asyncio.gather(change("first"), change("second"), return_exceptions=True)
        assert sorted((type(first), type(second)), key=str) == sorted((type(None), Stale), key=str)


class TestValues:
    async def test_an_enumeration_comes_back_as_itself(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada, mood=Mood.SAD)
        assert (await read(database, note)).mood is Mood.SAD

    async def test_an_enumeration_that_may_be_left_out_comes_back_as_itself(
        self, database: Database, hromada: UUID
    ) -> None:
        note = await written(database, hromada, mood_after=Mood.SAD)
        assert (await read(database, note)).mood_after is Mood.SAD

    async def test_one_that_was_left_out_stays_out(self, database: Database, hromada: UUID) -> None:
        note = await written(database, hromada)
        assert (await read(database, note)).mood_after is None


class TestTrouble:
    async def test_the_same_unique_value_twice_is_already_there(self, database: Database, hromada: UUID) -> None:
        await written(database, hromada, "the same")
        with pytest.raises(AlreadyThere):
            await written(database, hromada, "the same")

    async def test_a_statement_past_its_time_is_too_late(self, database: Database) -> None:
        with pytest.raises(TooLate):
            async with database.transaction(seconds=0.05) as db:
                await db.records(text("SELECT pg_sleep(1)"))

    async def test_a_value_that_does_not_fit_is_no_outage(self, database: Database, hromada: UUID) -> None:
        with pytest.raises(asyncpg.DataError):
            await written(database, hromada, times_read=2**40)

    async def test_two_that_wait_for_each_other_are_told_to_come_again(self, database: Database, hromada: UUID) -> None:
        first, second = await written(database, hromada, "first"), await written(database, hromada, "second")
        holding = asyncio.Barrier(2)

        async def lock(one: Note, then: Note) -> None:
            async with database.transaction(hromada) as db:
                await db.lock(Note, one.id)
                await holding.wait()
                await db.lock(Note, then.id)

        results = await asyncio.gather(lock(first, second), lock(second, first), return_exceptions=True)
        assert [str(result) for result in results if result] == ["database.busy"]

    async def test_a_server_that_was_never_there_is_away(self) -> None:
        with pytest.raises(Away):
            await Database("postgresql://nobody@127.0.0.1:1/nothing").open()

    async def test_a_pool_that_was_never_opened_is_away(self) -> None:
        with pytest.raises(Away):
            async with Database("postgresql://nobody@127.0.0.1:1/nothing").transaction():
                pass

    async def test_a_killed_server_is_away_and_is_found_again(
        self, frail_bare: Bare, frail_postgres: Postgres, hromada: UUID
    ) -> None:
        database = Database(frail_bare.url("app"))
        await database.open()
        note = await written(database, hromada)
        frail_postgres.kill()
        with pytest.raises(Away):
            await read(database, note)
        await frail_postgres.restart()
        assert (await read(database, note)).text == "a note"
        await database.close()

    async def test_a_server_killed_in_mid_transaction_is_away(
        self, frail_bare: Bare, frail_postgres: Postgres, hromada: UUID
    ) -> None:
        database = Database(frail_bare.url("app"))
        await database.open()

        async def half_way() -> None:
            async with database.transaction(hromada) as db:
                db.add(Note(text="half"))
                await db.flush()
                frail_postgres.kill()
                db.add(Note(text="way"))

        with pytest.raises(Away):
            await half_way()
        await frail_postgres.restart()
        async with database.transaction(hromada) as db:
            assert await db.all(select(Note)) == []
        await database.close()


class TestTheServicesLogin:
    @pytest.mark.parametrize(
        "statement",
        [
            "SET LOCAL row_security = off; SELECT * FROM note",
            "ALTER TABLE note NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE note DISABLE ROW LEVEL SECURITY",
            "DROP POLICY hromada ON note",
            "SET ROLE kit_bare_owner",
            "SET ROLE kit_bare_migrator",
            "CREATE TABLE mine (id int)",
            "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "TRUNCATE note",
            "DELETE FROM note",
            "UPDATE line SET text = 'mended'",
            "SELECT * FROM outbox",
            "UPDATE outbox SET published_at = now()",
            "DELETE FROM outbox",
            "DELETE FROM inbox",
            "SELECT * FROM alembic_version",
        ],
    )
    async def test_may_not_do(self, bare: Bare, statement: str) -> None:
        connection = await asyncpg.connect(bare.url("app"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
        await connection.close()

    @pytest.mark.parametrize(
        "statement", ["SELECT * FROM note", "UPDATE note SET text = ''", "INSERT INTO request DEFAULT VALUES"]
    )
    async def test_nor_the_relays_what_is_no_relaying(self, bare: Bare, statement: str) -> None:
        connection = await asyncpg.connect(bare.url("relay"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
        await connection.close()
