"""What reception tells, over gRPC and into a real mailbox."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import contextmanager
from datetime import UTC, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import grpc.aio
import pytest
import pytest_asyncio
from kit.jobs import queue
from kit.jobs.declared import name_of
from kit.names import last
from kit.rpc.client import Acting, Failure, acting
from kit.servers.letters import Letters
from kit.testing.ground import PASSWORD, Ground
from reception.receptions import rules
from reception.receptions.actions import forget_visitors, remind
from spilno.reception.v1 import appeals_pb2, particulars_pb2, receptions_pb2
from spilno.reception.v1 import notices_pb2 as pb
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub
from spilno.reception.v1.notices_pb2_grpc import NoticesStub
from spilno.reception.v1.receptions_pb2_grpc import ReceptionsStub

EMAIL, SMS = receptions_pb2.REMINDER_CHANNEL_EMAIL, receptions_pb2.REMINDER_CHANNEL_SMS
EVERYTHING = (
    "SELECT * FROM outbox",
    "SELECT * FROM audit",
    "SELECT * FROM job",
    "SELECT * FROM notice",
    "SELECT * FROM attempt",
)
PERMISSIONS = (
    "receptions.read",
    "receptions.book",
    "appeals.read",
    "appeals.register",
    "appeals.take",
    "appeals.answer",
    "notices.read",
    "notices.send",
    "notices.write",
)


@contextmanager
def as_whom(token: str, locale: str = "uk") -> Any:
    before = acting.set(Acting(token, locale))
    try:
        yield
    finally:
        acting.reset(before)


def address() -> str:
    return f"o{uuid4().hex[:10]}@example.org"


class Desk:
    """Staff of one hromada, and the mailbox of everybody."""

    def __init__(self, reception: Ground, channel: grpc.aio.Channel, letters: Letters, slug: str) -> None:
        self.ground, self.slug, self.parent = reception, slug, f"hromadas/{slug}"
        self.staff = reception.staff(slug, *PERMISSIONS)[1]
        self.letters = letters
        self.receptions: Any = ReceptionsStub(channel)
        self.appeals: Any = AppealsStub(channel)
        self.notices: Any = NoticesStub(channel)

    async def book(self, to: str, language: str = "uk") -> receptions_pb2.Visit:
        with as_whom(self.ground.issuer.integrator(self.slug, "portal")):
            listed = await self.receptions.ListSlots(receptions_pb2.ListSlotsRequest(parent=self.parent, days=12))
        start = [slot.start_time for day in listed.days for slot in day.slots if slot.free][-1]
        wish = receptions_pb2.ReminderDraft(channel=EMAIL, email=to, language=language)
        visit = receptions_pb2.VisitDraft(
            start_time=start, visitor="Виграли приз", phone="+380971234567", topic="http://evil.example", reminder=wish
        )
        with as_whom(self.staff):
            booked = await self.receptions.BookVisitForCaller(
                receptions_pb2.BookVisitForCallerRequest(parent=self.parent, visit=visit, request_id=str(uuid4()))
            )
        found: receptions_pb2.Visit = booked.visit
        return found

    async def appeal(self, to: str, **changes: Any) -> appeals_pb2.RegisterAppealResponse:
        wish = appeals_pb2.NoticeWish(**{"channel": EMAIL, "language": "uk", **changes})
        draft = appeals_pb2.AppealDraft(
            kind=appeals_pb2.APPEAL_KIND_APPLICATION,
            area=appeals_pb2.SAFETY_AREA_ORDER,
            applicant=appeals_pb2.Applicant(name="Олена", residence="Татарбунари", email=to),
            text="Щоночі шум біля магазину",
            notices=wish,
        )
        with as_whom(self.staff):
            answer: appeals_pb2.RegisterAppealResponse = await self.appeals.RegisterAppeal(
                appeals_pb2.RegisterAppealRequest(
                    parent=self.parent,
                    appeal=draft,
                    channel=appeals_pb2.APPEAL_CHANNEL_PHONE,
                    request_id=str(uuid4()),
                )
            )
        return answer

    async def about(self, **record: str) -> list[pb.Notice]:
        with as_whom(self.staff):
            return list((await self.notices.ListNotices(pb.ListNoticesRequest(parent=self.parent, **record))).notices)

    async def over(self, count: int = 1, **record: str) -> list[pb.Notice]:
        """The notices about a record, once so many are not queued any more."""
        async with asyncio.timeout(30):
            while True:
                found = await self.about(**record)
                done = [one for one in found if one.state != pb.NOTICE_STATE_QUEUED]
                if len(done) >= count:
                    return found
                await asyncio.sleep(0.1)

    def mailed(self, to: str) -> list[Any]:
        return [letter for letter in self.letters.letters() if letter["To"] == to]


@pytest_asyncio.fixture
async def desk(reception: Ground, letters: Letters, opened: Callable[[], Awaitable[str]]) -> AsyncIterator[Desk]:
    async with reception.channel() as channel:
        yield Desk(reception, channel, letters, await opened())


async def refused(call: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        await call
    return failure.value


async def test_who_books_is_told_when_and_how_to_cancel_and_no_word_of_theirs(desk: Desk) -> None:
    to = address()
    visit = await desk.book(to)
    [notice] = await desk.over(visit=visit.name)
    assert (notice.kind, notice.state, notice.address) == ("visit-booked", pb.NOTICE_STATE_SENT, "o***@example.org")
    [letter] = desk.mailed(to)
    assert f"http://localhost:8080/{desk.slug}/visits/cancel" in letter.get_content()
    assert "приз" not in letter.as_string() + letter.get_content()
    assert "evil" not in letter.get_content()


async def test_who_cancels_is_told_and_of_the_earlier_letter_nothing_is_kept(desk: Desk) -> None:
    to = address()
    visit = await desk.book(to, "en")
    await desk.over(visit=visit.name)
    with as_whom(desk.staff):
        request = receptions_pb2.CancelVisitForCallerRequest(name=visit.name, etag=visit.etag)
        await desk.receptions.CancelVisitForCaller(request)
    cancelled, booked = await desk.over(2, visit=visit.name)
    assert (cancelled.kind, booked.kind, booked.address) == ("visit-cancelled", "visit-booked", "")
    assert not booked.can_resend
    assert [letter["Subject"].partition(":")[0] for letter in desk.mailed(to)] == [
        "Your visit is booked",
        "Your visit is cancelled",
    ]


async def test_a_reminder_is_put_off_to_the_day_before_and_taken_back_with_the_visit(desk: Desk) -> None:
    visit = await desk.book(address())
    due = rules.remind_at(visit.start_time.ToDatetime(UTC))

    async def waiting() -> list[Any]:
        async with desk.ground.kit.database.transaction() as db:
            rows = await queue.due(db, [name_of(remind)], due, 500)
        return [row for row in rows if row["slug"] == desk.slug]

    [job] = await waiting()
    assert (job["said"], job["due_at"]) == ({"visit": last(visit.name)}, due)
    with as_whom(desk.staff):
        request = receptions_pb2.CancelVisitForCallerRequest(name=visit.name, etag=visit.etag)
        await desk.receptions.CancelVisitForCaller(request)
    assert await waiting() == []


async def test_a_reminder_says_when_and_is_not_sent_of_a_visit_that_is_over(desk: Desk) -> None:
    to = address()
    visit = await desk.book(to)
    async with desk.ground.call(desk.slug) as call:
        await remind(call, last(visit.name))
    reminder, _ = await desk.over(2, visit=visit.name)
    assert reminder.kind == "visit-tomorrow"
    with as_whom(desk.staff):
        request = receptions_pb2.CancelVisitForCallerRequest(name=visit.name, etag=visit.etag)
        await desk.receptions.CancelVisitForCaller(request)
    async with desk.ground.call(desk.slug) as call:
        await remind(call, last(visit.name))
    assert len(await desk.about(visit=visit.name)) == 3


async def test_notices_are_forgotten_with_their_visitor(desk: Desk) -> None:
    visit = await desk.book(address())
    await desk.over(visit=visit.name)
    past = visit.start_time.ToDatetime(UTC) + rules.FORGOTTEN_AFTER + timedelta(seconds=1)
    async with desk.ground.call(desk.slug, now=past) as call:
        await forget_visitors(call)
    [notice] = await desk.about(visit=visit.name)
    assert (notice.address, notice.can_resend, notice.state) == ("", False, pb.NOTICE_STATE_SENT)


async def test_an_applicant_is_told_the_number_and_then_of_the_answer_in_their_language(desk: Desk) -> None:
    to = address()
    registered = await desk.appeal(to, language="en")
    appeal = registered.appeal
    with as_whom(desk.staff):
        taken = await desk.appeals.TakeAppeal(appeals_pb2.TakeAppealRequest(name=appeal.name, etag=appeal.etag))
        await desk.appeals.AnswerAppeal(
            appeals_pb2.AnswerAppealRequest(
                name=taken.name,
                etag=taken.etag,
                answer="Патруль їздитиме щоночі",
                outcome=particulars_pb2.APPEAL_OUTCOME_GRANTED,
            )
        )
    answered, told = await desk.over(2, appeal=appeal.name)
    assert (told.kind, answered.kind) == ("appeal-registered", "appeal-answered")
    letters = sorted(desk.mailed(to), key=lambda letter: str(letter["Subject"]))
    assert [letter["Subject"] for letter in letters] == [
        f"The answer to appeal {appeal.number}",
        f"Your appeal is registered: {appeal.number}",
    ]
    said = "".join(letter.get_content() for letter in letters)
    for kept_back in (registered.code, "Патруль", "шум", "Олена"):
        assert kept_back not in said


@pytest.mark.parametrize(
    ("to", "changes", "field"),
    [
        ("", {}, "appeal.applicant.email"),
        ("o@example.org", {"channel": SMS}, "appeal.notices.channel"),
        ("o@example.org", {"channel": 0}, "appeal.notices.channel"),
        ("o@example.org", {"language": "de"}, "appeal.notices.language"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_by_its_field(
    desk: Desk, to: str, changes: dict[str, Any], field: str
) -> None:
    failure = await refused(desk.appeal(to, **changes))
    assert (failure.code, list(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, [field])


async def test_the_channels_are_those_that_are_configured(desk: Desk) -> None:
    with as_whom(desk.ground.issuer.integrator(desk.slug, "portal")):
        found = await desk.notices.GetNoticeChannels(pb.GetNoticeChannelsRequest(parent=desk.parent))
    assert [(one.channel, one.stays_here) for one in found.channels] == [(EMAIL, True)]


async def test_what_failed_says_why_and_is_sent_again_once(desk: Desk) -> None:
    visit = await desk.book("550@example.org")
    [failed] = await desk.over(visit=visit.name)
    assert (failed.state, failed.trouble, failed.can_resend) == (
        pb.NOTICE_STATE_FAILED,
        pb.NOTICE_TROUBLE_NO_SUCH_ADDRESS,
        True,
    )
    request = pb.ResendNoticeRequest(name=failed.name, request_id=str(uuid4()))
    with as_whom(desk.staff):
        again = await desk.notices.ResendNotice(request)
        assert await desk.notices.ResendNotice(request) == again
    assert again.name != failed.name
    assert len(await desk.over(2, visit=visit.name)) == 2


async def test_a_foreign_notice_and_a_foreign_record_are_missing(desk: Desk, opened: Any) -> None:
    visit = await desk.book(address())
    [notice] = await desk.about(visit=visit.name)
    other = await opened()
    stranger = desk.ground.staff(other, *PERMISSIONS)[1]
    with as_whom(stranger):
        for call in (
            desk.notices.ResendNotice(
                pb.ResendNoticeRequest(name=f"hromadas/{other}/notices/{last(notice.name)}", request_id=str(uuid4()))
            ),
            desk.notices.ListNotices(
                pb.ListNoticesRequest(parent=f"hromadas/{other}", visit=f"hromadas/{other}/visits/{last(visit.name)}")
            ),
        ):
            assert (await refused(call)).code is grpc.StatusCode.NOT_FOUND


async def test_one_record_is_asked_about(desk: Desk) -> None:
    both = {"visit": f"{desk.parent}/visits/{uuid4()}", "appeal": f"{desk.parent}/appeals/{uuid4()}"}
    for record in ({}, both):
        assert list((await refused(desk.about(**record))).fields) == ["visit"]


class TestTexts:
    async def _texts(self, desk: Desk) -> dict[str, pb.NoticeText]:
        with as_whom(desk.staff):
            listed = await desk.notices.GetNoticeTexts(pb.GetNoticeTextsRequest(parent=desk.parent))
        return {last(one.name): one for one in listed.texts}

    async def test_a_changed_text_is_sent_and_the_first_one_comes_back(self, desk: Desk) -> None:
        own = (await self._texts(desk))["visit-booked-uk"]
        assert [value.name for value in own.values] == ["office", "when", "link"]
        words = pb.NoticeWords(subject="Чекаємо", body="{when} — {office}", sms="{when}")
        with as_whom(desk.staff):
            changed = await desk.notices.UpdateNoticeText(
                pb.UpdateNoticeTextRequest(name=own.name, text=words, etag=own.etag)
            )
        assert (changed.changed, changed.etag) == (True, "1")
        to = address()
        await desk.over(visit=(await desk.book(to)).name)
        assert desk.mailed(to)[0]["Subject"] == "Чекаємо"
        with as_whom(desk.staff):
            await desk.notices.ResetNoticeText(pb.ResetNoticeTextRequest(name=own.name))
        assert (await self._texts(desk))["visit-booked-uk"] == own

    @pytest.mark.parametrize("locale", ["uk", "en"])
    async def test_a_value_that_there_is_not_is_refused_at_its_field_in_words(self, desk: Desk, locale: str) -> None:
        name = f"{desk.parent}/notice-texts/visit-booked-uk"
        words = pb.NoticeWords(subject="так", body="{visitor}", sms="так")
        with as_whom(desk.staff, locale):
            for call in (
                desk.notices.UpdateNoticeText(pb.UpdateNoticeTextRequest(name=name, text=words, etag="0")),
                desk.notices.PreviewNoticeText(pb.PreviewNoticeTextRequest(name=name, text=words)),
            ):
                failure = await refused(call)
                assert (failure.code, list(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, ["text.body"])
                assert "{office}, {when}, {link}" in failure.fields["text.body"]

    async def test_a_preview_counts_the_sms(self, desk: Desk) -> None:
        name = f"{desk.parent}/notice-texts/visit-booked-uk"
        words = pb.NoticeWords(subject="так", body="так", sms="я" * 71)
        with as_whom(desk.staff):
            shown = await desk.notices.PreviewNoticeText(pb.PreviewNoticeTextRequest(name=name, text=words))
        assert (shown.sms_units, shown.sms_segments) == (71, 2)

    @pytest.mark.parametrize("which", ["nothing-uk", "visit-booked-de", "visit-booked"])
    async def test_a_text_that_there_is_not_is_missing(self, desk: Desk, which: str) -> None:
        words = pb.NoticeWords(subject="так", body="так", sms="так")
        request = pb.PreviewNoticeTextRequest(name=f"{desk.parent}/notice-texts/{which}", text=words)
        with as_whom(desk.staff):
            assert (await refused(desk.notices.PreviewNoticeText(request))).code is grpc.StatusCode.NOT_FOUND


async def test_neither_outbox_nor_trail_nor_jobs_hold_an_address(desk: Desk) -> None:
    to = address()
    visit = await desk.book(to)
    await desk.over(visit=visit.name)
    migrator = await asyncpg.connect(desk.ground.postgres.url("reception_migrator", PASSWORD, "reception"))
    try:
        for statement in EVERYTHING:
            rows = await migrator.fetch(statement)
            held = json.dumps([{name: repr(value) for name, value in row.items()} for row in rows])
            assert to not in held, statement
    finally:
        await migrator.close()
