"""What is decided of an appeal, on a real database and with a clock that is set."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from kit.auth.authority import Kin
from kit.call import Call, Caller
from kit.errors import Denied, Refused, WrongState
from kit.testing.ground import Ground, at
from reception.appeals import actions as appeals
from reception.appeals.model import Appeal, Area, Channel, Kind
from reception.appeals.rules import (
    Body,
    Deed,
    Draft,
    Outcome,
    Particulars,
    Priority,
    Repeat,
    Requisite,
    Resolution,
    State,
    Term,
)
from reception.clocks import actions as clocks
from reception.clocks.rules import Alarm
from reception.persons import actions as persons
from reception.persons.erasing import erase_expired
from reception.proceedings import actions, duplicates, notices, rules
from reception.register import actions as registers
from reception.register.rules import IndexMode, Settings
from reception.triage.rules import Track
from spilno.reception.v1 import appeals_pb2 as pb

Opened = Callable[[], Awaitable[str]]

HEAD_MAY = frozenset({"appeals.decide"})
OFFICER = Caller("officer-1", "Дільничний офіцер, дільниця 1")
COORDINATOR = Caller("coordinator-1", "Координатор")
HEAD = Caller("head-1", "Керівник офісу", HEAD_MAY)
COUNCIL = Body(uuid4(), "Татарбунарська міська рада")
POLICE = Body(uuid4(), "Відділення поліції № 1")
DRAFT = Draft(
    name="Мешканка Олена",
    residence="м. Татарбунари, вул. Центральна, 1",
    phone="+380971234567",
    email="",
    text="На вулиці біля зупинки не світять три ліхтарі.",
)
ARRIVED = "2026-01-30 10:00"


class Office:
    """An office, whose clock is wherever a test says."""

    def __init__(self, ground: Ground, slug: str) -> None:
        self.ground, self.slug = ground, slug

    def call(self, caller: Caller, moment: str) -> Any:
        return self.ground.call(self.slug, caller, now=at(moment))

    async def register(self, kind: Kind = Kind.APPLICATION, **beside: Any) -> Appeal:
        async with self.call(OFFICER, ARRIVED) as call:
            appeal, _ = await appeals.register(
                call, DRAFT, kind, Area.INFRASTRUCTURE, Channel.POST, beside=Particulars(**beside)
            )
        return appeal

    async def taken(self, kind: Kind = Kind.APPLICATION, **beside: Any) -> Appeal:
        """An appeal that the officer has taken on the day it arrived."""
        appeal = await self.register(kind, **beside)
        async with self.call(OFFICER, ARRIVED) as call:
            return await appeals.take(call, appeal.id, appeal.etag)

    async def now(self, appeal_id: UUID) -> Appeal:
        async with self.call(HEAD, ARRIVED) as call:
            return await appeals.get(call, appeal_id)

    async def told(self, appeal_id: UUID) -> list[pb.AppealNotice]:
        """What the resident is told."""
        async with self.call(Caller(""), ARRIVED) as call:
            return await notices.told(call, await appeals.get(call, appeal_id))

    async def morning(self, day: str) -> None:
        async with self.call(Caller("job"), f"{day} 05:00") as call:
            await actions.watch_deadlines(call)

    async def deeds(self, appeal_id: UUID) -> list[Deed]:
        async with self.call(HEAD, ARRIVED) as call:
            return [step.deed for step in (await actions.way(call, appeal_id)).steps]


@pytest.fixture
async def office(reception: Ground, opened: Opened) -> Office:
    return Office(reception, await opened())


async def test_a_complaint_goes_to_the_council_and_never_to_the_police_that_it_is_about(office: Office) -> None:
    appeal = await office.taken(Kind.COMPLAINT, complained_of=POLICE)
    async with office.call(OFFICER, "2026-02-02 09:00") as call:
        with pytest.raises(Refused) as refusal:
            await actions.forward(call, appeal.id, appeal.etag, POLICE, "Належить поліції за територією.")
    assert refusal.value.field == "to"
    async with office.call(OFFICER, "2026-02-02 09:00") as call:
        await actions.forward(call, appeal.id, appeal.etag, COUNCIL, "Освітлення утримує міська рада.")
    forwarded = await office.now(appeal.id)
    assert (forwarded.state, forwarded.outcome, forwarded.closed_on) == (
        State.FORWARDED,
        Outcome.FORWARDED,
        date(2026, 2, 2),
    )
    (notice,) = await office.told(appeal.id)
    assert (notice.kind, notice.body) == (pb.APPEAL_NOTICE_KIND_FORWARDED, COUNCIL.title)
    assert await office.deeds(appeal.id) == [Deed.REGISTERED, Deed.TAKEN, Deed.FORWARDED]


@pytest.mark.law("L6")
@pytest.mark.parametrize(
    ("kin", "reason"),
    [
        (Kin(parent=COUNCIL.id), "appeal.forward-to-the-parent"),
        (Kin(units=frozenset({COUNCIL.id})), "appeal.forward-to-a-unit"),
    ],
    ids=["parent", "unit"],
)
async def test_a_complaint_goes_neither_to_the_parent_nor_to_a_unit_of_whom_it_is_about(
    office: Office, kin: Kin, reason: str
) -> None:
    accused = Body(uuid4(), "Сектор поліції")
    office.ground.register.kins[accused.id] = kin
    appeal = await office.taken(Kind.COMPLAINT, complained_of=accused)
    async with office.call(OFFICER, "2026-02-02 09:00") as call:
        with pytest.raises(Refused) as refusal:
            await actions.forward(call, appeal.id, appeal.etag, COUNCIL, "Освітлення утримує міська рада.")
    assert (refusal.value.field, refusal.value.reason) == ("to", reason)
    assert refusal.value.values == {"to": COUNCIL.title, "body": accused.title}
    assert (await office.now(appeal.id)).state is State.IN_WORK


@pytest.mark.law("L15")
async def test_the_office_tells_what_the_council_answered_once(office: Office) -> None:
    appeal = await office.taken()
    async with office.call(OFFICER, "2026-02-02 09:00") as call:
        with pytest.raises(WrongState, match="not-forwarded"):
            await actions.record_body_answer(call, appeal.id, appeal.etag, "Ліхтарі замінять у березні.")
    async with office.call(OFFICER, "2026-02-02 09:00") as call:
        forwarded = await actions.forward(call, appeal.id, appeal.etag, COUNCIL, "Освітлення утримує міська рада.")
    async with office.call(COORDINATOR, "2026-02-16 09:00") as call:
        told = await actions.record_body_answer(call, appeal.id, forwarded.etag, "Ліхтарі замінять у березні.")
    assert told.state is State.FORWARDED
    notice = (await office.told(appeal.id))[-1]
    assert (notice.kind, notice.body) == (pb.APPEAL_NOTICE_KIND_BODY_ANSWERED, COUNCIL.title)
    async with office.call(COORDINATOR, "2026-02-17 09:00") as call:
        with pytest.raises(WrongState, match="already-answered"):
            await actions.record_body_answer(call, appeal.id, told.etag, "Ліхтарі замінять у березні.")


async def test_whoever_holds_it_gives_it_to_a_colleague_who_answers_it_then(office: Office) -> None:
    colleague, _ = office.ground.staff(office.slug, "appeals.answer")
    appeal = await office.taken()
    async with office.call(OFFICER, ARRIVED) as call:
        given = await actions.reassign(call, appeal.id, appeal.etag, colleague, "Це вулиця іншої дільниці.")
    assert (given.taken_by, given.state) == (colleague, State.IN_WORK)
    assert await office.deeds(appeal.id) == [Deed.REGISTERED, Deed.TAKEN, Deed.REASSIGNED]
    async with office.call(OFFICER, ARRIVED) as call:
        with pytest.raises(Denied):
            await appeals.answer(call, appeal.id, given.etag, Resolution("Ліхтарі полагоджено.", Outcome.GRANTED))
    assert await office.told(appeal.id) == [], "who deals with it within the office is no news for the resident"


async def test_the_head_gives_out_what_nobody_has_taken(office: Office) -> None:
    colleague, _ = office.ground.staff(office.slug, "appeals.answer")
    appeal = await office.register()
    async with office.call(HEAD, ARRIVED) as call:
        given = await actions.reassign(call, appeal.id, appeal.etag, colleague, "Прошу розглянути.")
    assert (given.taken_by, given.state) == (colleague, State.IN_WORK)


@pytest.mark.parametrize(
    ("permissions", "reason"),
    [((), "appeal.colleague-unknown"), (("appeals.read",), "appeal.colleague-answers-none")],
    ids=["nobody", "a reader"],
)
async def test_it_is_given_to_nobody_who_could_not_answer(
    office: Office, permissions: tuple[str, ...], reason: str
) -> None:
    colleague, _ = office.ground.staff(office.slug, *permissions)
    appeal = await office.taken()
    async with office.call(OFFICER, ARRIVED) as call:
        with pytest.raises(Refused) as refused:
            await actions.reassign(call, appeal.id, appeal.etag, colleague, "Прошу розглянути.")
    assert (refused.value.field, refused.value.reason) == ("colleague", reason)


async def test_what_is_in_other_hands_is_given_away_by_the_head_alone(office: Office) -> None:
    colleague, _ = office.ground.staff(office.slug, "appeals.answer")
    appeal = await office.taken()
    async with office.call(COORDINATOR, ARRIVED) as call:
        with pytest.raises(Denied):
            await actions.reassign(call, appeal.id, appeal.etag, colleague, "Прошу розглянути.")


async def test_what_is_closed_stays_closed(office: Office) -> None:
    appeal = await office.taken()
    async with office.call(OFFICER, "2026-02-02 09:00") as call:
        closed = await actions.send_back(
            call, appeal.id, appeal.etag, rules.Ground.INSUFFICIENT, [], "Вкажіть, будь ласка, адресу ліхтаря."
        )
    acts: list[Callable[[Call], Awaitable[Appeal]]] = [
        lambda call: actions.forward(call, appeal.id, closed.etag, COUNCIL, "Освітлення утримує рада."),
        lambda call: actions.mark_simple(call, appeal.id, closed.etag),
        lambda call: appeals.answer(call, appeal.id, closed.etag, Resolution("Ліхтарі горять.", Outcome.GRANTED)),
    ]
    for act in acts:
        async with office.call(OFFICER, "2026-02-02 10:00") as call:
            with pytest.raises(WrongState, match="already-closed"):
                await act(call)


async def test_a_return_after_its_term_is_kept_as_late(office: Office) -> None:
    appeal = await office.taken()
    async with office.call(OFFICER, "2026-02-10 09:00") as call:
        await actions.send_back(
            call, appeal.id, appeal.etag, rules.Ground.DEFECT, [Requisite.SIGNATURE], "На листі немає підпису."
        )
    async with office.call(HEAD, "2026-02-10 09:00") as call:
        (decision,) = (await actions.way(call, appeal.id)).decisions
    assert (decision.is_late, decision.missing) == (True, ["signature"])
    (notice,) = await office.told(appeal.id)
    assert notice.kind == pb.APPEAL_NOTICE_KIND_RETURNED_FOR_DEFECT


async def test_more_time_is_asked_by_one_granted_by_the_head_and_told_to_the_resident(office: Office) -> None:
    appeal = await office.taken()
    async with office.call(OFFICER, "2026-02-20 09:00") as call:
        asked = await actions.ask_extension(
            call, appeal.id, appeal.etag, date(2026, 3, 16), "Чекаємо висновку обленерго."
        )
    assert await office.told(appeal.id) == [], "nothing is decided yet"
    async with office.call(HEAD, "2026-02-23 09:00") as call:
        extended = await actions.decide_extension(call, appeal.id, asked.etag, "", granted=True)
    assert (extended.term, extended.due_on, extended.legal_on) == (
        Term.EXTENDED,
        date(2026, 3, 16),
        date(2026, 3, 16),
    )
    (notice,) = await office.told(appeal.id)
    assert (notice.kind, notice.until) == (pb.APPEAL_NOTICE_KIND_EXTENDED, "2026-03-16")
    assert "обленерго" in notice.reason


async def test_a_head_who_asked_is_decided_by_another_head(office: Office) -> None:
    appeal = await office.register()
    async with office.call(HEAD, ARRIVED) as call:
        taken = await appeals.take(call, appeal.id, appeal.etag)
    async with office.call(HEAD, "2026-02-20 09:00") as call:
        asked = await actions.ask_extension(call, appeal.id, taken.etag, date(2026, 3, 10), "Чекаємо висновку.")
    async with office.call(HEAD, "2026-02-20 10:00") as call:
        with pytest.raises(Denied, match="own-extension"):
            await actions.decide_extension(call, appeal.id, asked.etag, "", granted=True)
    async with office.call(Caller("head-2", "Другий керівник", HEAD_MAY), "2026-02-20 11:00") as call:
        assert (await actions.decide_extension(call, appeal.id, asked.etag, "", granted=True)).term is Term.EXTENDED


async def test_a_declined_extension_leaves_the_month_and_may_be_asked_again(office: Office) -> None:
    appeal = await office.taken()
    async with office.call(OFFICER, "2026-02-19 09:00") as call:
        asked = await actions.ask_extension(call, appeal.id, appeal.etag, date(2026, 3, 10), "Чекаємо висновку.")
    async with office.call(OFFICER, "2026-02-19 10:00") as call:
        with pytest.raises(WrongState, match="extension-asked"):
            await actions.ask_extension(call, appeal.id, asked.etag, date(2026, 3, 10), "Чекаємо висновку.")
    async with office.call(HEAD, "2026-02-19 11:00") as call:
        with pytest.raises(Refused) as refusal:
            await actions.decide_extension(call, appeal.id, asked.etag, " ", granted=False)
    assert refusal.value.field == "note"
    async with office.call(HEAD, "2026-02-19 11:00") as call:
        declined = await actions.decide_extension(call, appeal.id, asked.etag, "Висновок уже надійшов.", granted=False)
    assert (declined.term, declined.due_on) == (Term.GENERAL, date(2026, 2, 27))
    async with office.call(OFFICER, "2026-02-20 09:00") as call:
        await actions.ask_extension(call, appeal.id, declined.etag, date(2026, 3, 10), "Висновок неповний.")


async def test_the_head_shortens_a_term_on_a_reasoned_request(office: Office) -> None:
    appeal = await office.taken()
    async with office.call(HEAD, "2026-02-02 09:00") as call:
        shortened = await actions.shorten(
            call, appeal.id, appeal.etag, date(2026, 2, 8), "Людина їде на лікування 9 лютого."
        )
    assert (shortened.term, shortened.due_on, shortened.legal_on) == (
        Term.SHORTENED,
        date(2026, 2, 6),
        date(2026, 2, 9),
    )
    (notice,) = await office.told(appeal.id)
    assert notice.kind == pb.APPEAL_NOTICE_KIND_SHORTENED


async def test_the_head_declines_to_shorten_a_term_and_the_person_reads_why(office: Office) -> None:
    appeal = await office.taken()
    why = "Перевірка світла триває місяць."
    async with office.call(HEAD, "2026-02-02 09:00") as call:
        kept = await actions.decline_shortening(call, appeal.id, appeal.etag, why)
    assert (kept.term, kept.legal_on, kept.state) == (Term.GENERAL, appeal.legal_on, State.IN_WORK)
    (notice,) = await office.told(appeal.id)
    assert (notice.kind, notice.reason) == (pb.APPEAL_NOTICE_KIND_SHORTENING_DECLINED, why)
    async with office.call(HEAD, "2026-02-03 09:00") as call:
        shortened = await actions.shorten(call, appeal.id, kept.etag, date(2026, 2, 8), "Людина їде на лікування.")
    async with office.call(HEAD, "2026-02-03 10:00") as call:
        with pytest.raises(WrongState, match="shortened-already"):
            await actions.decline_shortening(call, appeal.id, shortened.etag, why)


async def test_one_answer_answers_every_duplicate_on_its_question_and_tells_what_it_could_not(office: Office) -> None:
    first = await office.taken()
    same: dict[str, Any] = {"repeat": Repeat.DUPLICATE, "previous": first.id}
    untaken, mine = await office.register(**same), await office.taken(**same)
    of_it = await office.register(repeat=Repeat.DUPLICATE, previous=untaken.id)
    others = await office.register(**same)
    repeated = await office.register(repeat=Repeat.REPEATED, previous=first.id)
    async with office.call(OFFICER, ARRIVED) as call:
        elsewhere, _ = await appeals.register(
            call, DRAFT, Kind.APPLICATION, Area.ROAD, Channel.POST, beside=Particulars(**same)
        )
    async with office.call(COORDINATOR, ARRIVED) as call:
        await appeals.take(call, others.id, others.etag)
    said = Resolution("Ліхтарі засвітять до кінця лютого.", Outcome.GRANTED)
    async with office.call(OFFICER, "2026-02-02 09:00") as call:
        _, found = await duplicates.answer(call, first.id, first.etag, said)
    assert {each.appeal.id: each.obstacle for each in found} == {
        untaken.id: None,
        mine.id: None,
        of_it.id: None,
        others.id: rules.Obstacle.TAKEN_BY_ANOTHER,
        elsewhere.id: rules.Obstacle.OTHER_QUESTION,
    }
    for each in (first, untaken, mine, of_it):
        answered = await office.now(each.id)
        assert (answered.state, answered.answer, answered.answered_by) == (State.ANSWERED, said.text, OFFICER.subject)
    for each in (others, elsewhere, repeated):
        assert (await office.now(each.id)).state is not State.ANSWERED
    async with office.call(OFFICER, "2026-02-02 10:00") as call:
        way = await actions.way(call, untaken.id)
        assert [step.deed for step in way.steps] == [Deed.REGISTERED, Deed.TAKEN, Deed.ANSWERED]
        left = await duplicates.of_appeal(call, first.id)
    assert [each.obstacle for each in left if each.appeal.id == mine.id] == [rules.Obstacle.CLOSED]


async def test_a_repeat_of_what_was_resolved_is_suggested_and_left_by_the_head(office: Office) -> None:
    first = await office.taken()
    second = await office.register(previous=first.id)
    async with office.call(HEAD, "2026-02-02 09:00") as call:
        ((earlier, is_resolved),) = await actions.earlier(call, second.id)
        assert (earlier.id, is_resolved) == (first.id, False)
        with pytest.raises(Refused) as refusal:
            await actions.do_not_consider(
                call, second.id, second.etag, rules.Ground.REPEATED, "Те саме питання вже вирішено.", None
            )
    assert refusal.value.reason == "appeal.not-a-repeat"
    async with office.call(OFFICER, "2026-02-03 09:00") as call:
        await appeals.answer(call, first.id, first.etag, Resolution("Ліхтарі полагодили.", Outcome.GRANTED))
    async with office.call(HEAD, "2026-02-04 09:00") as call:
        left = await actions.do_not_consider(
            call, second.id, second.etag, rules.Ground.REPEATED, "Те саме питання вже вирішено.", None
        )
    assert (left.state, left.outcome) == (State.NOT_CONSIDERED, Outcome.NOT_CONSIDERED)


async def test_a_complaint_is_left_as_late_only_if_it_is_late(office: Office) -> None:
    complaint = await office.register(Kind.COMPLAINT)
    reason = "Строк оскарження минув."
    async with office.call(HEAD, "2026-02-02 09:00") as call:
        with pytest.raises(Refused) as refusal:
            await actions.do_not_consider(call, complaint.id, complaint.etag, rules.Ground.LATE, reason, None)
    assert refusal.value.field == "adopted_on"
    in_time = (date(2025, 6, 1), date(2026, 1, 15))
    async with office.call(HEAD, "2026-02-02 09:00") as call:
        with pytest.raises(Refused) as refusal:
            await actions.do_not_consider(call, complaint.id, complaint.etag, rules.Ground.LATE, reason, in_time)
    assert refusal.value.reason == "appeal.not-late"
    late = (date(2025, 6, 1), date(2025, 12, 1))
    async with office.call(HEAD, "2026-02-02 09:00") as call:
        left = await actions.do_not_consider(call, complaint.id, complaint.etag, rules.Ground.LATE, reason, late)
    assert left.state is State.NOT_CONSIDERED


async def test_the_alarms_come_once_each_and_a_breach_is_the_heads(office: Office) -> None:
    appeal = await office.register()
    alarms = []
    for day in ("2026-02-03", "2026-02-04", "2026-02-05", "2026-02-13", "2026-02-24", "2026-02-27", "2026-03-03"):
        await office.morning(day)
        alarms.append((await office.now(appeal.id)).alarm)
    assert alarms == [
        Alarm.NONE,
        Alarm.UNTOUCHED,
        Alarm.UNTOUCHED,
        Alarm.FIFTEENTH_DAY,
        Alarm.NEAR,
        Alarm.LAST_DAY,
        Alarm.BREACHED,
    ]
    await office.morning("2026-03-04")
    assert await office.deeds(appeal.id) == [Deed.REGISTERED, *[Deed.WARNED] * 4, Deed.BREACHED]


async def test_the_statutory_clock_never_pauses_whatever_is_asked(office: Office) -> None:
    appeal = await office.taken()
    async with office.call(OFFICER, "2026-02-20 09:00") as call:
        await actions.ask_extension(call, appeal.id, appeal.etag, date(2026, 3, 16), "Чекаємо висновку.")
    await office.morning("2026-03-03")
    assert (await office.now(appeal.id)).alarm is Alarm.BREACHED, "nobody has granted it"


async def test_a_day_that_the_office_moved_moves_what_is_open(office: Office) -> None:
    appeal = await office.taken()
    async with office.call(HEAD, "2026-02-02 09:00") as call:
        row = await clocks.calendar_row(call)
        own = clocks.said(row)
        moved = replace(own.calendar, moved=((date(2026, 2, 27), False),))
        await clocks.update_calendar(call, row.etag, moved, own.terms)
    await office.morning("2026-02-03")
    assert (await office.now(appeal.id)).due_on == date(2026, 2, 26)


async def test_what_is_due_first_comes_first_and_page_by_page(office: Office) -> None:
    late = await office.register(received_on=date(2026, 1, 5))
    soon = await office.register(received_on=date(2026, 1, 20))
    last = await office.register()

    async def page(**asked: Any) -> list[UUID]:
        async with office.call(HEAD, "2026-02-17 09:00") as call:
            found = await appeals.page(call, states=[], areas=[], mine=False, after=None, size=10, **asked)
        return [each.id for each in found]

    assert await page(by_deadline=True) == [late.id, soon.id, last.id]
    assert await page(overdue=True) == [late.id]
    assert await page(due_soon=True, by_deadline=True) == [late.id, soon.id]
    async with office.call(HEAD, "2026-02-17 09:00") as call:
        rest = await appeals.page(
            call,
            states=[],
            areas=[],
            mine=False,
            by_deadline=True,
            after=appeals.Place(late.due_on, late.id),
            size=10,
        )
    assert [each.id for each in rest] == [soon.id, last.id]


async def test_whoever_comes_first_by_law_is_the_heads(office: Office) -> None:
    assert (await office.register(codes=("7.4",))).priority is Priority.HEAD
    assert (await office.register(codes=("7.5", "8.1"))).priority is Priority.FIRST
    assert (await office.register()).priority is Priority.NORMAL


async def test_an_office_may_number_by_letters_and_no_number_is_missing(office: Office) -> None:
    async with office.call(HEAD, ARRIVED) as call:
        row = await registers.require_open(call)
        await registers.update(call, row.etag, Settings(IndexMode.ALPHABETICAL))
    numbers = [
        (await office.register()).number,
        (await office.register(signatories=12)).number,
        (await office.register(is_signed=False)).number,
    ]
    assert numbers == ["М-1/2026", "КО-2/2026", "БП-3/2026"]
    async with office.call(HEAD, ARRIVED) as call:
        (year,) = await registers.years(call)
    assert (year.last, year.missing) == (3, [])


async def test_who_asked_not_to_be_named_is_known_to_the_holder_and_the_head_alone(office: Office) -> None:
    appeal = await office.taken(conceals_identity=True)
    for caller, knows in ((OFFICER, True), (HEAD, True), (COORDINATOR, False)):
        async with office.call(caller, ARRIVED) as call:
            assert appeals.knows_whose(call, await appeals.get(call, appeal.id)) is knows


async def test_the_day_of_arrival_is_never_changed_and_the_rest_may_be(office: Office) -> None:
    appeal = await office.register()
    async with office.call(OFFICER, ARRIVED) as call:
        with pytest.raises(Refused) as refusal:
            await appeals.update_particulars(call, appeal.id, appeal.etag, Particulars(received_on=date(2026, 1, 29)))
    assert refusal.value.reason == "appeal.received-is-fixed"
    async with office.call(OFFICER, ARRIVED) as call:
        changed = await appeals.update_particulars(
            call, appeal.id, appeal.etag, Particulars(codes=("7.5",), signatories=3)
        )
    assert (changed.priority, changed.signatories, changed.received_on) == (Priority.FIRST, 3, date(2026, 1, 30))


async def test_every_deed_is_told_again_as_it_was_told(office: Office) -> None:
    appeal = await office.taken()
    async with office.call(OFFICER, "2026-02-20 09:00") as call:
        asked = await actions.ask_extension(call, appeal.id, appeal.etag, date(2026, 3, 10), "Чекаємо висновку.")
        live = [type(event).__name__ for event in call.emitted]
    async with office.call(HEAD, "2026-02-23 09:00") as call:
        await actions.decide_extension(call, appeal.id, asked.etag, "", granted=True)
        live += [type(event).__name__ for event in call.emitted]
    async with office.call(HEAD, "2026-02-23 10:00") as call:
        again = await appeals.told_since(call, None, None, 50)
    assert live == ["AppealExtensionAsked", "AppealTermChanged"]
    assert [type(event).__name__ for _, event, _ in again][-2:] == live
    assert isinstance(again[0][2], datetime)


@pytest.mark.law("L33")
async def test_a_crime_that_came_as_an_appeal_leaves_its_handover_alone_unless_it_is_held(office: Office) -> None:
    """A day for the police, then the text, the name and the files go; the number stays, and so does the code."""
    appeals_of = {}
    for name, track in (("crime", Track.CRIME), ("held", Track.CRIME), ("petition", Track.PETITION)):
        appeal = await office.taken()
        appeals_of[name] = appeal.id
        async with office.call(OFFICER, "2026-02-02 09:00") as call:
            await actions.hand_over(call, appeal.id, appeal.etag, track, "Відділення поліції № 1", "ЄО 7")
    async with office.call(HEAD, "2026-02-02 10:00") as call:
        await persons.hold(call, f"appeals/{appeals_of['held']}", "Суд", "522/1/26")
    for moment, left in (
        ("2026-02-03 08:00", {"crime", "held", "petition"}),
        ("2026-02-03 09:30", {"held", "petition"}),
    ):
        async with office.call(Caller("job.erase"), moment) as call:
            await erase_expired(call)
        now = {name: await office.now(id) for name, id in appeals_of.items()}
        assert {name for name, each in now.items() if each.text and each.applicant_name} == left
    gone = now["crime"]
    assert (gone.number, gone.residence, gone.phone, gone.state) == ("1/2026", "", "", State.NOT_CONSIDERED)
    (notice,) = await office.told(gone.id)
    assert (notice.kind, notice.body, notice.reason) == (
        pb.APPEAL_NOTICE_KIND_HANDED_OVER,
        "Відділення поліції № 1",
        "ЄО 7",
    )
