"""Sensitive cases over gRPC, on a real database: for whoever is not named there are none."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
import pytest_asyncio
from kit.call import Caller
from kit.clock import kyiv_date
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import PASSWORD, Ground
from reception.appeals import actions as appeal_actions
from reception.appeals.model import Appeal
from reception.template import apply, template
from spilno.reception.v1 import (
    appeals_pb2,
    cases_pb2,
    figures_pb2,
    particulars_pb2,
    prints_pb2,
    proceedings_pb2,
    triage_pb2,
)
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub
from spilno.reception.v1.cases_pb2_grpc import CasesStub
from spilno.reception.v1.figures_pb2_grpc import FiguresStub
from spilno.reception.v1.prints_pb2_grpc import PrintsStub
from spilno.reception.v1.proceedings_pb2_grpc import ProceedingsStub
from spilno.reception.v1.triage_pb2_grpc import TriageStub
from sqlmodel import select

Opened = Callable[[], Awaitable[str]]
MAY = ("appeals.register", "appeals.read", "appeals.take", "appeals.answer")
VIOLENCE = particulars_pb2.SENSITIVITY_DOMESTIC_VIOLENCE
SAID = "Удома небезпечно, потрібні юристка й притулок."


@dataclass
class Office:
    """An office with an officer, a lawyer whom they name, and everybody else."""

    ground: Ground
    slug: str
    channel: Any
    people: dict[str, tuple[str, str]]

    def as_who(self, name: str, purpose: str = "") -> None:
        acting.set(Acting(self.people[name][1], "uk", purpose=purpose))

    @property
    def parent(self) -> str:
        return f"hromadas/{self.slug}"

    async def register(self, *, sensitive: bool = True) -> appeals_pb2.RegisterAppealResponse:
        draft = appeals_pb2.AppealDraft(
            kind=appeals_pb2.APPEAL_KIND_APPLICATION,
            area=appeals_pb2.SAFETY_AREA_ORDER,
            applicant=appeals_pb2.Applicant(
                name="Скривджена Олена", residence="вул. Затишна, 7", phone="+380971234567"
            ),
            text=SAID,
        )
        lawyer = appeals_pb2.Actor(id=self.people["lawyer"][0], display_name="Юристка")
        mark = appeals_pb2.CaseMark(sensitivity=VIOLENCE, staff=[lawyer], reason="Прохання людини.")
        asked = appeals_pb2.RegisterAppealRequest(
            parent=self.parent,
            appeal=draft,
            channel=appeals_pb2.APPEAL_CHANNEL_RECEPTION,
            request_id=str(uuid4()),
            sensitive=mark if sensitive else None,
        )
        self.as_who("officer")
        made: appeals_pb2.RegisterAppealResponse = await AppealsStub(self.channel).RegisterAppeal(asked)
        return made

    async def found(self) -> set[str]:
        """Whatever the caller can find of the register without being told an address."""
        stub = AppealsStub(self.channel)
        listed = await stub.ListAppeals(appeals_pb2.ListAppealsRequest(parent=self.parent))
        names = {each.name for each in listed.appeals}
        if sum(each.count for each in listed.counts) != len(listed.appeals):
            names.add("a count")
        number = "1/2026"
        for query in ("Скривджена", "Затишна", "притулок", "0971234567", number):
            searched = await stub.SearchAppeals(appeals_pb2.SearchAppealsRequest(parent=self.parent, query=query))
            names |= {each.name for each in searched.appeals}
        return names


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(reception: Ground) -> AsyncIterator[Office]:
    slug = f"h-{uuid4().hex[:12]}"
    async with reception.call(slug) as call:
        await apply(call, template.own)
    people = {who: reception.staff(slug, *MAY, "appeals.decide") for who in ("officer", "lawyer", "other")}
    async with reception.channel() as channel:
        yield Office(reception, slug, channel, people)


@asynccontextmanager
async def looking(office: Office) -> AsyncIterator[Any]:
    """The database, under the login of the migrations."""
    connection = await asyncpg.connect(office.ground.postgres.url("reception_migrator", PASSWORD, "reception"))
    try:
        yield connection
    finally:
        await connection.close()


def get(name: str, purpose: str = "") -> appeals_pb2.GetAppealRequest:
    return appeals_pb2.GetAppealRequest(name=name, purpose=purpose)


@pytest.mark.law("L35")
async def test_for_whoever_is_not_named_there_is_no_such_case(office: Office) -> None:
    case = (await office.register()).appeal
    stub, ways = AppealsStub(office.channel), ProceedingsStub(office.channel)
    today = kyiv_date(datetime.now(UTC)).isoformat()
    office.as_who("other", "case-work")
    assert case.name not in await office.found()
    for asked in (
        stub.GetAppeal(get(case.name)),
        ways.GetProceedings(proceedings_pb2.GetProceedingsRequest(name=case.name)),
        stub.TakeAppeal(appeals_pb2.TakeAppealRequest(name=case.name, etag=case.etag)),
        CasesStub(office.channel).GetCaseAccess(cases_pb2.GetCaseAccessRequest(name=case.name)),
        PrintsStub(office.channel).PrintAppealCard(
            prints_pb2.PrintAppealCardRequest(
                name=case.name, format=prints_pb2.DOCUMENT_FORMAT_PDF, organisation="Офіс"
            )
        ),
    ):
        with pytest.raises(Failure) as failure:
            await asked
        assert failure.value.code is grpc.StatusCode.NOT_FOUND
    own = await CasesStub(office.channel).ListSensitiveCases(cases_pb2.ListSensitiveCasesRequest(parent=office.parent))
    assert not own.cases
    for who in ("other", "officer"):
        office.as_who(who)
        assert case.name not in await office.found(), "not even the named find it among the others"
        journal = await PrintsStub(office.channel).PrintAppealJournal(
            prints_pb2.PrintAppealJournalRequest(
                parent=office.parent,
                from_day=today,
                to_day=today,
                format=prints_pb2.DOCUMENT_FORMAT_XLSX,
                organisation="Офіс",
            )
        )
        assert journal.content.startswith(b"PK")


@pytest.mark.law("L45")
async def test_the_named_open_it_for_a_purpose_and_the_trail_keeps_it(office: Office) -> None:
    case = (await office.register()).appeal
    stub = AppealsStub(office.channel)
    office.as_who("lawyer")
    own = await CasesStub(office.channel).ListSensitiveCases(cases_pb2.ListSensitiveCasesRequest(parent=office.parent))
    assert case.name in {each.name for each in own.cases}
    assert SAID not in str(own)
    with pytest.raises(Failure) as unsaid:
        await stub.GetAppeal(get(case.name))
    assert (unsaid.value.code, unsaid.value.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "case.purpose-missing")
    with pytest.raises(Failure) as malformed:
        await stub.GetAppeal(get(case.name, "Подивитися"))
    assert list(malformed.value.fields) == ["purpose"]
    assert (await stub.GetAppeal(get(case.name, "legal-aid"))).text == SAID
    async with looking(office) as connection:
        kept = await connection.fetch(
            "SELECT purpose FROM audit WHERE $1 = ANY (records) AND method LIKE '%Appeals%'", case.name
        )
    assert {row["purpose"] for row in kept} == {"registration", "legal-aid"}


async def test_a_case_is_marked_its_circle_changes_and_the_marking_ends(office: Office) -> None:
    plain = (await office.register(sensitive=False)).appeal
    stub, cases = AppealsStub(office.channel), CasesStub(office.channel)
    lawyer = appeals_pb2.Actor(id=office.people["lawyer"][0], display_name="Юристка")
    office.as_who("other")
    assert plain.name in await office.found()
    office.as_who("officer", "case-work")
    mark = appeals_pb2.CaseMark(sensitivity=particulars_pb2.SENSITIVITY_CHILDREN, reason="Ідеться про дитину.")
    marked = await cases.MarkSensitive(cases_pb2.MarkSensitiveRequest(name=plain.name, etag=plain.etag, mark=mark))
    office.as_who("other")
    assert plain.name not in await office.found()
    office.as_who("officer", "case-work")
    named = await cases.NameStaff(
        cases_pb2.NameStaffRequest(name=plain.name, etag=marked.etag, staff=lawyer, reason="Потрібна порада.")
    )
    assert named.named[-1].display_name.startswith(lawyer.id), "by the name that identity knows, not by the caller's"
    with pytest.raises(Failure) as own:
        await cases.RemoveStaff(
            cases_pb2.RemoveStaffRequest(
                name=plain.name, etag=named.etag, staff=office.people["officer"][0], reason="Більше не веду."
            )
        )
    assert own.value.code is grpc.StatusCode.PERMISSION_DENIED
    removed = await cases.RemoveStaff(
        cases_pb2.RemoveStaffRequest(name=plain.name, etag=named.etag, staff=lawyer.id, reason="Пораду надано.")
    )
    office.as_who("lawyer", "legal-aid")
    with pytest.raises(Failure) as gone:
        await stub.GetAppeal(get(plain.name))
    assert gone.value.code is grpc.StatusCode.NOT_FOUND
    office.as_who("officer", "case-work")
    ended = await cases.EndSensitivity(
        cases_pb2.EndSensitivityRequest(name=plain.name, etag=removed.etag, reason="Помилкова позначка.")
    )
    kinds = [cases_pb2.CaseChangeKind.Name(each.kind).rpartition("_")[2] for each in ended.changes]
    assert kinds == ["MARKED", "NAMED", "REMOVED", "ENDED"]
    office.as_who("other")
    assert plain.name in await office.found()


@pytest.mark.parametrize("who", ["auditor", "stranger", "neighbour"])
async def test_only_a_colleague_who_sees_appeals_is_named(office: Office, who: str) -> None:
    case = (await office.register()).appeal
    auditor, _ = office.ground.staff(office.slug, "trail.read")
    neighbour, _ = office.ground.staff(f"{office.slug[:20]}-n", *MAY)
    id = {"auditor": auditor, "stranger": str(uuid4()), "neighbour": neighbour}[who]
    actor = appeals_pb2.Actor(id=id, display_name="Юристка")
    asked = cases_pb2.NameStaffRequest(name=case.name, etag=case.etag, staff=actor, reason="Потрібна порада.")
    office.as_who("officer", "case-work")
    with pytest.raises(Failure) as failure:
        await CasesStub(office.channel).NameStaff(asked)
    assert failure.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(failure.value.fields) == {"staff"}


async def test_a_case_whose_named_have_all_left_is_recovered_by_the_head_and_by_nobody_before(office: Office) -> None:
    case = (await office.register()).appeal
    stub, people = CasesStub(office.channel), office.ground.register.people
    listed = cases_pb2.ListAbandonedCasesRequest(parent=office.parent)
    named = [(office.slug, office.people[who][0]) for who in ("officer", "lawyer")]
    asked = cases_pb2.RecoverCaseRequest(
        name=case.name, etag=case.etag, purpose="supervision", reason="Обидві працівниці звільнилися."
    )
    office.as_who("other")
    for left in (0, 1):
        assert case.name not in [each.name for each in (await stub.ListAbandonedCases(listed)).cases]
        with pytest.raises(Failure) as not_yet:
            await stub.RecoverCase(asked)
        assert not_yet.value.code is grpc.StatusCode.NOT_FOUND, "whoever sees the case is there"
        people[named[left]] = frozenset({"trail.read"}) if left else frozenset()
    try:
        [found] = [each for each in (await stub.ListAbandonedCases(listed)).cases if each.name == case.name]
        with pytest.raises(Failure) as unsaid:
            await stub.RecoverCase(cases_pb2.RecoverCaseRequest(name=case.name, etag=found.etag, reason="Без мети."))
        assert "purpose" in unsaid.value.fields
        recovered = await stub.RecoverCase(asked)
        assert [each.id for each in recovered.named] == [office.people["other"][0]]
        assert recovered.changes[-1].kind == cases_pb2.CASE_CHANGE_KIND_RECOVERED
        assert (await AppealsStub(office.channel).GetAppeal(get(case.name, "supervision"))).text == SAID
        with pytest.raises(Failure) as again:
            await stub.RecoverCase(asked)
        assert again.value.code is grpc.StatusCode.NOT_FOUND
    finally:
        people.update(dict.fromkeys(named, frozenset({*MAY, "appeals.decide"})))
    async with looking(office) as connection:
        kept = await connection.fetch("SELECT purpose FROM audit WHERE method LIKE '%RecoverCase' AND outcome = 'done'")
    assert {row["purpose"] for row in kept} == {"supervision"}


async def test_no_event_tells_of_it_and_its_person_is_sent_nothing(office: Office) -> None:
    made = await office.register()
    id = made.appeal.name.rpartition("/")[2]
    async with looking(office) as connection:
        told = await connection.fetchval(
            "SELECT count(*) FROM outbox WHERE position($1 in encode(body, 'escape')) > 0", id
        )
        noticed = await connection.fetchval("SELECT count(*) FROM notice WHERE about = $1", f"appeals/{id}")
    assert (told, noticed) == (0, 0)
    async with office.ground.call(office.slug, Caller("job.backfill")) as call:
        assert not any(id in str(event) for _, event, _ in await appeal_actions.told_since(call, None, None, 500))
        assert id in {str(each.id) for each in await call.db.all(select(Appeal))}, "the service's own jobs see it"
    acting.set(Acting(office.ground.issuer.service("web"), "uk"))
    status = await AppealsStub(office.channel).FollowAppeal(
        appeals_pb2.FollowAppealRequest(parent=office.parent, code=made.code)
    )
    assert (status.sensitive, status.text) == (True, "")


@pytest.mark.law("L33")
async def test_a_report_of_a_crime_leaves_the_track_with_a_record_of_who_took_it(office: Office) -> None:
    case = (await office.register(sensitive=False)).appeal
    office.as_who("other")
    handed = await ProceedingsStub(office.channel).HandOverAppeal(
        proceedings_pb2.HandOverAppealRequest(
            name=case.name,
            etag=case.etag,
            track=triage_pb2.TRACK_CRIME,
            unit="Відділення поліції № 1",
            record_number="ЄО 1234",
        )
    )
    assert handed.state == appeals_pb2.APPEAL_STATE_NOT_CONSIDERED
    listed = await TriageStub(office.channel).ListHandovers(triage_pb2.ListHandoversRequest(parent=office.parent))
    record = next(each for each in listed.handovers if each.record_number == "ЄО 1234")
    assert (record.unit, record.handed_by.id) == ("Відділення поліції № 1", office.people["other"][0])
    assert record.due_at.seconds - record.handed_at.seconds == 24 * 3600
    with pytest.raises(Failure) as again:
        await ProceedingsStub(office.channel).HandOverAppeal(
            proceedings_pb2.HandOverAppealRequest(
                name=case.name, etag=handed.etag, track=triage_pb2.TRACK_CRIME, unit="Поліція"
            )
        )
    assert again.value.code is grpc.StatusCode.FAILED_PRECONDITION


async def test_everybody_may_know_the_counts_and_no_small_one(office: Office, opened: Opened) -> None:
    slug = await opened()
    people = {who: office.ground.staff(slug, *MAY) for who in office.people}
    office = Office(office.ground, slug, office.channel, people)
    for _ in range(6):
        await office.register(sensitive=False)
    await office.register()
    acting.set(Acting(office.ground.issuer.service("web"), "uk"))
    year = kyiv_date(datetime.now(UTC)).year
    told = await FiguresStub(office.channel).GetPublicFigures(
        figures_pb2.GetPublicFiguresRequest(parent=office.parent, year=year)
    )
    assert told.total.count >= 6
    assert told.sensitive == figures_pb2.PublicCount(suppressed=True)
