"""Hazards over gRPC: what residents tell, what everybody sees, what staff do with it."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from kit.notices.model import Notice
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from machine import demo, demo_hazards
from reception.hazards import forgetting
from reception.hazards.model import Confirmation, Follower, Hazard
from reception.maps import actions as maps
from spilno.reception.v1 import hazards_pb2 as pb
from spilno.reception.v1 import receptions_pb2
from spilno.reception.v1.appeals_pb2 import NoticeWish
from spilno.reception.v1.hazards_pb2_grpc import HazardsStub
from spilno.reception.v1.officers_pb2 import Point
from sqlmodel import select

Opened = Callable[[], Awaitable[str]]
MAP = Path(demo.__file__).with_name("map.geojson")
INSIDE, OUTSIDE = Point(latitude=45.8405, longitude=29.6120), Point(latitude=46.48, longitude=30.72)
SECRET = "Сусід Іван Вигаданий, тел. 097 123 45 67, свариться"
STAFF = ("hazards.read", "hazards.moderate", "hazards.manage")


def draft(category: str = "pit", text: str = "Відкритий люк", **changes: Any) -> pb.HazardDraft:
    return pb.HazardDraft(**{"category": category, "point": INSIDE, "text": text, **changes})


@dataclass
class Office:
    """A hromada's hazards, as residents and as staff use them."""

    ground: Ground
    slug: str
    stub: Any

    @property
    def parent(self) -> str:
        return f"hromadas/{self.slug}"

    def as_staff(self) -> None:
        acting.set(Acting(self.ground.staff(self.slug, *STAFF)[1], "uk"))

    def as_resident(self, address: str = "192.0.2.1") -> None:
        acting.set(Acting(self.ground.issuer.service("web"), "uk", address))

    async def report(self, hazard: pb.HazardDraft | None = None, **changes: Any) -> pb.HazardReceipt:
        self.as_resident()
        asked = pb.ReportHazardRequest(parent=self.parent, hazard=hazard or draft(), request_id=str(uuid4()), **changes)
        receipt: pb.HazardReceipt = await self.stub.ReportHazard(asked)
        return receipt

    async def whole(self, number: int) -> pb.Hazard:
        self.as_staff()
        listed = await self.stub.ListHazards(pb.ListHazardsRequest(parent=self.parent, number=number))
        found: pb.Hazard = await self.stub.GetHazard(pb.GetHazardRequest(name=listed.hazards[0].name))
        return found

    async def show(self, number: int, text: str = "") -> pb.Hazard:
        found = await self.whole(number)
        shown: pb.Hazard = await self.stub.ModerateHazard(
            pb.ModerateHazardRequest(
                name=found.name,
                etag=found.etag,
                shown=True,
                text=text or found.hazard.text,
                address=found.hazard.address,
            )
        )
        return shown

    async def move(self, number: int, deed: str, **changes: Any) -> pb.Hazard:
        found = await self.whole(number)
        moved: pb.Hazard = await self.stub.MoveHazard(
            pb.MoveHazardRequest(
                name=found.name, etag=found.etag, deed=pb.HazardDeed.Value(f"HAZARD_DEED_{deed}"), **changes
            )
        )
        return moved

    async def public(self) -> list[pb.PublicHazard]:
        self.as_resident()
        return list((await self.stub.ListPublicHazards(pb.ListPublicHazardsRequest(parent=self.parent))).hazards)


@pytest.fixture
async def office(reception: Ground, opened: Opened) -> AsyncIterator[Office]:
    slug = await opened()
    async with reception.call(slug) as call:
        await maps.bring(call, MAP.read_text(encoding="utf-8"), "Умовна схема", maps.NONE_YET)
    before = acting.set(acting.get())
    async with reception.channel() as channel:
        yield Office(reception, slug, HazardsStub(channel))
    acting.reset(before)


async def refused(call: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        await call
    return failure.value


async def test_nothing_is_public_before_staff_have_looked_through_it(office: Office) -> None:
    receipt = await office.report(draft(text=SECRET, contact=pb.HazardContact(name="Оксана", phone="+380971234567")))
    assert receipt.body == "Комунальне підприємство"
    assert await office.public() == []
    missing = await refused(office.stub.GetPublicHazard(pb.GetPublicHazardRequest(parent=office.parent, number=1)))
    assert missing.code is grpc.StatusCode.NOT_FOUND
    whole = await office.whole(receipt.number)
    assert (whole.text, whole.contact.phone) == (SECRET, "+380971234567")
    assert {each.words for each in whole.doubts} == {"Сусід Іван Вигаданий", "097 123 45 67"}
    assert whole.hazard.text == "[…], тел. […], свариться"
    await office.show(receipt.number, "Сварка в дворі")
    (shown,) = await office.public()
    assert (shown.number, shown.text, shown.point) == (receipt.number, "Сварка в дворі", INSIDE)


async def test_where_the_settings_let_it_pass_it_is_public_at_once(office: Office) -> None:
    await office.report(draft("street-light", "Темно"))
    await office.report(draft("street-light", SECRET))
    assert [each.text for each in await office.public()] == ["Темно"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "no-such-thing"}, "hazard.category"),
        ({"point": None, "address": " \u202e "}, "hazard.address"),
        ({"point": OUTSIDE}, "hazard.point"),
        ({"text": "х" * 10_000}, "hazard.text"),
        ({"address": "х" * 10_000}, "hazard.address"),
        ({"contact": pb.HazardContact(name="х" * 10_000)}, "hazard.contact.name"),
        ({"notices": NoticeWish(channel=receptions_pb2.REMINDER_CHANNEL_EMAIL, language="uk")}, "hazard.contact.email"),
    ],
    ids=["category", "nowhere", "outside", "long-text", "long-address", "long-name", "no-mail"],
)
async def test_what_cannot_be_taken_is_told_by_its_field(office: Office, changes: dict[str, Any], field: str) -> None:
    failure = await refused(office.report(draft(**changes)))
    assert (failure.code, list(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, [field])


async def test_a_moment_of_no_calendar_is_told_by_its_field(office: Office) -> None:
    office.as_resident()
    asked = pb.ListPublicHazardsRequest(parent=office.parent, since=Timestamp(seconds=10**15))
    assert list((await refused(office.stub.ListPublicHazards(asked))).fields) == ["since"]


async def test_a_repeated_request_answers_the_same(office: Office) -> None:
    office.as_resident()
    asked = pb.ReportHazardRequest(parent=office.parent, hazard=draft(), request_id=str(uuid4()))
    assert await office.stub.ReportHazard(asked) == await office.stub.ReportHazard(asked)


async def test_what_is_near_is_suggested_closed_or_not_and_only_if_public(office: Office) -> None:
    first, second, third = [(await office.report()).number for _ in range(3)]
    await office.show(first)
    await office.show(second)
    await office.move(second, "FIXED")
    office.as_resident()
    near = Point(latitude=45.8408, longitude=29.6122)
    found = await office.stub.SuggestHazards(pb.SuggestHazardsRequest(parent=office.parent, hazard=draft(point=near)))
    assert {each.number for each in found.hazards} == {first, second}
    assert third in {each.number for each in (await office.whole(first)).similar}
    other = pb.SuggestHazardsRequest(parent=office.parent, hazard=draft("rubbish"))
    office.as_resident()
    assert list((await office.stub.SuggestHazards(other)).hazards) == []


async def test_a_hazard_goes_its_way_with_its_history(office: Office) -> None:
    receipt = await office.report()
    await office.show(receipt.number)
    await office.move(receipt.number, "ACCEPTED")
    await office.move(receipt.number, "HANDED_OVER", body=pb.HazardBody(title="Служба доріг"))
    await office.move(receipt.number, "FIXED", note="Кришку замінено")
    (fixed,) = await office.public()
    assert [(pb.HazardDeed.Name(step.deed)[12:], step.body) for step in fixed.steps] == [
        ("REPORTED", ""),
        ("SHOWN", ""),
        ("ACCEPTED", ""),
        ("HANDED_OVER", "Служба доріг"),
        ("FIXED", ""),
    ]
    assert (fixed.body, fixed.note, bool(fixed.closed_on)) == ("Служба доріг", "Кришку замінено", True)
    again = await refused(office.move(receipt.number, "ACCEPTED"))
    assert again.code is grpc.StatusCode.FAILED_PRECONDITION
    asked: dict[str, Any] = {
        "parent": office.parent,
        "number": receipt.number,
        "reason": "Знову провалилася",
        "request_id": str(uuid4()),
    }
    office.as_resident()
    assert list((await refused(office.stub.ReopenHazard(pb.ReopenHazardRequest(**asked)))).fields) == ["code"]
    with_code = pb.ReopenHazardRequest(**{**asked, "code": receipt.code, "request_id": str(uuid4())})
    reopened = await office.stub.ReopenHazard(with_code)
    assert (reopened.state, reopened.closed_on) == (pb.HAZARD_STATE_REOPENED, "")
    assert "Знову" not in str(reopened)
    assert (await office.whole(receipt.number)).hazard.steps[-1].note == "Знову провалилася"


async def test_a_rejection_says_why_and_a_day_is_in_its_order(office: Office) -> None:
    number = (await office.report()).number
    assert list((await refused(office.move(number, "REJECTED"))).fields) == ["note"]
    assert list((await refused(office.move(number, "FIXED", date="2001-01-01"))).fields) == ["date"]
    assert list((await refused(office.move(number, "MERGED", duplicate_of=number))).fields) == ["duplicate_of"]


async def test_one_browser_confirms_once_and_makes_no_form_stale(office: Office) -> None:
    number = (await office.report()).number
    opened = await office.show(number)
    office.as_resident()

    async def confirmed(visitor: str) -> pb.ConfirmHazardResponse:
        asked = pb.ConfirmHazardRequest(parent=office.parent, number=number, visitor=visitor, request_id=str(uuid4()))
        answer: pb.ConfirmHazardResponse = await office.stub.ConfirmHazard(asked)
        return answer

    assert [(one.confirmations, one.again) for one in (await confirmed("browser-1"), await confirmed("browser-1"))] == [
        (1, False),
        (1, True),
    ]
    assert (await confirmed("browser-2")).confirmations == 2
    assert (await office.whole(number)).etag == opened.etag
    office.as_resident()
    for place in range(27):
        await confirmed(f"browser-{place:02}")
    assert (await refused(confirmed("browser-99"))).code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_duplicate_adds_to_what_it_is_the_same_as(office: Office) -> None:
    first, second = (await office.report()).number, (await office.report()).number
    merged = await office.move(second, "MERGED", duplicate_of=first)
    assert (merged.hazard.state, merged.hazard.duplicate_of) == (pb.HAZARD_STATE_DUPLICATE, first)
    assert (await office.whole(first)).hazard.confirmations == 1


async def test_who_follows_is_told_until_they_stop_it(office: Office) -> None:
    wish = NoticeWish(channel=receptions_pb2.REMINDER_CHANNEL_EMAIL, language="uk")
    receipt = await office.report(draft(contact=pb.HazardContact(email="a@example.org"), notices=wish))
    await office.show(receipt.number)
    await office.move(receipt.number, "ACCEPTED")
    async with office.ground.call(office.slug) as call:
        assert [each.kind for each in await call.db.all(select(Notice))] == ["hazard-accepted"]
    office.as_resident()
    follow = pb.FollowHazardRequest(parent=office.parent, code=receipt.code)
    followed = await office.stub.FollowHazard(follow)
    assert (followed.own, followed.told, followed.hazard.state) == (True, True, pb.HAZARD_STATE_ACCEPTED)
    stop = pb.StopHazardNoticesRequest(parent=office.parent, code=receipt.code, request_id=str(uuid4()))
    assert not (await office.stub.StopHazardNotices(stop)).told
    wrong = pb.FollowHazardRequest(parent=office.parent, code="000000000000")
    assert (await refused(office.stub.FollowHazard(wrong))).code is grpc.StatusCode.NOT_FOUND


async def test_a_sheet_holds_no_formula_and_nobody(office: Office) -> None:
    contact = pb.HazardContact(name="Оксана", email="someone@example.org")
    number = (await office.report(draft(text='=HYPERLINK("http://x")', address="+вул. Умовна", contact=contact))).number
    office.as_staff()
    sheet = (await office.stub.ExportHazards(pb.ExportHazardsRequest(parent=office.parent))).csv
    rows = list(csv.reader(io.StringIO(sheet.decode("utf-8-sig"))))
    assert (rows[1][0], rows[1][7], rows[1][8]) == (str(number), "'+вул. Умовна", '\'=HYPERLINK("http://x")')
    assert not {"someone", "Оксана"} & set(sheet.decode().replace("@", ",").split(","))


async def test_a_key_reports_until_it_is_revoked(office: Office) -> None:
    office.as_staff()
    made = await office.stub.CreateReportKey(
        pb.CreateReportKeyRequest(parent=office.parent, title="Застосунок сусіднього міста", request_id=str(uuid4()))
    )
    receipt = await office.report(key=made.secret)
    theirs = pb.GetPublicHazardRequest(parent=office.parent, number=receipt.number, key=made.secret)
    assert (await office.stub.GetPublicHazard(theirs)).publication == pb.HAZARD_PUBLICATION_WAITING
    assert (await office.whole(receipt.number)).channel == pb.HAZARD_CHANNEL_INTEGRATION
    (listed,) = (await office.stub.ListReportKeys(pb.ListReportKeysRequest(parent=office.parent))).keys
    assert listed.used_on
    await office.stub.RevokeReportKey(pb.RevokeReportKeyRequest(name=listed.name, etag=listed.etag))
    assert (await refused(office.report(key=made.secret))).code is grpc.StatusCode.PERMISSION_DENIED


async def test_settings_route_a_category_to_whoever_is_in_charge(office: Office) -> None:
    office.as_staff()
    kept = await office.stub.GetHazardSettings(pb.GetHazardSettingsRequest(parent=office.parent))
    organisation = f"{office.parent}/organisations/{uuid4()}"
    pit = next(each for each in kept.categories if each.code == "pit")
    pit.body.organisation, pit.body.title, kept.anyone_reopens = organisation, "Міська рада", True
    asked = pb.UpdateHazardSettingsRequest(parent=office.parent, settings=kept, etag=kept.etag)
    assert (await office.stub.UpdateHazardSettings(asked)).anyone_reopens
    number = (await office.report()).number
    assert (await office.whole(number)).body == pb.HazardBody(organisation=organisation, title="Міська рада")


async def test_after_the_days_of_the_settings_people_are_forgotten_and_what_everybody_read_stays(
    office: Office,
) -> None:
    number = (await office.report(draft(text=SECRET, contact=pb.HazardContact(name="Оксана")))).number
    await office.show(number, "Сварка в дворі")
    await office.move(number, "FIXED")
    async with office.ground.call(office.slug) as call:
        call.now += timedelta(days=200)
        await forgetting.forget_people(call)
    async with office.ground.call(office.slug) as call:
        (kept,) = await call.db.all(select(Hazard))
        assert (kept.text, kept.public_text, kept.contact_name) == ("Сварка в дворі", "Сварка в дворі", "")
        assert not await call.db.all(select(Follower))
        assert not await call.db.all(select(Confirmation))


async def test_the_demo_tells_two_months_of_a_towns_life(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_hazards, "SLUG", office.slug)
    token = office.ground.staff(office.slug, *STAFF)[1]
    async with office.ground.call(office.slug) as call:
        today = call.today
    for _ in range(2):  # a demo that was interrupted goes on
        async with grpc.aio.insecure_channel(office.ground.address) as channel:
            await demo_hazards.enter(channel, (("authorization", f"Bearer {token}"),), today)
    office.as_resident()
    listed = await office.stub.ListPublicHazards(pb.ListPublicHazardsRequest(parent=office.parent, page_size=100))
    assert len(listed.hazards) == len(demo_hazards.TOLD) - 2
    assert all("Демонстраційне" in each.text for each in listed.hazards)
    assert {each.state for each in listed.hazards} == set(pb.HazardState.values()) - {0, pb.HAZARD_STATE_REPORTED}
    assert (listed.hazards[0].reported_at.ToDatetime() - listed.hazards[-1].reported_at.ToDatetime()).days > 50
