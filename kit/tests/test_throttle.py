"""Attempts are counted where all replicas see them, and the count stays though the call is refused."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from kit.call import Caller
from kit.errors import TooMany
from kit.testing.ground import Ground, at
from kit.throttle import Throttle, _attempt
from sqlalchemy import select

WRONG_CODES = Throttle("wrong-code", most=3, window=timedelta(minutes=15), reason="access.too-many")
START = "2026-05-01 10:00"


@pytest.fixture
def who() -> str:
    return f"10.0.{uuid4()}"


async def attempt(
    sample: Ground, *who: str, moment: str = START, succeeds: bool = False, throttle: Throttle = WRONG_CODES
) -> None:
    async with sample.call("tatarbunary", Caller("", address=who[0]), now=at(moment)) as call:
        await throttle.attempt(call, *who)
        if succeeds:
            await throttle.succeeded(call, *who)


async def refused(sample: Ground, *who: str, moment: str = START) -> TooMany:
    with pytest.raises(TooMany) as refusal:
        await attempt(sample, *who, moment=moment)
    return refusal.value


async def use_up(sample: Ground, *who: str) -> None:
    for _ in range(3):
        await attempt(sample, *who)


async def test_so_many_attempts_may_be_made(sample: Ground, who: str) -> None:
    await use_up(sample, who)


async def test_one_more_is_refused(sample: Ground, who: str) -> None:
    await use_up(sample, who)
    assert (await refused(sample, who)).reason == "access.too-many"


async def test_an_attempt_counts_though_its_call_is_refused(sample: Ground, who: str) -> None:
    async def fail() -> None:
        async with sample.call("tatarbunary", now=at(START)) as call:
            await WRONG_CODES.attempt(call, who)
            raise RuntimeError

    for _ in range(3):
        with pytest.raises(RuntimeError):
            await fail()
    assert await refused(sample, who)


async def test_the_refused_are_told_when_the_window_ends(sample: Ground, who: str) -> None:
    await use_up(sample, who)
    refusal = await refused(sample, who, moment="2026-05-01 10:04:30")
    assert (refusal.retry_after, refusal.values["minutes"]) == (timedelta(minutes=10, seconds=30), 11)


async def test_a_last_second_is_told_as_a_minute(sample: Ground, who: str) -> None:
    await use_up(sample, who)
    assert (await refused(sample, who, moment="2026-05-01 10:14:59")).values["minutes"] == 1


async def test_a_clock_that_was_a_day_ahead_locks_nobody_out_for_a_day(sample: Ground, who: str) -> None:
    for _ in range(3):
        await attempt(sample, who, moment="2026-05-02 10:00")
    await attempt(sample, who)


async def test_after_the_window_attempts_may_be_made_again(sample: Ground, who: str) -> None:
    await use_up(sample, who)
    await refused(sample, who)
    await attempt(sample, who, moment="2026-05-01 10:15:01")


async def test_attempts_while_refused_do_not_prolong_the_window(sample: Ground, who: str) -> None:
    await use_up(sample, who)
    for minute in (5, 10, 14):
        await refused(sample, who, moment=f"2026-05-01 10:{minute:02}")
    await attempt(sample, who, moment="2026-05-01 10:15:01")


async def test_a_success_forgets_the_attempts_before_it(sample: Ground, who: str) -> None:
    await attempt(sample, who)
    await attempt(sample, who)
    await attempt(sample, who, succeeds=True)
    await use_up(sample, who)


async def test_one_is_not_refused_for_anothers_attempts(sample: Ground, who: str) -> None:
    await use_up(sample, who)
    await attempt(sample, f"{who}1")


async def test_attempts_of_one_kind_are_not_those_of_another(sample: Ground, who: str) -> None:
    await use_up(sample, who)
    await attempt(sample, who, throttle=Throttle("wrong-password", most=3, window=timedelta(minutes=15)))


async def test_ten_at_once_are_counted_each(sample: Ground, who: str) -> None:
    results = await asyncio.gather(*(attempt(sample, who) for _ in range(10)), return_exceptions=True)
    assert [type(result) for result in results].count(TooMany) == 7


async def test_nobody_can_read_from_the_table_who_tried(sample: Ground, who: str) -> None:
    await attempt(sample, who)
    async with sample.call("tatarbunary") as call:
        rows = await call.db.records(select(_attempt))
    assert all(who.encode() not in row["key"] for row in rows)
