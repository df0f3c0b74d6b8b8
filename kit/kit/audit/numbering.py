"""Numbers for the rows of the trail, without gaps, and their way to identity: the relay's work, under its login.

One relay is active, so that numbering needs no lock that calls would wait for. What is taken out of the table before
the relay saw it, within half a second of its commit, leaves no gap; whatever is taken out later does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

import asyncpg
from spilno.audit.v1 import entries_pb2 as pb

AUDIT = "audit"
"""In the place of a service's name: the stream of all services' rows."""
_BATCH = 500
_MOST_BYTES = 200_000
_NAMESPACE = UUID("5b0f8f0e-6a53-5cb5-9d7c-2f6c1a0d7e42")

_NUMBER = """
WITH waiting AS (
  SELECT id, hromada_id FROM audit WHERE number IS NULL ORDER BY id LIMIT $1
), placed AS (
  SELECT id, hromada_id, row_number() OVER (PARTITION BY hromada_id ORDER BY id) AS place,
         count(*) OVER (PARTITION BY hromada_id) AS many FROM waiting
), counted AS (
  INSERT INTO audit_count AS c (hromada_id, last) SELECT DISTINCT hromada_id, many FROM placed
  ON CONFLICT (hromada_id) DO UPDATE SET last = c.last + excluded.last RETURNING hromada_id, last
)
UPDATE audit SET number = counted.last - placed.many + placed.place
FROM placed JOIN counted USING (hromada_id) WHERE audit.id = placed.id
"""
_WAITING = """
SELECT id, hromada_id, number, at, subject, method, records, numbers, purpose, outcome FROM audit
WHERE published_at IS NULL AND number IS NOT NULL ORDER BY hromada_id, number LIMIT $1
"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Rows of one hromada on their way."""

    ids: Sequence[UUID]
    headers: dict[str, str]
    body: bytes


async def has_waiting(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """Whether any row has not left yet."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM audit WHERE published_at IS NULL)"))


async def number(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Gives each row that has none the next number of its hromada."""
    await connection.execute(_NUMBER, _BATCH)


async def parcels(connection: "asyncpg.Connection[asyncpg.Record]", service: str) -> list[Parcel]:
    """What has a number and has not left, in the order of the numbers."""
    rows = await connection.fetch(_WAITING, _BATCH)
    return [
        _parcel(service, hromada, some)
        for hromada, of_one in groupby(rows, key=lambda row: row["hromada_id"])
        for some in _small_enough([(row["id"], _entry(row)) for row in of_one])
    ]


async def sent(connection: "asyncpg.Connection[asyncpg.Record]", ids: Sequence[UUID], now: datetime) -> None:
    """They have left."""
    await connection.execute("UPDATE audit SET published_at = $2 WHERE id = ANY($1::uuid[])", ids, now)


async def sweep(connection: "asyncpg.Connection[asyncpg.Record]", before: datetime) -> None:
    """Forgets what left long ago: identity has it, sealed."""
    await connection.execute("DELETE FROM audit WHERE published_at < $1", before)


def _entry(row: Any) -> pb.Entry:
    return pb.Entry(
        id=str(row["id"]),
        number=row["number"],
        at=row["at"].astimezone(UTC).isoformat(timespec="microseconds"),
        subject=row["subject"],
        method=row["method"],
        records=row["records"],
        numbers=row["numbers"],
        purpose=row["purpose"],
        outcome=row["outcome"],
    )


def _small_enough(entries: list[tuple[UUID, pb.Entry]]) -> Iterator[list[tuple[UUID, pb.Entry]]]:
    some: list[tuple[UUID, pb.Entry]] = []
    size = 0
    for each in entries:
        if some and size + each[1].ByteSize() > _MOST_BYTES:
            yield some
            some, size = [], 0
        some.append(each)
        size += each[1].ByteSize()
    yield some


def _parcel(service: str, hromada: UUID, entries: list[tuple[UUID, pb.Entry]]) -> Parcel:
    """The same rows always make the same parcel: sent twice, it counts once."""
    numbers = f"{entries[0][1].number}-{entries[-1][1].number}"
    id = str(uuid5(_NAMESPACE, f"{service}|{hromada}|{numbers}"))
    body = pb.EntriesWritten(entries=[entry for _, entry in entries])
    headers = {
        "Nats-Msg-Id": id,
        "content-type": "application/protobuf",
        "ce-specversion": "1.0",
        "ce-id": id,
        "ce-source": f"/{service}",
        "ce-type": pb.EntriesWritten.DESCRIPTOR.full_name,
        "ce-time": entries[-1][1].at,
        "ce-hromada": "",
        "ce-hromadaid": str(hromada),
    }
    return Parcel([id for id, _ in entries], headers, body.SerializeToString(deterministic=True))
