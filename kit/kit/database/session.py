"""Transactions on asyncpg. SQLAlchemy builds the statements, SQLModel names the tables, neither runs them.

Isolation rests on three things kept here: the hromada is set in the same trip that begins the transaction; it is set
for that transaction only; and nothing outside this file gets hold of a connection, so nobody can set it otherwise.

A transaction that reads nothing is one statement and one trip, begun and committed by itself: it sets the hromada and
writes rows that are selected from what set it. Were the order ever another, the policies would see no hromada and
refuse the rows; a read would quietly find none, so what reads is never sent that way.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from copy import deepcopy
from enum import Enum
from functools import cache, lru_cache, partial
from types import TracebackType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin
from uuid import UUID

import asyncpg
from sqlalchemy import Insert, Table, bindparam, inspect, select
from sqlalchemy import table as named
from sqlalchemy.dialects import registry
from sqlalchemy.orm import configure_mappers
from sqlalchemy.orm.attributes import instance_state
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
_HELD = "held"
_PLACE = "SELECT set_config('app.hromada', $1, true), set_config('app.person', $2, true)"
_ARGUMENT = re.compile(r"\$(\d+)")
_GATED = re.compile(r"^INSERT .*(FROM|,) gate( ON CONFLICT DO NOTHING)?$", re.DOTALL)
_SHAPES: LRUCache[Any, Any] = LRUCache(1000)
_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


PLACE = named("place")
"""What a claim is selected from: the row of the statement that sets the hromada, or a row of nothing once it is set."""
GATE = named("gate")
"""What all that is inserted is selected from: one row, or none if the transaction's claim was not granted."""


class Repeated(Exception):
    """The transaction's claim was not granted: somebody did the same before. Nothing was read and nothing written."""


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

    def transaction(
        self, hromada: UUID | None = None, person: str = "", *, seconds: float = 30.0
    ) -> AbstractAsyncContextManager["Session"]:
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
        return _Transaction(Session(_Connection(self._pool, hromada, person, seconds), hromada, person))


class _Transaction:
    """The session from its begin to its end: a class, because a generator costs a call more than what it does."""

    __slots__ = ("_session",)

    def __init__(self, session: "Session") -> None:
        self._session = session

    async def __aenter__(self) -> "Session":
        return self._session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        is_kept = False
        try:
            if kind is None:
                await self._session.commit()
                is_kept = True
        finally:
            await self._session.connection.end(is_kept=is_kept)


class _Connection:
    """One of the pool's, taken and its transaction begun by the first statement: who reads nothing makes no trip."""

    def __init__(self, pool: Any, hromada: UUID | None, person: str, seconds: float) -> None:
        self._pool = pool
        self._hromada = hromada
        self._person = person
        self._seconds = seconds
        self._taken: Any = None
        self.has_failed = False

    @property
    def is_taken(self) -> bool:
        return self._taken is not None

    async def fetch(self, sql: str, arguments: Sequence[Any]) -> Sequence[Any]:
        self.has_failed = True  # unless it comes through: after that nothing more can be asked
        with _Translated():
            if not self.is_taken:
                await self._take()
                await self._taken.execute(
                    f"BEGIN; SET LOCAL app.hromada = '{self._hromada or ''!s}'; "
                    f"SET LOCAL app.person = '{self._person}'; "
                    f"SET LOCAL statement_timeout = {max(1, int(self._seconds * 1000))}"
                )
            records: Sequence[Any] = await self._taken.fetch(sql, *arguments)
        self.has_failed = False
        return records

    async def alone(self, sql: str, arguments: Sequence[Any]) -> Sequence[Any]:
        """A statement that is the whole transaction."""
        with _Translated():
            await self._take()
            try:
                records: Sequence[Any] = await self._taken.fetch(sql, *arguments, timeout=self._seconds)
            except TimeoutError:
                raise TooLate from None
            return records

    async def _take(self) -> None:
        self._taken = await self._pool.acquire(timeout=min(self._seconds, 5))

    async def commit(self) -> None:
        if self._taken is None:
            return
        with _Translated():
            outcome = await self._taken.execute("COMMIT")
        if outcome != "COMMIT":
            raise RuntimeError("a failed statement was swallowed: everything was rolled back")

    async def end(self, *, is_kept: bool) -> None:
        """Gives the connection back; what was not kept is rolled back."""
        if self._taken is None:
            return
        try:
            if not is_kept:
                await _roll_back(self._taken)
        finally:
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

    def __init__(self, connection: _Connection, hromada: UUID | None, person: str) -> None:
        self.connection = connection
        self.hromada = hromada
        self._person = person
        self._claim: tuple[Prepared, Mapping[str, Any]] | None = None
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
        """The row of that id, held until the transaction ends, to be changed: its changes are saved, and once it
        differs its version is the next one, so that an event or an answer made of it tells the version it will have.

        Raises:
            Missing: there is none, or it is another hromada's.
            Stale: it is not at the etag that the caller read.
        """
        row = _one(model, await self._run(*_by_id(model, id, lock=True)))
        if etag is not None and row.etag != etag:
            raise Stale
        _watch(_model(row))
        held = instance_state(row).info[_HELD] = _values(row)
        self._locked.append((row, held))
        return row

    async def hold(self, what: str) -> None:
        """Of two transactions of the hromada that hold the same, one waits for the other's end."""
        await self._run("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [f"{self.hromada} {what}"])

    def add(self, row: HromadaRow | PlatformRow) -> None:
        """Inserts the row at the next flush."""
        if isinstance(row, HromadaRow):
            if self.hromada is None:
                raise ValueError("a hromada's row outside a hromada")
            vars(row)["hromada_id"] = self.hromada
        self._added.append(row)

    def put(self, statement: Prepared, **values: Any) -> None:
        """Runs a statement that answers nothing with the next flush, in the one trip that everything written makes. An
        insert selects from `GATE`; another statement may only follow one that reads."""
        self._waiting.append((statement.sql, statement.arguments(values)))

    def claim(self, statement: Prepared, values: Mapping[str, Any]) -> None:
        """Lets the whole transaction depend on an insert that selects from `PLACE`: it goes before, or with, the first
        statement, and takes its values then. If it answers no row, that statement raises `Repeated`."""
        self._claim = (statement, values)

    @property
    def waits_for_its_claim(self) -> bool:
        """Whether nothing was sent yet."""
        return self._claim is not None

    async def claimed(self) -> None:
        """Has the claim granted now: before something that stays, whatever becomes of the transaction. In one that has
        failed nothing stays.

        Raises:
            Repeated: it was not granted.
        """
        if self._claim is not None and not self.connection.has_failed:
            await self._write([])

    async def flush(self) -> None:
        """Writes what was added, changed and put, all in one trip: no statement may rely on another of the same flush.
        The commit does it by itself; call it to meet a constraint earlier.

        Raises:
            AlreadyThere: a row with the same unique values exists.
        """
        written = self._written()
        for start in range(0, len(written), _TOGETHER):
            await self._write(written[start : start + _TOGETHER])

    async def commit(self) -> None:
        """Writes what is left and keeps everything; in one trip, if nothing was sent before."""
        if not self.connection.is_taken and len(self._added) + len(self._waiting) <= _TOGETHER:
            if self._added or self._waiting or self._claim is not None:
                await self._write(self._written(), alone=True)
            return
        await self.flush()
        await self.connection.commit()

    def _written(self) -> list[tuple[str, list[Any]]]:
        written = list[tuple[str, list[Any]]]()
        added, self._added = self._added, []
        for row in added:
            sql, names = _insert(_model(row))
            values = vars(row)
            written.append((sql, [values[name] for name in names]))
        for row, held in self._locked:
            if changed := _changed(row, held):
                row.version = row.version
                values = vars(row)
                sql, names = _update(_model(row), frozenset(changed | {"version"}))
                written.append((sql, [row.id if name == "the_id" else values[name] for name in names]))
                held.update({**_values(row), "version": held["version"]})
        waiting, self._waiting = self._waiting, []
        return written + waiting

    async def _write(self, written: list[tuple[str, list[Any]]], *, alone: bool = False) -> None:
        values: list[Any] = [str(self.hromada or ""), self._person] if alone else []
        claim = None
        if self._claim is not None:
            claim = self._claim[0].sql
            values += self._claim[0].arguments(self._claim[1])
        for _, some in written:
            values += some
        sql = _joined(_PLACE if alone else None, claim, tuple([sql for sql, _ in written]))
        if not await (self.connection.alone if alone else self.connection.fetch)(sql, values):
            raise Repeated
        self._claim = None

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
        await self.claimed()
        return await self.connection.fetch(sql, arguments)


def _model(row: HromadaRow | PlatformRow) -> Any:
    return type(row)


def _values(row: HromadaRow | PlatformRow) -> dict[str, Any]:
    """The row's columns as they are now, whatever is done to its lists and dictionaries later."""
    now = vars(row)
    return {
        name: deepcopy(value) if isinstance(value := now[name], list | dict) else value
        for name in _columns(_model(row))
    }


def _changed(row: HromadaRow | PlatformRow, held: Mapping[str, Any]) -> set[str]:
    """The columns in which it differs from what is held of it."""
    now = vars(row)
    return {name for name, value in held.items() if name != "version" and now[name] != value}


class _Version:
    """In place of SQLAlchemy's attribute: of a row that is held and differs, the version that it will have."""

    def __init__(self, attribute: Any) -> None:
        self._attribute = attribute

    def __get__(self, row: Any, model: Any) -> Any:
        if row is None:
            return self._attribute
        version, held = vars(row)["version"], instance_state(row).info.get(_HELD)
        is_next = held is not None and held["version"] == version and bool(_changed(row, held))
        return version + is_next

    def __set__(self, row: Any, version: int) -> None:
        self._attribute.__set__(row, version)


@cache
def _watch(model: Any) -> None:
    model.version = _Version(model.version)


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


def inserted(statement: Insert, source: Any, names: Sequence[str]) -> Any:
    """An insert of one row, whose values are the columns' names, selected from `GATE` or `PLACE`."""
    columns = statement.table.c
    values = select(*(bindparam(name, type_=columns[name].type) for name in names)).select_from(source)
    return statement.inline().from_select(names, values)


@cache
def _insert(model: Any) -> tuple[str, Sequence[str]]:
    compiled: Any = inserted(table_of(model).insert(), GATE, _columns(model)).compile(dialect=_DIALECT)
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
def _joined(place: str | None, claim: str | None, statements: tuple[str, ...]) -> str:
    """Statements that write, as one whose arguments are counted on, `WITH place AS (…), gate AS (…), w0 AS (…) …`:
    it answers a row, or none if the claim was not granted."""
    if (place or claim) and not all(_GATED.search(sql) for sql in statements):
        raise ValueError("a statement that would write whatever becomes of the claim")
    parts = {"place": place or "SELECT", "gate": claim or "SELECT FROM place"}
    parts |= {f"w{number}": sql for number, sql in enumerate(statements)}
    before, bodies = 0, list[str]()
    for name, sql in parts.items():
        bodies.append(f"{name} AS MATERIALIZED ({_ARGUMENT.sub(partial(_shifted, before), sql)})")
        before += max((int(each) for each in _ARGUMENT.findall(sql)), default=0)
    return " ".join(["WITH", ", ".join(bodies), "SELECT true FROM gate"])


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
