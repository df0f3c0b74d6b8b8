"""The tables of a hromada as PostgreSQL's own catalogue knows them: one that is added later needs no word here.

A table with `hromada_id` that is not the platform's leaves with its hromada, unless its comment says why it stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Text, TextClause, bindparam, text

from kit.database import Session

_TABLES = text(
    """
    SELECT c.relname AS name,
      array(SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            ORDER BY a.attnum) AS columns,
      array(SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> ''
            ORDER BY a.attnum) AS computed,
      array(SELECT a.attname::text FROM pg_index i, unnest(i.indkey::int[]) WITH ORDINALITY k (number, place)
            JOIN pg_attribute a ON a.attnum = k.number
            WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid ORDER BY k.place) AS key,
      array(SELECT DISTINCT r.relname::text FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
            WHERE k.contype = 'f' AND k.conrelid = c.oid AND k.confrelid <> c.oid) AS needs,
      array(SELECT a.attname::text FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)
            WHERE k.contype = 'f' AND k.conrelid = c.oid AND r.relname = :referred) AS referring
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'hromada_id')
      AND coalesce(obj_description(c.oid, 'pg_class'), '') NOT LIKE 'platform: %'
      AND coalesce(obj_description(c.oid, 'pg_class'), '') NOT LIKE 'stays: %'
    ORDER BY 1
    """
).bindparams(bindparam("referred"))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Rows of the platform that another installation knows by another id, and where the hromada remembers it."""

    referred: str
    """Their table, such as "person"."""
    aliases: str
    """A table with `hromada_id`, `<referred>_id` as here, and `was` as there."""

    def as_there(self, row: str, name: str) -> str:
        """The id in a column, as the other installation has it."""
        return self._other(row, f"{self.referred}_id", name, "was")

    def as_here(self, row: str, name: str) -> str:
        """The id in a column, as this installation has it."""
        return self._other(row, "was", name, f"{self.referred}_id")

    def _other(self, row: str, known: str, name: str, wanted: str) -> str:
        there = f"a.hromada_id = {row}.hromada_id AND a.{_quoted(known)} = {row}.{_quoted(name)}"
        found = f"SELECT a.{_quoted(wanted)} FROM {_quoted(self.aliases)} a WHERE {there}"
        return f"coalesce(({found}), {row}.{_quoted(name)})"


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows are a hromada's own."""

    name: str
    columns: tuple[str, ...]
    computed: tuple[str, ...]
    """Columns that the database fills by itself."""
    key: tuple[str, ...]
    needs: frozenset[str]
    """The tables that must be there before it."""
    referring: tuple[str, ...]
    """Columns that name a row of the platform which another installation knows by another id."""

    def page(self, closed: Sequence[str], after: Sequence[Any], size: int, elsewhere: Elsewhere | None) -> TextClause:
        """Lines after a key: the key, the `line`, and each column that is closed as `closed <name>`."""
        key = ", ".join(f"t.{_quoted(name)}" for name in self.key)
        values = {f"after_{place}": value for place, value in enumerate(after)}
        where = f"WHERE ({key}) > ({', '.join(f':{name}' for name in values)})" if after else ""
        apart = "".join(f', t.{_quoted(name)} AS "closed {name}"' for name in closed)
        line = "to_jsonb(t)"
        if elsewhere is not None and self.referring:
            other = ", ".join(f"'{name}', {elsewhere.as_there('t', name)}" for name in self.referring)
            line = f"(to_jsonb(t) || jsonb_build_object({other}))"
        return text(
            f"SELECT {key}, ({line} - :left_out)::text AS line{apart} FROM {_quoted(self.name)} t {where} "
            f"ORDER BY {key} LIMIT {size}"
        ).bindparams(bindparam("left_out", [*self.computed, *closed], type_=ARRAY(Text)), **values)

    def taking(self, lines: Sequence[str], laid_over: Sequence[str], elsewhere: Elsewhere | None) -> TextClause:
        """Takes lines, over each of which another is laid."""
        columns = ", ".join(_quoted(name) for name in self.columns)
        values = ", ".join(
            elsewhere.as_here("r", name) if elsewhere is not None and name in self.referring else f"r.{_quoted(name)}"
            for name in self.columns
        )
        return text(
            f"INSERT INTO {_quoted(self.name)} ({columns}) SELECT {values} "
            "FROM unnest(:lines, :laid_over) AS l (line, laid_over), "
            f"jsonb_populate_record(NULL::public.{_quoted(self.name)}, l.line::jsonb || l.laid_over::jsonb) AS r"
        ).bindparams(bindparam("lines", lines, type_=ARRAY(Text)), bindparam("laid_over", laid_over, type_=ARRAY(Text)))

    @property
    def room(self) -> TextClause:
        """How many rows there are, and how much room they take."""
        return text(
            "SELECT count(*) AS rows, coalesce(sum(pg_column_size(t.*)), 0)::bigint AS bytes "
            f"FROM {_quoted(self.name)} t"
        )

    @property
    def any_row(self) -> TextClause:
        return text(f"SELECT 1 FROM {_quoted(self.name)} LIMIT 1")


async def tables_of(db: Session, referred: str = "") -> list[Table]:
    """The tables, by name.

    Args:
        db: the service's own database.
        referred: the platform's table whose rows have other ids elsewhere, if there is one.
    """
    return [_table(record) for record in await db.records(_TABLES.bindparams(referred=referred))]


def in_order(tables: Iterable[Table]) -> list[Table]:
    """The same, each after those that it needs."""
    left = {table.name: table for table in tables}
    ordered: list[Table] = []
    while left:
        ready = [table for table in left.values() if not table.needs & left.keys()]
        if not ready:
            raise ValueError(f"tables that need each other: {', '.join(sorted(left))}")
        ordered += ready
        for table in ready:
            del left[table.name]
    return ordered


def _quoted(name: str) -> str:
    """A name of the catalogue, as a statement takes it."""
    return '"' + name.replace('"', '""') + '"'


def _table(record: Any) -> Table:
    return Table(
        name=record["name"],
        columns=tuple(record["columns"]),
        computed=tuple(record["computed"]),
        key=tuple(record["key"]),
        needs=frozenset(record["needs"]),
        referring=tuple(record["referring"]),
    )
