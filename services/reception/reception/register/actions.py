"""Opening the register and numbering from it."""

from datetime import timedelta

from kit.call import Call
from kit.database import table_of
from kit.errors import WrongState
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from uuid_utils.compat import uuid7

from reception.register.model import Register, RegisterYear


async def open_register(call: Call) -> bool:
    """Opens the hromada's register, unless it is open; tells whether it was opened now."""
    if await call.db.one_or_none(select(Register)) is not None:
        return False
    call.db.add(Register(opened_at=call.now))
    return True


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


async def next_number(call: Call) -> str:
    """The next registration index of the year, such as 147/2026. It is given back if the call fails: no gaps.

    Raises:
        WrongState: the register is not open yet.
    """
    register = await require_open(call)
    table = table_of(RegisterYear)
    first = insert(table).values(
        hromada_id=call.hromada.id, id=uuid7(), version=1, register_id=register.id, year=call.today.year, last=1
    )
    counted = first.on_conflict_do_update(
        index_elements=[table.c.hromada_id, table.c.year], set_={"last": table.c.last + 1}
    ).returning(table.c.last)
    last = (await call.db.records(counted))[0]["last"]
    return f"{last}/{call.today.year}"
