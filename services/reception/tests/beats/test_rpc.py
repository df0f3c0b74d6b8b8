"""Officers and beats over gRPC: who serves which house, and what is refused."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import grpc
import grpc.aio
import pytest
import pytest_asyncio
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.reception.v1 import officers_pb2 as pb
from spilno.reception.v1.officers_pb2_grpc import BeatsStub, OfficersStub

Opened = Callable[[], Awaitable[str]]


@contextmanager
def as_whom(token: str | None, locale: str = "uk") -> Any:
    before = acting.set(Acting(token, locale))
    try:
        yield
    finally:
        acting.reset(before)


class Desk:
    """The staff of one hromada, and what they ask."""

    def __init__(self, reception: Ground, channel: grpc.aio.Channel, slug: str) -> None:
        self.parent = f"hromadas/{slug}"
        self.token = reception.staff(slug, "officers.manage", "beats.manage")[1]
        self.resident = reception.issuer.integrator(slug, "portal")
        self.officers: Any = OfficersStub(channel)
        self.beats: Any = BeatsStub(channel)

    async def officer(self, **changes: Any) -> pb.Officer:
        card: dict[str, Any] = {
            "display_name": "Дільничний офіцер, дільниця 1",
            "kind": pb.OFFICER_KIND_DISTRICT,
            "phone": "+380971234567",
            "public": True,
            **changes,
        }
        with as_whom(self.token):
            officer: pb.Officer = await self.officers.CreateOfficer(
                pb.CreateOfficerRequest(parent=self.parent, officer=pb.OfficerDraft(**card), request_id=str(uuid4()))
            )
        return officer

    async def beat(self, number: int, *streets: str, locale: str = "uk", **changes: Any) -> pb.Beat:
        with as_whom(self.token, locale):
            beat: pb.Beat = await self.beats.CreateBeat(
                pb.CreateBeatRequest(
                    parent=self.parent,
                    beat=pb.BeatDraft(number=number, streets=streets, **changes),
                    request_id=str(uuid4()),
                )
            )
        return beat

    async def find(self, address: str) -> pb.FindOfficerResponse:
        with as_whom(self.resident):
            found: pb.FindOfficerResponse = await self.beats.FindOfficer(
                pb.FindOfficerRequest(parent=self.parent, address=address)
            )
        return found


@pytest_asyncio.fixture
async def channel(reception: Ground) -> AsyncIterator[grpc.aio.Channel]:
    async with reception.channel() as channel:
        yield channel


@pytest_asyncio.fixture
async def desk(reception: Ground, channel: grpc.aio.Channel, opened: Opened) -> Desk:
    return Desk(reception, channel, await opened())


async def refused(call: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        await call
    return failure.value


async def test_a_resident_finds_the_officer_of_a_house(desk: Desk) -> None:
    officer = await desk.officer()
    await desk.beat(1, "вул. Центральна 1-25 непарні", officer=officer.name)
    await desk.beat(2, "вул. Центральна 2-40 парні")
    found = await desk.find("центральна, 12/3-А")
    assert ([beat.number for beat in found.beats], found.exact) == ([2], True)
    found = await desk.find("Вулиця Центральна 13")
    assert found.beats[0].officer.display_name == "Дільничний офіцер, дільниця 1"
    found = await desk.find("центральна")
    assert ([beat.number for beat in found.beats], found.exact) == ([1, 2], False)


async def test_a_card_that_is_not_public_is_shown_to_nobody_outside(desk: Desk) -> None:
    officer = await desk.officer(public=False, phone="+380509998877")
    await desk.beat(1, "вул. Нова", officer=officer.name)
    found = await desk.find("Нова 1")
    with as_whom(desk.resident):
        listed = await desk.officers.ListOfficers(pb.ListOfficersRequest(parent=desk.parent))
    assert found.beats[0].number == 1
    assert not found.beats[0].HasField("officer")
    assert not listed.officers
    with as_whom(desk.token):
        cards = await desk.officers.ListOfficerCards(pb.ListOfficerCardsRequest(parent=desk.parent))
    assert cards.officers[0].card.phone == "+380509998877"


async def test_a_public_card_needs_a_way_to_reach_the_officer(desk: Desk) -> None:
    failure = await refused(desk.officer(phone=""))
    assert (failure.code, list(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, ["officer.phone"])


async def test_a_card_is_changed_by_whoever_read_it_last(desk: Desk) -> None:
    officer = await desk.officer()
    card = pb.OfficerDraft(display_name="Поліцейський офіцер громади", kind=pb.OFFICER_KIND_HROMADA)
    with as_whom(desk.token):
        changed = await desk.officers.UpdateOfficer(
            pb.UpdateOfficerRequest(name=officer.name, officer=card, etag=officer.etag)
        )
        stale = await refused(
            desk.officers.UpdateOfficer(pb.UpdateOfficerRequest(name=officer.name, officer=card, etag=officer.etag))
        )
    assert changed.card == card
    assert stale.code is grpc.StatusCode.ABORTED


async def test_a_house_has_one_beat_and_the_refusal_names_the_other(desk: Desk) -> None:
    await desk.beat(7, "вул. Центральна (Леніна) 1-25")
    failure = await refused(desk.beat(8, "вул. Садова", "Леніна 25а"))
    assert (failure.code, list(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, ["beat.streets"])
    assert "Леніна 25а" in failure.fields["beat.streets"]
    assert "№ 7" in failure.fields["beat.streets"]


async def test_a_beat_does_not_stand_in_its_own_way(desk: Desk) -> None:
    beat = await desk.beat(1, "вул. Центральна 1-25")
    draft = pb.BeatDraft(number=1, title="Центр", streets=["вул. Центральна 1-27", "  "])
    with as_whom(desk.token):
        changed = await desk.beats.UpdateBeat(pb.UpdateBeatRequest(name=beat.name, beat=draft, etag=beat.etag))
        listed = await desk.beats.ListBeats(pb.ListBeatsRequest(parent=desk.parent))
    assert list(changed.beat.streets) == ["вул. Центральна 1-27"]
    assert list(listed.beats) == [changed]


async def test_of_two_beats_drawn_at_once_over_one_house_one_is_refused(desk: Desk) -> None:
    drawn = await asyncio.gather(*(desk.beat(number, "вул. Спірна") for number in (1, 2, 3, 4)), return_exceptions=True)
    assert sum(isinstance(one, pb.Beat) for one in drawn) == 1


async def test_a_number_is_one_beats(desk: Desk) -> None:
    await desk.beat(1, "вул. Нова")
    failure = await refused(desk.beat(1, "вул. Стара"))
    assert (failure.code, list(failure.fields)) == (grpc.StatusCode.ALREADY_EXISTS, ["beat.number"])


async def test_an_officer_of_another_hromada_is_unknown_here(
    desk: Desk, reception: Ground, channel: grpc.aio.Channel, opened: Opened
) -> None:
    foreign = await Desk(reception, channel, await opened()).officer()
    for name in (foreign.name, f"{desk.parent}/officers/{foreign.name[-36:]}", f"{desk.parent}/officers/x"):
        failure = await refused(desk.beat(1, "вул. Нова", officer=name))
        assert list(failure.fields) == ["beat.officer"], name


@pytest.mark.parametrize(
    ("population", "rural", "over"),
    [(7000, False, False), (7001, False, True), (6000, True, False), (6001, True, True)],
)
async def test_more_people_than_the_order_allows_is_a_warning(
    desk: Desk, population: int, rural: bool, over: bool
) -> None:
    assert (await desk.beat(1, "вул. Нова", population=population, rural=rural)).over_norm is over


@pytest.mark.parametrize(
    ("changes", "field"), [({"streets": ["12-20"]}, "beat.streets"), ({"area": "межа"}, "beat.area")]
)
async def test_what_is_wrong_stands_at_its_field_in_both_languages(
    desk: Desk, changes: dict[str, Any], field: str
) -> None:
    streets = changes.pop("streets", [])
    for locale in ("uk", "en"):
        failure = await refused(desk.beat(1, *streets, locale=locale, **changes))
        assert list(failure.fields) == [field]
        assert "%(" not in failure.fields[field]


NORTH = '{"type":"Polygon","coordinates":[[[29.6,45.9],[29.7,45.9],[29.7,46.0],[29.6,46.0],[29.6,45.9]]]}'
SOUTH = '{"type":"Polygon","coordinates":[[[29.6,45.8],[29.7,45.8],[29.7,45.9],[29.6,45.9],[29.6,45.8]]]}'
ACROSS = '{"type":"Polygon","coordinates":[[[29.65,45.85],[29.8,45.85],[29.8,45.95],[29.65,45.95],[29.65,45.85]]]}'


async def at(desk: Desk, latitude: float, longitude: float) -> list[int]:
    with as_whom(desk.resident):
        found = await desk.beats.FindOfficer(
            pb.FindOfficerRequest(parent=desk.parent, point=pb.Point(latitude=latitude, longitude=longitude))
        )
    return [each.number for each in found.beats]


async def test_a_place_on_the_map_finds_its_beat_with_its_border(desk: Desk) -> None:
    await desk.beat(1, "Північна", area=NORTH)
    await desk.beat(2, "Південна", area=SOUTH)
    assert await at(desk, 45.95, 29.65) == [1]
    assert await at(desk, 45.85, 29.65) == [2]
    assert await at(desk, 45.9, 29.65) == [1, 2]
    assert await at(desk, 50.45, 30.52) == []
    assert (await desk.find("Південна 1")).beats[0].area == SOUTH


async def test_a_border_that_enters_another_beat_is_refused_and_names_it(desk: Desk) -> None:
    await desk.beat(1, "Північна", area=NORTH)
    with pytest.raises(Failure) as failure:
        await desk.beat(2, "Південна", area=ACROSS)
    assert set(failure.value.fields) == {"beat.area"}
    assert "№ 1" in failure.value.fields["beat.area"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [({}, "address"), ({"point": pb.Point(latitude=91)}, "point.latitude")],
)
async def test_whoever_asks_for_no_place_is_told_so(desk: Desk, asked: dict[str, Any], field: str) -> None:
    with as_whom(desk.resident), pytest.raises(Failure) as failure:
        await desk.beats.FindOfficer(pb.FindOfficerRequest(parent=desk.parent, **asked))
    assert (failure.value.code, set(failure.value.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, {field})
