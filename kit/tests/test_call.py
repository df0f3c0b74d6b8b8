"""A call: who, where, when, and what it tells afterwards."""

from datetime import date, datetime

import pytest
from kit.call import Caller
from kit.errors import Denied
from kit.testing.ground import Ground, at
from sample.contract import NoteWritten


@pytest.mark.parametrize(
    ("moment", "day"), [("2026-12-31 21:59", date(2026, 12, 31)), ("2026-12-31 22:00", date(2027, 1, 1))]
)
async def test_today_is_the_day_in_ukraine(sample: Ground, moment: str, day: date) -> None:
    async with sample.call("tatarbunary", now=at(moment)) as call:
        assert call.today == day


async def test_a_call_has_one_moment(sample: Ground) -> None:
    async with sample.call("tatarbunary") as call:
        before: datetime = call.now
        assert call.now is before


async def test_a_call_of_no_hromada_is_denied_one(sample: Ground) -> None:
    async with sample.kit.call(Caller("operator")) as call:
        with pytest.raises(Denied):
            _ = call.hromada


@pytest.mark.parametrize(("permission", "may"), [("notes.read", True), ("notes.write", False), ("notes", False)])
async def test_a_caller_may_what_their_roles_say(sample: Ground, permission: str, may: bool) -> None:
    async with sample.call("tatarbunary", Caller("olena", permissions=frozenset({"notes.read"}))) as call:
        assert call.may(permission) is may


async def test_what_is_emitted_waits_for_the_end_of_the_call(sample: Ground) -> None:
    async with sample.call("tatarbunary") as call:
        call.emit(NoteWritten())
        assert len(call.emitted) == 1
        call.emitted.clear()
