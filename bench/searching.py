"""What keeping hromadas apart costs a search: reception's own function, beside its statement run past every policy."""

import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from kit.database import Database
from kit.database.migrations import migrate
from kit.servers.postgres import provision
from kit.testing.ground import PASSWORD, PASSWORDS
from sqlalchemy import Float, Select, Text, Uuid, cast, column, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from bench import words
from bench.ground import Ground
from bench.measuring import Limit, Result, a_second, compared, percentile

_AT_ONCE = 2
_COUNTED = 60
_PLAIN = """
CREATE TABLE plain_text AS
  SELECT id, concat_ws(' ', number, applicant_name, residence, phone, text) AS said FROM appeal;
CREATE INDEX ON plain_text USING gin (said gin_trgm_ops);
"""
_TRIGRAMS = text(
    "SELECT id, word_similarity(:said, said) AS score FROM plain_text WHERE :said <% said ORDER BY score DESC LIMIT 25"
)
_QUERIES = ("Шевчнеко Садова", "Ценральна 12", "бондаренко світлфор", "1234/2026", "Тараса 77 собаки")
_FILL = """
INSERT INTO appeal (hromada_id, id, version, number, code_hash, kind, area, channel, state, applicant_name, residence,
  phone, email, text, received_at, registered_by, registered_by_name, taken_by, taken_by_name, answer, answered_by,
  answered_by_name, received_on, due_on, legal_on)
SELECT hromada, gen_random_uuid(), 1, n || '/2026', sha256(n::text::bytea), 'application', 'road', 'portal',
  CASE n % 4 WHEN 0 THEN 'registered' WHEN 1 THEN 'in_work' ELSE 'answered' END,
  surname[ceil(cardinality(surname) * random() ^ 2)::int] || ' ' || name[1 + n / 7 % cardinality(name)],
  'вул. ' || street[ceil(cardinality(street) * random() ^ 2)::int] || ', ' || 1 + n % 199, '', '',
  (SELECT string_agg(word[ceil(cardinality(word) ^ random())::int + 0 * (k + n)], ' ')
    FROM generate_series(1, 30) AS k),
  now() - make_interval(secs => n), '', '', '', '', '', '', '',
  current_date, current_date - n % 40 + 30, current_date - n % 40 + 31
FROM unnest($1::uuid[]) AS hromada, generate_series(1, $2::int) AS n,
  (SELECT $3::text[], $4::text[], $5::text[], $6::text[]) AS said (word, surname, name, street)
"""
"""Appeals, so many of each hromada, of a vocabulary: the n-th word is said once where the first is said n times, and of
surnames and streets the commonest have some hundredths."""


async def fill(connection: asyncpg.Connection, hromadas: list[UUID], many: int) -> None:
    """So many appeals of each."""
    await connection.execute("SELECT setseed(0.393)")
    vocabulary = (words.said(), words.families(), words.names(), words.streets())
    await connection.execute(_FILL, hromadas, many, *vocabulary)


async def search(ground: Ground, rows: int) -> list[Result]:
    """One hromada's appeals searched by misspelled words, through the function and past row-level security."""
    hromada = uuid4()
    await provision(ground.postgres, "reception", PASSWORDS)
    past, own = (ground.postgres.url(f"reception_{login}", PASSWORD, "reception") for login in ("migrator", "app"))
    await migrate("reception", past)
    connection = await asyncpg.connect(past)
    await fill(connection, [hromada], rows)
    await connection.execute("VACUUM ANALYZE appeal")
    await connection.execute("VACUUM ANALYZE appeal_word")
    await connection.execute(_PLAIN)
    await connection.execute("VACUUM ANALYZE plain_text")
    body = await connection.fetchval("SELECT prosrc FROM pg_proc WHERE proname = 'search_appeal'")
    await connection.execute(
        "CREATE FUNCTION search_plainly(said text, states text[], areas text[], registrar text, most integer) "
        f"RETURNS TABLE (id uuid, score real) LANGUAGE sql STABLE AS $${body}$$"
    )
    await connection.close()
    guarded, plain = Database(own, size=_AT_ONCE), Database(past, size=_AT_ONCE)
    await guarded.open()
    await plain.open()
    try:
        found = await compared(
            f"search in {rows:,} appeals of one hromada",
            lambda: a_second(_searches(guarded, hromada, "search_appeal"), at_once=_AT_ONCE),
            lambda: a_second(_searches(plain, hromada, "search_plainly"), at_once=_AT_ONCE),
            unit="searches/s",
            than="the same statement without row-level security",
            limit=Limit(at_least=0.80),
        )
        beside = await compared(
            f"search p95 in {rows:,} appeals",
            lambda: _p95(_searches(guarded, hromada, "search_appeal", _asked())),
            lambda: _p95(_trigrams(plain)),
            unit="ms",
            than="a bare trigram query: the likest 25 of a table with nothing but texts and their trigrams",
            limit=Limit(at_most=1.5),
        )
        return [found, beside]
    finally:
        await guarded.close()
        await plain.close()


def _asked() -> list[str]:
    """As many as are counted, all different: a surname alone, with a street, or a word with a street; the first of the
    two with two letters changed about. Numbers are not among them: trigrams know no number from another."""
    families, streets, said = words.families(), words.streets(), words.said()
    kinds = ((families, None), (families, streets), (said[len(words.small()) :], streets))
    return [
        " ".join([_misspelled(first[place * 7]), *([second[place]] if second else [])])
        for place in range(_COUNTED)
        for first, second in [kinds[place % len(kinds)]]
    ]


def _misspelled(word: str) -> str:
    middle = len(word) // 2
    return f"{word[: middle - 1]}{word[middle]}{word[middle - 1]}{word[middle + 1 :]}"


async def _p95(once: Callable[[], Awaitable[object]]) -> float:
    """Of searches one after another, in milliseconds."""
    took = list[float]()
    for _ in range(_COUNTED):
        began = time.perf_counter()
        await once()
        took.append(time.perf_counter() - began)
    return 1000 * percentile(took, 0.95)


def _trigrams(database: Database) -> Callable[[], Awaitable[object]]:
    queries = cycle(_asked())

    async def once() -> object:
        async with database.transaction() as db:
            return await db.records(_TRIGRAMS.bindparams(said=next(queries)))

    return once


def _searches(
    database: Database, hromada: UUID, function: str, asked: Sequence[str] = _QUERIES
) -> Callable[[], Awaitable[object]]:
    queries = cycle(asked)

    async def once() -> object:
        async with database.transaction(hromada) as db:
            return await db.records(_statement(function, next(queries)))

    return once


def _statement(function: str, query: str) -> Select[Any]:
    none = cast([], ARRAY(Text))
    found = getattr(func, function)(query, none, none, "", 501).table_valued(column("id", Uuid), column("score", Float))
    return select(found).order_by(found.c.score.desc()).limit(25)
