"""Jobs: done in one transaction with what they change, once, by whichever replica is alive."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from kit.call import Hromada
from kit.jobs import queue
from kit.jobs.declared import Verb, name_of
from kit.jobs.worker import Worker
from kit.testing.ground import Ground, at
from sample.chores import away, count_the_day, note_later, stumble, stumbles
from sample.model import Note
from sample.service import service
from sqlmodel import select


class SetClock:
    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment


class Place:
    """A hromada whose jobs a test does by its own clock; the served sample's own worker sees none of them as due."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.slug = f"h-{uuid4().hex[:8]}"
        self.clock = SetClock(at("2126-05-04 09:00"))
        self.worker = self.replica([ground.hromada(self.slug)])

    def replica(self, hromadas: Iterable[Hromada] = ()) -> Worker:
        kit = self.ground.kit
        return Worker(kit.database, self.clock, service.jobs, kit.call, lambda: hromadas)

    async def later(self, text: str, verb: Verb = note_later, key: str = "", after: float = 0) -> bool:
        async with self.ground.call(self.slug) as call:
            return await call.later(verb, self.clock.moment + timedelta(seconds=after), key or text, text=text)

    async def parked(self) -> list[str]:
        """The causes of what was tried in vain."""
        async with self.ground.kit.database.transaction() as db:
            rows = await queue.parked(db, [job.name for job in service.jobs])
        return [row["cause"] for row in rows if row["slug"] == self.slug]

    async def notes(self) -> list[str]:
        async with self.ground.call(self.slug) as call:
            return sorted(note.text for note in await call.db.all(select(Note)))


@pytest.fixture
def place(sample: Ground) -> Place:
    return Place(sample)


async def test_a_job_is_done_when_it_is_due_and_not_before(place: Place) -> None:
    await place.later("згодом", after=60)
    await place.worker.work()
    assert await place.notes() == []
    place.clock.moment += timedelta(seconds=61)
    await place.worker.work()
    assert await place.notes() == ["згодом"]


async def test_a_job_that_is_done_is_not_done_again(place: Place) -> None:
    await place.later("раз")
    for _ in range(3):
        await place.worker.work()
    assert await place.notes() == ["раз"]


async def test_asking_again_under_the_same_key_changes_nothing_even_once_it_is_done(place: Place) -> None:
    assert await place.later("раз", key="візит")
    assert not await place.later("два", key="візит")
    await place.worker.work()
    assert not await place.later("три", key="візит")
    await place.worker.work()
    assert await place.notes() == ["раз"]


async def test_what_is_asked_for_in_a_call_that_fails_is_not_done(place: Place) -> None:
    with pytest.raises(ZeroDivisionError):
        await _asks_and_fails(place)
    await place.worker.work()
    assert await place.notes() == []


async def _asks_and_fails(place: Place) -> None:
    async with place.ground.call(place.slug) as call:
        await call.later(note_later, place.clock.moment, "ні", text="ні")
        raise ZeroDivisionError


async def test_what_is_taken_back_is_not_done(place: Place) -> None:
    await place.later("ні")
    async with place.ground.call(place.slug) as call:
        assert await call.not_later(note_later, "ні")
    await place.worker.work()
    assert await place.notes() == []


async def test_what_is_done_cannot_be_taken_back(place: Place) -> None:
    await place.later("так")
    await place.worker.work()
    async with place.ground.call(place.slug) as call:
        assert not await call.not_later(note_later, "так")


async def test_three_replicas_do_each_job_once(place: Place) -> None:
    texts = [f"справа {number:03}" for number in range(60)]
    for text in texts:
        await place.later(text)
    replicas = [place.replica() for _ in range(3)]
    for _ in range(3):
        await asyncio.gather(*(replica.work() for replica in replicas))
    assert await place.notes() == texts


class TestFailing:
    async def test_a_job_that_fails_leaves_nothing_and_is_tried_again(self, place: Place) -> None:
        text = f"спіткнувся {place.slug}"
        stumbles[text] = [ValueError("раз")]
        await place.later(text, stumble)
        await place.worker.work()
        assert await place.notes() == []
        place.clock.moment += timedelta(seconds=3)
        await place.worker.work()
        assert await place.notes() == [text]

    async def test_each_pause_is_longer(self, place: Place) -> None:
        text = f"спіткнувся {place.slug}"
        stumbles[text] = [ValueError(), ValueError()]
        await place.later(text, stumble)
        for _ in range(3):
            await place.worker.work()
            place.clock.moment += timedelta(seconds=3)
        assert await place.notes() == []
        place.clock.moment += timedelta(seconds=6)
        await place.worker.work()
        assert await place.notes() == [text]

    async def test_after_the_last_try_it_is_parked_with_its_cause_and_nobodys_words(self, place: Place) -> None:
        text = f"спіткнувся {place.slug}"
        stumbles[text] = [ValueError("телефон 097…") for _ in range(queue.TRIES)]
        await place.later(text, stumble)
        for _ in range(queue.TRIES + 2):
            await place.worker.work()
            place.clock.moment += timedelta(hours=1)
        [cause] = await place.parked()
        assert cause.startswith("ValueError at stumble:")
        assert await place.notes() == []

    async def test_what_is_parked_can_be_tried_anew(self, place: Place) -> None:
        text = f"спіткнувся {place.slug}"
        stumbles[text] = [ValueError() for _ in range(queue.TRIES)]
        await place.later(text, stumble)
        for _ in range(queue.TRIES):
            await place.worker.work()
            place.clock.moment += timedelta(hours=1)
        async with place.ground.kit.database.transaction() as db:
            await queue.try_again(db, place.clock.moment)
        await place.worker.work()
        assert await place.notes() == [text]

    async def test_while_something_is_away_it_waits_and_is_never_parked(self, place: Place) -> None:
        text = f"чекає {place.slug}"
        stumbles[text] = [away() for _ in range(queue.TRIES + 2)]
        await place.later(text, stumble)
        for _ in range(queue.TRIES + 3):
            await place.worker.work()
            place.clock.moment += timedelta(minutes=1)
        assert await place.parked() == []
        assert await place.notes() == [text]

    async def test_a_job_whose_verb_is_gone_holds_nobody_up_and_is_shown(self, place: Place) -> None:
        async with place.ground.call(place.slug) as call:
            await queue.put(call.db, call.hromada.id, place.slug, "sample.gone", "1", {}, place.clock.moment)
        await place.later("далі", after=1)
        place.clock.moment += timedelta(seconds=2)
        await place.worker.work()
        assert await place.notes() == ["далі"]
        assert len(await place.parked()) == 1


class TestEveryDay:
    async def test_each_hromada_has_its_own_once_a_day(self, place: Place) -> None:
        for _ in range(2):
            await place.worker.put_daily()
            await place.worker.work()
        assert await place.notes() == [f"the day {await _today(place)}"]

    async def test_the_next_day_it_is_done_again(self, place: Place) -> None:
        await place.worker.put_daily()
        place.clock.moment += timedelta(days=1)
        await place.worker.put_daily()
        async with place.ground.call(place.slug) as call:
            keys = [
                row["key"]
                for row in await queue.due(call.db, [name_of(count_the_day)], place.clock.moment, 500)
                if row["slug"] == place.slug
            ]
        assert len(keys) == 2

    async def test_what_was_done_long_ago_is_forgotten(self, place: Place) -> None:
        await place.later("давно", key="k")
        await place.worker.work()
        place.clock.moment += timedelta(days=8)
        await place.worker.put_daily()
        assert await place.later("знову", key="k")


async def _today(place: Place) -> str:
    async with place.ground.call(place.slug) as call:
        return call.today.isoformat()
