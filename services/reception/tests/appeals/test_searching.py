"""Appeals are found by what is remembered of them, however it is spelled."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import grpc.aio
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from reception.appeals.searching import asked
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub

Opened = Callable[[], Awaitable[str]]
MAY = ("appeals.register", "appeals.read", "appeals.take")
WHO = {
    "Яремчук Ганна": ("вул. Центральна, 14", "Ліхтар не світить, увечері нічого не видно.", "+380971234567"),
    "Шевченко Іван": ("вул. Садова, 12/3-А", "На перехресті немає світлофора.", "+380671112233"),
    "Єременко Знам’яна": ("пров. Лесі Українки, 5", "Собаки бігають біля школи зграєю.", "+380501234500"),
    "Ґудзь Йосип": ("вул. Центральна, 140", "Шум уночі після двадцять третьої.", "+380931112244"),
}


class Desk:
    """One who searches an office's appeals."""

    def __init__(self, stub: Any, slug: str, token: str) -> None:
        self.stub, self.slug, self.token = stub, slug, token

    @contextmanager
    def signed_in(self) -> Iterator[None]:
        before = acting.set(Acting(self.token, "uk"))
        try:
            yield
        finally:
            acting.reset(before)

    async def register(self, name: str, residence: str, text: str, phone: str) -> pb.Appeal:
        draft = pb.AppealDraft(
            kind=pb.APPEAL_KIND_APPLICATION,
            area=pb.SAFETY_AREA_ROAD,
            applicant=pb.Applicant(name=name, residence=residence, phone=phone),
            text=text,
        )
        with self.signed_in():
            answer = await self.stub.RegisterAppeal(
                pb.RegisterAppealRequest(
                    parent=f"hromadas/{self.slug}",
                    appeal=draft,
                    channel=pb.APPEAL_CHANNEL_PHONE,
                    request_id=str(uuid4()),
                )
            )
        registered: pb.Appeal = answer.appeal
        return registered

    async def search(self, query: str, **more: Any) -> pb.SearchAppealsResponse:
        with self.signed_in():
            found: pb.SearchAppealsResponse = await self.stub.SearchAppeals(
                pb.SearchAppealsRequest(parent=f"hromadas/{self.slug}", query=query, **more)
            )
        return found

    async def names(self, query: str, **more: Any) -> list[str]:
        return [appeal.applicant.name for appeal in (await self.search(query, **more)).appeals]


@pytest_asyncio.fixture(scope="module")
async def channel(reception: Ground) -> AsyncIterator[grpc.aio.Channel]:
    async with reception.channel() as channel:
        yield channel


@pytest_asyncio.fixture(scope="module")
async def desk(reception: Ground, channel: grpc.aio.Channel, opened: Opened) -> Desk:
    """A desk with four appeals."""
    slug = await opened()
    desk = Desk(AppealsStub(channel), slug, reception.staff(slug, *MAY)[1])
    for name, (residence, text, phone) in WHO.items():
        await desk.register(name, residence, text, phone)
    return desk


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Шевченко", "Шевченко Іван"),
        ("шевчнеко", "Шевченко Іван"),
        ("Шевч", "Шевченко Іван"),
        ("Ценральна 14", "Яремчук Ганна"),
        ("вулиця Центральна, 140", "Ґудзь Йосип"),
        ("гудзь", "Ґудзь Йосип"),
        ("знамяна", "Єременко Знам’яна"),
        ("Знам'яна", "Єременко Знам’яна"),
        ("Caдовa", "Шевченко Іван"),
        ("097 123-45-67", "Яремчук Ганна"),
        ("+380971234567", "Яремчук Ганна"),
        ("(097)1234567", "Яремчук Ганна"),
        ("світофор", "Шевченко Іван"),
        ("собака школа", "Єременко Знам’яна"),
        ("ліхтаря Яремчук", "Яремчук Ганна"),
    ],
)
async def test_the_first_that_is_found_is_the_one_that_was_meant(desk: Desk, query: str, name: str) -> None:
    assert (await desk.names(query))[:1] == [name]


async def test_an_appeal_is_found_by_its_number(desk: Desk) -> None:
    appeal = await desk.register("Бойко Олег", "вул. Миру, 1", "Яма на дорозі біля пошти.", "+380991112255")
    found = await desk.search(appeal.number)
    assert [one.name for one in found.appeals] == [appeal.name]


async def test_every_word_must_be_met(desk: Desk) -> None:
    assert await desk.names("Шевченко Центральна") == []


async def test_a_number_is_not_taken_for_another_like_it(desk: Desk) -> None:
    assert await desk.names("Центральна 14") == ["Яремчук Ганна"]


async def test_found_appeals_stand_in_the_order_of_the_ukrainian_alphabet(desk: Desk) -> None:
    found = await desk.names("вул", order=pb.SEARCH_ORDER_NAME)
    alphabetical = [name for name in found if name in WHO]
    assert alphabetical == ["Ґудзь Йосип", "Шевченко Іван", "Яремчук Ганна"]


async def test_pages_follow_one_another(desk: Desk) -> None:
    first = await desk.search("вул", page_size=1, order=pb.SEARCH_ORDER_NAME)
    second = await desk.search("вул", page_size=1, order=pb.SEARCH_ORDER_NAME, page_token=first.next_page_token)
    assert first.appeals[0].name != second.appeals[0].name


async def test_a_page_of_another_search_is_refused(desk: Desk) -> None:
    first = await desk.search("вул", page_size=1)
    with pytest.raises(Failure) as failure:
        await desk.search("Садова", page_size=1, page_token=first.next_page_token)
    assert set(failure.value.fields) == {"page_token"}


async def test_what_has_another_state_is_left_out(desk: Desk) -> None:
    assert await desk.names("Шевченко", states=[pb.APPEAL_STATE_ANSWERED]) == []


async def test_the_neighbours_search_finds_nothing_of_it(
    desk: Desk, reception: Ground, channel: grpc.aio.Channel, opened: Opened
) -> None:
    slug = await opened()
    neighbour = Desk(AppealsStub(channel), slug, reception.staff(slug, *MAY)[1])
    assert await neighbour.names("Шевченко") == []


async def test_an_integrator_finds_what_it_registered_and_no_more(desk: Desk, reception: Ground) -> None:
    reception.register.people[desk.slug, f"int.{desk.slug}.lamps"] = frozenset({"appeals.read", "appeals.register"})
    system = Desk(desk.stub, desk.slug, reception.issuer.integrator(desk.slug, "lamps"))
    own = await system.register("Шевченко Система", "вул. Нова, 1", "Ліхтар № 14 не світить.", "+380991112266")
    assert [one.name for one in (await system.search("Шевченко")).appeals] == [own.name]


@pytest.mark.parametrize("query", ["…", "' \" \\ & | ! :*", "%_%"])
async def test_a_query_without_a_word_is_refused_at_its_field(desk: Desk, query: str) -> None:
    with pytest.raises(Failure) as failure:
        await desk.search(query)
    assert set(failure.value.fields) == {"query"}


@pytest.mark.parametrize(
    "query", ["О'Ніл & (Шев | чук) :* !", "'; DROP TABLE appeal; --", "a <-> b \\", "'а", "а" * 200, "\u202eабв"]
)
async def test_whatever_is_typed_is_words_and_nothing_else(desk: Desk, query: str) -> None:
    assert "Невідомий" not in await desk.names(query)


@given(st.text(max_size=60).filter(lambda query: any(letter.isalnum() for letter in query)))
def test_what_has_a_letter_or_a_digit_can_be_looked_for(query: str) -> None:
    assert asked(query).strip()
