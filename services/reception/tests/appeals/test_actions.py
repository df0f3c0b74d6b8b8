"""The verbs of appeals, on a real database."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from kit.call import Caller
from kit.errors import Denied, Missing, Refused, Stale, WrongState
from kit.testing.ground import Ground, at
from reception.appeals import actions
from reception.appeals.actions import Place
from reception.appeals.model import Appeal, Area, Channel, Kind
from reception.appeals.rules import Draft, Outcome, Resolution, State

Opened = Callable[[], Awaitable[str]]

DRAFT = Draft(
    name="Мешканка Олена",
    residence="м. Татарбунари, вул. Центральна, 1",
    phone="+380971234567",
    email="",
    text="На вулиці біля зупинки не світять три ліхтарі.",
)
RESOLUTION = Resolution("Ліхтарі полагодять до п’ятниці.", Outcome.GRANTED)
OFFICER = Caller("officer-1", "Дільничний офіцер, дільниця 1")
HEAD = Caller("head-1", "Керівник офісу")


async def registered(reception: Ground, slug: str, draft: Draft = DRAFT) -> tuple[Appeal, str]:
    async with reception.call(slug) as call:
        return await actions.register(call, draft, Kind.APPLICATION, Area.INFRASTRUCTURE, Channel.PORTAL)


async def test_numbers_begin_anew_each_year(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    numbers = []
    for moment in ("2026-12-30 10:00", "2026-12-31 10:00", "2027-01-02 10:00"):
        async with reception.call(slug, now=at(moment)) as call:
            appeal, _ = await actions.register(call, DRAFT, Kind.APPLICATION, Area.ROAD, Channel.PORTAL)
            numbers.append(appeal.number)
    assert numbers == ["1/2026", "2/2026", "1/2027"]


async def test_a_number_is_of_the_day_in_kyiv_not_in_greenwich(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    async with reception.call(slug, now=at("2026-12-31 22:30")) as call:
        appeal, _ = await actions.register(call, DRAFT, Kind.APPLICATION, Area.ROAD, Channel.PORTAL)
    assert appeal.number == "1/2027"


async def test_a_registration_that_fails_gives_its_number_back(reception: Ground, opened: Opened) -> None:
    slug = await opened()

    async def broken_off() -> None:
        async with reception.call(slug) as call:
            await actions.register(call, DRAFT, Kind.APPLICATION, Area.ROAD, Channel.PORTAL)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await broken_off()
    appeal, _ = await registered(reception, slug)
    assert appeal.number.startswith("1/")


async def test_a_hromada_without_an_open_register_is_asked_to_wait(reception: Ground) -> None:
    with pytest.raises(WrongState) as refusal:
        await registered(reception, f"h-{uuid4().hex[:12]}")
    assert refusal.value.reason == "register.not-open"
    assert refusal.value.retry_after is not None


async def test_an_appeal_is_followed_by_its_code_with_or_without_spaces(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    appeal, code = await registered(reception, slug)
    async with reception.call(slug, Caller("", address="10.0.0.1")) as call:
        found = await actions.follow(call, f"{code[:4]} {code[4:8]}-{code[8:]}")
    assert found.id == appeal.id


async def test_the_code_itself_is_kept_nowhere(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    appeal, code = await registered(reception, slug)
    assert code.encode() not in appeal.code_hash
    assert code not in repr(appeal)


async def test_a_code_of_one_hromada_finds_nothing_in_another(reception: Ground, opened: Opened) -> None:
    slug, other = await opened(), await opened()
    _, code = await registered(reception, slug)
    async with reception.call(other, Caller("", address="10.0.0.2")) as call:
        with pytest.raises(Missing):
            await actions.follow(call, code)


async def test_only_the_one_who_took_an_appeal_answers_it(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    appeal, _ = await registered(reception, slug)
    async with reception.call(slug, OFFICER) as call:
        taken = await actions.take(call, appeal.id, appeal.etag)
    async with reception.call(slug, HEAD) as call:
        with pytest.raises(Denied):
            await actions.answer(call, appeal.id, taken.etag, RESOLUTION)
    async with reception.call(slug, OFFICER) as call:
        answered = await actions.answer(call, appeal.id, taken.etag, RESOLUTION)
    assert answered.state is State.ANSWERED


async def test_a_stale_etag_is_refused_and_changes_nothing(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    appeal, _ = await registered(reception, slug)
    async with reception.call(slug, OFFICER) as call:
        await actions.take(call, appeal.id, appeal.etag)
    async with reception.call(slug, HEAD) as call:
        with pytest.raises(Stale):
            await actions.take(call, appeal.id, appeal.etag)
    async with reception.call(slug) as call:
        assert (await actions.get(call, appeal.id)).taken_by == OFFICER.subject


async def test_another_hromadas_appeal_is_missing(reception: Ground, opened: Opened) -> None:
    slug, other = await opened(), await opened()
    appeal, _ = await registered(reception, slug)
    async with reception.call(other) as call:
        with pytest.raises(Missing):
            await actions.get(call, appeal.id)


async def test_an_integrator_sees_only_what_it_registered(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    lighting = Caller(f"int.{slug}.lighting", "Ліхтарі", integrator=True)
    appeal, _ = await registered(reception, slug)
    async with reception.call(slug, lighting) as call:
        own, _ = await actions.register(call, DRAFT, Kind.APPLICATION, Area.INFRASTRUCTURE, Channel.INTEGRATION)
    async with reception.call(slug, lighting) as call:
        listed = await actions.page(call, states=[], areas=[], mine=False, after=None, size=10)
        with pytest.raises(Missing):
            await actions.get(call, appeal.id)
    assert [one.id for one in listed] == [own.id]


async def test_a_page_goes_on_where_the_one_before_ended(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    expected = [(await registered(reception, slug))[0].id for _ in range(5)][::-1]
    async with reception.call(slug) as call:
        first = await actions.page(call, states=[], areas=[], mine=False, after=None, size=3)
        last = Place(first[-1].received_at, first[-1].id)
        second = await actions.page(call, states=[], areas=[], mine=False, after=last, size=3)
    assert [appeal.id for appeal in [*first, *second]] == expected


async def test_the_eleventh_wrong_code_in_a_quarter_of_an_hour_is_not_tried(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    reasons = []
    for _ in range(11):
        async with reception.call(slug, Caller("", address="10.9.9.9")) as call:
            with pytest.raises(Exception, match=r"appeal\.") as refusal:
                await actions.follow(call, "0" * 12)
            reasons.append(str(refusal.value))
    assert reasons == ["appeal.code-unknown"] * 10 + ["appeal.too-many-codes"]


async def test_more_wrong_codes_at_once_than_there_are_connections(reception: Ground, opened: Opened) -> None:
    slug = await opened()

    async def try_one(place: int) -> str:
        async with reception.call(slug, Caller("", address=f"10.1.0.{place}")) as call:
            with pytest.raises(Missing) as refusal:
                await actions.follow(call, "0" * 12)
            return refusal.value.reason

    async with asyncio.timeout(60):
        reasons = await asyncio.gather(*(try_one(place) for place in range(40)))
    assert set(reasons) == {"appeal.code-unknown"}


async def test_a_portal_appeal_without_any_contact_is_refused_at_the_phone(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    with pytest.raises(Refused) as refusal:
        await registered(reception, slug, Draft("Олена", "Татарбунари", "", "", "Не світять ліхтарі біля школи"))
    assert refusal.value.field == "appeal.applicant.phone"


async def test_an_appeal_without_an_answer_for_over_a_month_is_overdue(reception: Ground, opened: Opened) -> None:
    slug = await opened()
    numbers = {}
    for received in ("2026-10-22 23:30", "2026-10-23 09:00", "2026-10-25 09:00"):
        async with reception.call(slug, OFFICER, now=at(received)) as call:
            appeal, _ = await actions.register(call, DRAFT, Kind.APPLICATION, Area.ROAD, Channel.PORTAL)
            numbers[received] = appeal.number
    async with reception.call(slug, OFFICER, now=at("2026-11-24 09:00")) as call:
        found = await actions.page(call, states=[], areas=[], mine=False, overdue=True, after=None, size=10)
    assert {each.number for each in found} == {numbers["2026-10-22 23:30"], numbers["2026-10-23 09:00"]}
