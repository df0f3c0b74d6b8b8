"""Transactions on asyncpg. SQLAlchemy builds the statements, SQLModel names the tables, neither runs them.

Isolation rests on three things kept here: the hromada is set in the same trip that begins the transaction; it is set
for that transaction only; and nothing outside this file gets hold of a connection, so nobody can set it otherwise.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from copy import deepcopy
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin
from uuid import UUID

import asyncpg
from sqlalchemy import Table, bindparam, inspect, select
from sqlalchemy.dialects import registry
from sqlalchemy.sql import ClauseElement
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
    asyncpg.TooManyConnectionsError,
    TimeoutError,
    OSError,
)
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
        with _Translated():
            connection = await self._pool.acquire(timeout=min(seconds, 5))
        try:
            session = Session(connection, hromada)
            try:
                with _Translated():
                    await connection.execute(begin)
                yield session
                await session.flush()
                with _Translated():
                    outcome = await connection.execute("COMMIT")
                if outcome != "COMMIT":
                    raise RuntimeError("a failed statement was swallowed: everything was rolled back")
            except BaseException:
                await _roll_back(connection)
                raise
        finally:
            await self._pool.release(connection)


class Session:
    """The rows of one transaction. What was locked or added and then changed is written before the commit."""

    def __init__(self, connection: Any, hromada: UUID | None) -> None:
        self._connection = connection
        self.hromada = hromada
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

    def add(self, row: HromadaRow | PlatformRow) -> None:
        """Inserts the row at the next flush."""
        if isinstance(row, HromadaRow):
            if self.hromada is None:
                raise ValueError("a hromada's row outside a hromada")
            row.hromada_id = self.hromada
        self._added.append(row)

    async def flush(self) -> None:
        """Writes what was added and changed. The commit does it by itself; call it to meet a constraint earlier.

        Raises:
            AlreadyThere: a row with the same unique values exists.
        """
        added, self._added = self._added, []
        for row in added:
            sql, names = _insert(_model(row))
            await self._run(sql, [getattr(row, name) for name in names])
        for row, before in self._locked:
            changed = {name for name, value in before.items() if getattr(row, name) != value}
            if changed:
                sql, names = _update(_model(row), frozenset(changed | {"version"}))
                await self._run(sql, [row.id if name == "the_id" else getattr(row, name) for name in names])
                before.update(_values(row))

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

    async def _run(self, sql: str, arguments: Sequence[Any]) -> Sequence[Any]:
        with _Translated():
            records: Sequence[Any] = await self._connection.fetch(sql, *arguments)
            return records


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
    return model(
        **{
            name: enumerations[name](value) if name in enumerations and value is not None else value
            for name, value in record.items()
        }
    )


@cache
def table_of(model: Any) -> Table:
    """The table of a model, for a statement that the session has no verb for."""
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
    compiled: Any = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    values = compiled.construct_params()
    return str(compiled), [values[name] for name in compiled.positiontup or ()]


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
