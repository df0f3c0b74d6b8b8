"""What keeping hromadas apart costs a search: reception's own function, beside its statement run past every policy."""

import time
from collections.abc import Awaitable, Callable
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
FILL = """
INSERT INTO appeal (hromada_id, id, version, number, code_hash, kind, area, channel, state, applicant_name, residence,
  phone, email, text, received_at, registered_by, registered_by_name, taken_by, taken_by_name, answer, answered_by,
  answered_by_name, received_on, due_on, legal_on)
SELECT hromada, gen_random_uuid(), 1, n || '/2026', sha256(n::text::bytea), 'application', 'road', 'portal',
  'registered', surname[1 + n % 10] || ' ' || name[1 + n / 7 % 6] || ' ' || n % 997,
  'вул. ' || street[1 + n / 11 % 9] || ', ' || n % 199, '', '',
  (SELECT string_agg(word[1 + (n * 31 + k * k * 7 + k * n) % 24], ' ') FROM generate_series(1, 30) AS k),
  now() - make_interval(secs => n), '', '', '', '', '', '', '', current_date, current_date + 30, current_date + 30
FROM unnest($1::uuid[]) AS hromada, generate_series(1, $2::int) AS n, (SELECT
  string_to_array('Шевченко Коваленко Бондаренко Ткаченко Кравченко Олійник Шевчук Поліщук Бойко Мельник', ' '),
  string_to_array('Іван Олена Петро Ганна Йосип Євген', ' '),
  string_to_array('Центральна Шевченка Садова Шкільна Тараса Миру Польова Дунайська Вокзальна', ' '),
  string_to_array('ліхтар не світить яма дорога діти бояться переходити перехрестя собаки шум вночі сміття вода '
    'паркан школа зупинка світлофор тротуар сніг дерево дах сусід машина', ' ')
) AS said (surname, name, street, word)
"""
"""Appeals, so many of each hromada."""


async def search(ground: Ground, rows: int) -> list[Result]:
    """One hromada's appeals searched by misspelled words, through the function and past row-level security."""
    hromada = uuid4()
    await provision(ground.postgres, "reception", PASSWORDS)
    past, own = (ground.postgres.url(f"reception_{login}", PASSWORD, "reception") for login in ("migrator", "app"))
    await migrate("reception", past)
    connection = await asyncpg.connect(past)
    await connection.execute(FILL, [hromada], rows)
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
            lambda: _p95(_searches(guarded, hromada, "search_appeal")),
            lambda: _p95(_trigrams(plain)),
            unit="ms",
            than="a bare trigram query: the likest 25 of a table with nothing but texts and their trigrams",
            limit=Limit(at_most=1.5),
        )
        return [found, beside]
    finally:
        await guarded.close()
        await plain.close()


async def _p95(once: Callable[[], Awaitable[object]]) -> float:
    """Of searches one after another, in milliseconds."""
    took = list[float]()
    for _ in range(_COUNTED):
        began = time.perf_counter()
        await once()
        took.append(time.perf_counter() - began)
    return 1000 * percentile(took, 0.95)


def _trigrams(database: Database) -> Callable[[], Awaitable[object]]:
    queries = cycle(_QUERIES)

    async def once() -> object:
        async with database.transaction() as db:
            return await db.records(_TRIGRAMS.bindparams(said=next(queries)))

    return once


def _searches(database: Database, hromada: UUID, function: str) -> Callable[[], Awaitable[object]]:
    queries = cycle(_QUERIES)

    async def once() -> object:
        async with database.transaction(hromada) as db:
            return await db.records(_statement(function, next(queries)))

    return once


def _statement(function: str, query: str) -> Select[Any]:
    none = cast([], ARRAY(Text))
    found = getattr(func, function)(query, none, none, "", 501).table_valued(column("id", Uuid), column("score", Float))
    return select(found).order_by(found.c.score.desc()).limit(25)
