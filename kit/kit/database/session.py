"""Transactions on asyncpg. SQLAlchemy builds the statements, SQLModel names the tables, neither runs them.

Isolation rests on three things kept here: the hromada is set in the same trip that begins the transaction; it is set
for that transaction only; and nothing outside this file gets hold of a connection, so nobody can set it otherwise.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from copy import deepcopy
from enum import Enum
from functools import cache, lru_cache, partial
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin
from uuid import UUID

import asyncpg
from sqlalchemy import Table, bindparam, inspect, select
from sqlalchemy.dialects import registry
from sqlalchemy.orm import configure_mappers
from sqlalchemy.sql import ClauseElement
from sqlalchemy.util import LRUCache
from sqlmodel.sql.expression import Select, SelectOfScalar

from kit.database.tables import HromadaRow, PlatformRow
from kit.errors import AlreadyThere, Away, Missing, Stale, TooLate
from kit.names import SUBJECT

_DIALECT = registry.load("postgresql.asyncpg")()

R = TypeVar("R", bound=HromadaRow | PlatformRow)
T = TypeVar("T")

_GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server went away in the middle of a message
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InsufficientResourcesError,  # too many connections, or a disk that is full
    TimeoutError,
    OSError,
)
_TOGETHER = 50
_ARGUMENT = re.compile(r"\$(\d+)")
_SHAPES: LRUCache[Any, Any] = LRUCache(1000)
_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


class Database:
    """A pool of connections under one login."""

    def __init__(self, url: str, *, size: int = 16, application: str = "spilno") -> None:
        self._url = url
        self._size = size
        self._application = application
        self._pool: Any = None

    async def open(self) -> None:
        """Connects.

        Raises:
            Away: the server does not answer; try again.
        """
        with _Translated():
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=1,
                max_size=self._size,
                init=_prepare_connection,
                reset=_keep,
                command_timeout=30,
                timeout=5,
                server_settings={"application_name": self._application, "idle_in_transaction_session_timeout": "60s"},
            )

    async def close(self) -> None:
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), 5)
            except TimeoutError:
                self._pool.terminate()

    @asynccontextmanager
    async def transaction(
        self, hromada: UUID | None = None, person: str = "", *, seconds: float = 30.0
    ) -> AsyncIterator["Session"]:
        """One transaction that sees the hromada's rows only, and is rolled back by whatever is raised inside.

        Args:
            hromada: whose rows; None sees no hromada's rows at all.
            person: the subject on whose behalf.
            seconds: a statement that runs longer is cancelled by the server.

        Raises:
            Away: the server does not answer. What was not committed is not there; what was being committed may be.
            TooLate: a statement took longer than allowed.
        """
        if person and not SUBJECT.fullmatch(person):
            raise ValueError("a subject with characters that no subject has")
        if self._pool is None:
            raise Away("database.away")
        begin = (
            f"BEGIN; SET LOCAL app.hromada = '{hromada or ''!s}'; SET LOCAL app.person = '{person}'; "
            f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}"
        )
        session = Session(_Connection(self._pool, begin, min(seconds, 5)), hromada)
        try:
            yield session
            await session.flush()
            await session.connection.commit()
        except BaseException:
            await session.connection.roll_back()
            raise
        finally:
            await session.connection.release()


class _Connection:
    """One of the pool's, taken and its transaction begun by the first statement: who reads nothing makes no trip."""

    def __init__(self, pool: Any, begin: str, seconds: float) -> None:
        self._pool = pool
        self._begin = begin
        self._seconds = seconds
        self._taken: Any = None

    async def fetch(self, sql: str, arguments: Sequence[Any]) -> Sequence[Any]:
        with _Translated():
            if self._taken is None:
                self._taken = await self._pool.acquire(timeout=self._seconds)
                await self._taken.execute(self._begin)
            records: Sequence[Any] = await self._taken.fetch(sql, *arguments)
            return records

    async def commit(self) -> None:
        if self._taken is None:
            return
        with _Translated():
            outcome = await self._taken.execute("COMMIT")
        if outcome != "COMMIT":
            raise RuntimeError("a failed statement was swallowed: everything was rolled back")

    async def roll_back(self) -> None:
        if self._taken is not None:
            await _roll_back(self._taken)

    async def release(self) -> None:
        if self._taken is not None:
            await self._pool.release(self._taken)


class Prepared:
    """A statement of the kit's hot paths, compiled once. Its values are the names of its `bindparam`s."""

    def __init__(self, statement: ClauseElement) -> None:
        compiled: Any = statement.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self._names: Sequence[str] = compiled.positiontup or ()
        self._constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        return [values[name] if name in values else self._constants[name] for name in self._names]


class Session:
    """The rows of one transaction. What was locked or added and then changed is written before the commit."""

    def __init__(self, connection: _Connection, hromada: UUID | None) -> None:
        self.connection = connection
        self.hromada = hromada
        self._waiting: list[tuple[str, list[Any]]] = []
        self._added: list[HromadaRow | PlatformRow] = []
        self._locked: list[tuple[HromadaRow | PlatformRow, dict[str, Any]]] = []

    async def enter(self, hromada: UUID) -> None:
        """From here on the transaction is the hromada's. Only the platform's own verbs enter one by themselves."""
        await self._run(f"SET LOCAL app.hromada = '{hromada!s}'", [])
        self.hromada = hromada

    async def get(self, model: type[R], id: UUID) -> R:
        """The row of that id.

        Raises:
            Missing: there is none, or it is another hromada's.
        """
        return _one(model, await self._run(*_by_id(model, id, lock=False)))

    async def lock(self, model: type[R], id: UUID, etag: str | None = None) -> R:
        """The row of that id, held until the transaction ends, to be changed: its changes are saved, and its version is
        already the next one, so that an event or an answer made of it tells the version it will have.

        Raises:
            Missing: there is none, or it is another hromada's.
            Stale: it is not at the etag that the caller read.
        """
        row = _one(model, await self._run(*_by_id(model, id, lock=True)))
        if etag is not None and row.etag != etag:
            raise Stale
        row.version += 1
        self._locked.append((row, _values(row)))
        return row

    async def hold(self, what: str) -> None:
        """Of two transactions of the hromada that hold the same, one waits for the other's end."""
        await self._run("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [f"{self.hromada} {what}"])

    def add(self, row: HromadaRow | PlatformRow) -> None:
        """Inserts the row at the next flush."""
        if isinstance(row, HromadaRow):
            if self.hromada is None:
                raise ValueError("a hromada's row outside a hromada")
            row.hromada_id = self.hromada
        self._added.append(row)

    def put(self, statement: Prepared, **values: Any) -> None:
        """Runs a statement that answers nothing with the next flush, in the one trip that everything written makes."""
        self._waiting.append((statement.sql, statement.arguments(values)))

    async def flush(self) -> None:
        """Writes what was added, changed and put, all in one trip: no statement may rely on another of the same flush.
        The commit does it by itself; call it to meet a constraint earlier.

        Raises:
            AlreadyThere: a row with the same unique values exists.
        """
        written = list[tuple[str, list[Any]]]()
        added, self._added = self._added, []
        for row in added:
            sql, names = _insert(_model(row))
            written.append((sql, [getattr(row, name) for name in names]))
        for row, before in self._locked:
            changed = {name for name, value in before.items() if getattr(row, name) != value}
            if changed:
                sql, names = _update(_model(row), frozenset(changed | {"version"}))
                written.append((sql, [row.id if name == "the_id" else getattr(row, name) for name in names]))
                before.update(_values(row))
        waiting, self._waiting = self._waiting, []
        written += waiting
        for start in range(0, len(written), _TOGETHER):
            part = written[start : start + _TOGETHER]
            await self._run(_joined(tuple(sql for sql, _ in part)), [value for _, values in part for value in values])

    async def all(self, statement: "Select[T] | SelectOfScalar[T]") -> list[T]:
        """Every row of `select(Model)…`, as the model."""
        model = _model_of(statement)
        return [_hydrated(model, record) for record in await self.records(statement)]

    async def one_or_none(self, statement: "Select[T] | SelectOfScalar[T]") -> T | None:
        """The first row of `select(Model)…`, as the model."""
        found = await self.all(statement)
        return found[0] if found else None

    async def records(self, statement: ClauseElement) -> Sequence[Any]:
        """The rows of any statement, as they come; a column by its name."""
        return await self._run(*_compiled(statement))

    async def run(self, statement: Prepared, **values: Any) -> Sequence[Any]:
        """The rows of a prepared statement."""
        return await self._run(statement.sql, statement.arguments(values))

    async def _run(self, sql: str, arguments: Sequence[Any]) -> Sequence[Any]:
        return await self.connection.fetch(sql, arguments)


def _model(row: HromadaRow | PlatformRow) -> Any:
    return type(row)


def _values(row: HromadaRow | PlatformRow) -> dict[str, Any]:
    """The row's columns as they are now, whatever is done to its lists and dictionaries later."""
    values = {name: getattr(row, name) for name in _columns(_model(row))}
    return {name: deepcopy(value) if isinstance(value, list | dict) else value for name, value in values.items()}


def _one(model: type[R], records: Sequence[Any]) -> R:
    if not records:
        raise Missing
    row: R = _hydrated(model, records[0])
    return row


def _hydrated(model: Any, record: Any) -> Any:
    enumerations = _enumerations(model)
    if not enumerations:
        return model.read(dict(record))
    return model.read(
        {
            name: enumerations[name](value) if name in enumerations and value is not None else value
            for name, value in record.items()
        }
    )


@cache
def table_of(model: Any) -> Table:
    """The table of a model, for a statement that the session has no verb for."""
    configure_mappers()  # until then a row that was read by its id has no attributes
    table: Table = inspect(model).local_table
    return table


@cache
def _columns(model: Any) -> tuple[str, ...]:
    return tuple(column.name for column in table_of(model).columns)


@cache
def _enumerations(model: Any) -> dict[str, Callable[[Any], Any]]:
    return {
        name: kind
        for name, field in model.model_fields.items()
        for kind in _alternatives(field.annotation)
        if isinstance(kind, type) and issubclass(kind, Enum)
    }


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """What a value may be: of `Kind | None` the kind, and None."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


@cache
def _selection(model: Any, lock: bool) -> str:
    table = table_of(model)
    statement = select(table).where(table.c.id == bindparam("id"))
    return str((statement.with_for_update() if lock else statement).compile(dialect=_DIALECT))


def _by_id(model: Any, id: UUID, *, lock: bool) -> tuple[str, list[Any]]:
    return _selection(model, lock), [id]


@cache
def _insert(model: Any) -> tuple[str, Sequence[str]]:
    compiled: Any = table_of(model).insert().compile(dialect=_DIALECT)
    return str(compiled), compiled.positiontup


@cache
def _update(model: Any, names: frozenset[str]) -> tuple[str, Sequence[str]]:
    table = table_of(model)
    compiled: Any = (
        table.update()
        .where(table.c.id == bindparam("the_id"))
        .values({name: bindparam(name) for name in sorted(names)})
    ).compile(dialect=_DIALECT)
    return str(compiled), compiled.positiontup


def _model_of(statement: Any) -> Any:
    return statement.column_descriptions[0]["entity"]


def _compiled(statement: ClauseElement) -> tuple[str, list[Any]]:
    """A statement as PostgreSQL takes it. One of the same shape is compiled once, as in SQLAlchemy's engine."""
    compiled: Any
    compiled, extracted, _, _ = statement._compile_w_cache(_DIALECT, compiled_cache=_SHAPES, column_keys=[])
    values = compiled.construct_params(extracted_parameters=extracted, _no_postcompile=True)
    if not compiled.post_compile_params:
        return compiled.string, [values[name] for name in compiled.positiontup or ()]
    expanded = compiled._process_parameters_for_postcompile(values)
    return expanded.statement, [expanded.parameters[name] for name in expanded.positiontup or ()]


@lru_cache(maxsize=1000)
def _joined(statements: tuple[str, ...]) -> str:
    """Several statements that write, as one: `WITH w0 AS (…), w1 AS (…) SELECT`, their arguments counted on."""
    if len(statements) == 1:
        return statements[0]
    parts, before = list[str](), 0
    for number, sql in enumerate(statements):
        parts.append(f"w{number} AS ({_ARGUMENT.sub(partial(_shifted, before), sql)})")
        before += max((int(each) for each in _ARGUMENT.findall(sql)), default=0)
    return f"WITH {', '.join(parts)} SELECT"


def _shifted(by: int, argument: re.Match[str]) -> str:
    return f"${int(argument[1]) + by}"


async def _prepare_connection(connection: Any) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


async def _keep(connection: Any) -> None:
    """Transactions set nothing that outlives them, so a connection goes back as it is: one trip saved a call."""


async def _roll_back(connection: Any) -> None:
    try:
        await asyncio.shield(asyncio.wait_for(connection.execute("ROLLBACK"), 2))
    except (*_GONE, asyncpg.PostgresError):
        _drop(connection)
    except asyncio.CancelledError:
        _drop(connection)
        raise


def _drop(connection: Any) -> None:
    with suppress(asyncpg.InterfaceError):  # the pool has already thrown out a connection that broke
        connection.terminate()


class _Translated:
    """Says in the kit's words what asyncpg raises."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, asyncpg.QueryCanceledError):
            raise TooLate from error
        if isinstance(error, asyncpg.UniqueViolationError):
            raise AlreadyThere("resource.already-there") from error
        if isinstance(error, _AGAIN):
            raise Away("database.busy") from error
        if isinstance(error, _GONE):
            raise Away("database.away") from error
