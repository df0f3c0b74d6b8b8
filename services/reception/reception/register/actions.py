"""Opening the register and numbering from it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kit.call import Call
from kit.database import table_of
from kit.errors import WrongState
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from reception.appeals.model import Appeal
from reception.appeals.rules import Priority
from reception.register import rules
from reception.register.model import Register, RegisterYear
from reception.register.rules import Privilege, Settings


@dataclass(frozen=True, slots=True)
class Year:
    """How far a year's numbers go, and which of them no appeal has."""

    year: int
    last: int
    missing: list[int]


async def open_register(call: Call, settings: Settings) -> bool:
    """Opens the hromada's register, unless it is open; tells whether it was opened now."""
    if await call.db.one_or_none(select(Register)) is not None:
        return False
    call.db.add(Register(opened_at=call.now, **_columns(settings)))
    return True


async def update(call: Call, etag: str, settings: Settings) -> Register:
    """How the register is kept from now on.

    Raises:
        Refused: a privilege is of no code, or stands twice.
    """
    rules.check(settings)
    row = await call.db.lock(Register, (await require_open(call)).id, etag)
    for name, value in _columns(settings).items():
        setattr(row, name, value)
    return row


def said(row: Register) -> Settings:
    """The register's settings as the rules know them."""
    return Settings(
        row.index_mode,
        tuple(
            Privilege(date.fromisoformat(each["since"]), each["code"], Priority(each["priority"]))
            for each in row.privileged
        ),
    )


def _columns(settings: Settings) -> dict[str, Any]:
    return {
        "index_mode": settings.index_mode,
        "privileged": [
            {"since": each.since.isoformat(), "code": each.code, "priority": each.priority.value}
            for each in settings.privileged
        ],
    }


async def years(call: Call) -> list[Year]:
    """Each year's numbers, newest first, and which of them are missing."""
    found = await call.db.all(select(RegisterYear).order_by(col(RegisterYear.year).desc()))
    return [Year(each.year, each.last, await _missing(call, each)) for each in found]


async def _missing(call: Call, year: RegisterYear) -> list[int]:
    numbers = await call.db.records(select(col(Appeal.number)).where(col(Appeal.number).endswith(f"/{year.year}")))
    return rules.gaps((each["number"] for each in numbers), year.year, year.last)


async def require_open(call: Call) -> Register:
    """The hromada's register.

    Raises:
        WrongState: it is not open yet; its provisioning is under way.
    """
    register = await call.db.one_or_none(select(Register))
    if register is None:
        raise WrongState("register.not-open", retry_after=timedelta(seconds=2))
    return register


async def hold(call: Call) -> None:
    """Whoever holds the register is alone until the call ends: for checks over many rows of a hromada."""
    await call.db.lock(Register, (await require_open(call)).id)


async def next_number(call: Call, register: Register, mark: str) -> str:
    """The next registration index of the year, such as 147/2026. It is given back if the call fails: no gaps.

    Args:
        register: the hromada's, as `require_open` gave it.
        mark: the correspondent's first letter, КО or БП.
    """
    table = table_of(RegisterYear)
    first = insert(table).values(
        hromada_id=call.hromada.id, id=uuid7(), version=1, register_id=register.id, year=call.today.year, last=1
    )
    counted = first.on_conflict_do_update(
        index_elements=[table.c.hromada_id, table.c.year], set_={"last": table.c.last + 1}
    ).returning(table.c.last)
    last = (await call.db.records(counted))[0]["last"]
    return rules.index(register.index_mode, mark, call.today.year, last)
