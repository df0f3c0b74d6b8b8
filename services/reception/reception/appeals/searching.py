"""Finds appeals by words. The index and what looks past row-level security to use it stand in SQL: `search_appeal`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, auto

from kit.call import Call
from kit.errors import Refused
from sqlalchemy import ColumnElement, Float, Text, Uuid, cast, column, func, literal_column, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select

from reception.appeals.model import Appeal, Area
from reception.appeals.rules import HEAD, State

MOST = 500
"""So many, the newest, are looked at closely: what finds more finds nothing in particular."""

_TOO_COMMON = frozenset({
    "вул", "вулиця", "вулиці", "ул", "пров", "провулок", "просп", "проспект", "бул", "бульвар", "пл", "площа",
    "буд", "будинок", "кв", "квартира", "м", "місто", "с", "село",
})  # fmt: skip
_NUMBER = re.compile(r"(\d+)/(\d{4})(?!\d)")
_PHONE = re.compile(r"(?<![\d/])(?:\+?38)?[\s(-]*(0\d{2})[\s)-]*(\d{3})[\s-]*(\d{2})[\s-]*(\d{2})(?![\d/])")


class Order(StrEnum):
    """In which order found appeals stand, if not the closest first."""

    NEWEST = auto()
    NAME = auto()


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found."""

    appeals: list[Appeal]
    count: int
    """Of all pages; more than `MOST` when not all were looked at."""


def asked(query: str) -> str:
    """The words to look for: the numbers of a phone and of an appeal in one piece, as they are kept, and no "street" or
    "house" where there are better words.

    Raises:
        Refused: there is no word in it.
    """
    joined = _NUMBER.sub(r"\1\2", _PHONE.sub(r" 38\1\2\3\4 ", query))
    words = re.findall(r"[^\W_][\w'’ʼ`]*", joined)
    if not words:
        raise Refused("query", "appeal.nothing-to-look-for")
    return " ".join([word for word in words if word.lower() not in _TOO_COMMON] or words)


async def search(
    call: Call,
    query: str,
    *,
    states: Sequence[State],
    areas: Sequence[Area],
    order: Order | None,
    skip: int,
    size: int,
) -> Found:
    """The hromada's appeals that have every word of the query, or one spelled alike.

    Raises:
        Refused: the query has no word.
    """
    registrar = call.caller.subject if call.caller.integrator else ""
    found = func.search_appeal(
        asked(query), cast(states, ARRAY(Text)), cast(areas, ARRAY(Text)), registrar, MOST + 1
    ).table_valued(column("id", Uuid), column("score", Float))
    newest = (col(Appeal.received_at).desc(), col(Appeal.id).desc())
    name: ColumnElement[str] = literal_column("appeal.applicant_order")
    ways = {None: (found.c.score.desc(), *newest), Order.NEWEST: newest, Order.NAME: (name, *newest)}
    told = col(Appeal.id) == found.c.id
    if not call.may(HEAD):  # who may not know whose it is does not find it by the name either
        known = or_(col(Appeal.state) == State.REGISTERED, col(Appeal.taken_by) == call.caller.subject)
        told &= or_(~col(Appeal.conceals_identity), known)
    listed = select(Appeal).join(found, told).order_by(*ways[order]).offset(skip).limit(size)
    counted = await call.db.records(select(func.count()).select_from(Appeal).join(found, told))
    return Found(await call.db.all(listed), counted[0][0])
