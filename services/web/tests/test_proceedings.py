"""What is decided of an appeal, as the desk's pages ask for it."""

import re
from datetime import UTC, datetime

import grpc
import httpx
import pytest
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import particulars_pb2, proceedings_pb2
from web.testing import House
from web.testing_answers import OFFICER, at, failure
from web.testing_partners import POLICE

OFFICE = "/tatarbunary/office"


@pytest.fixture
def case(house: House) -> str:
    """A case in the officer's hands: its address."""
    draft = pb.AppealDraft(
        kind=pb.APPEAL_KIND_COMPLAINT,
        area=pb.SAFETY_AREA_ROAD,
        text="Перевищують швидкість біля школи.",
        applicant=pb.Applicant(name="Іваненко Петро", residence="Татарбунари", phone="+380971234567"),
    )
    appeal = house.enter("1/2026", draft, pb.APPEAL_CHANNEL_POST)
    appeal.state = pb.APPEAL_STATE_IN_WORK
    appeal.taken_by.CopyFrom(pb.Actor(id=OFFICER, display_name="Дільничний офіцер"))
    return f"{OFFICE}/appeals/{appeal.name.rpartition('/')[2]}"


async def hidden(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    page = await browser.get(path)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


async def test_a_case_goes_to_an_organisation_of_the_memorandum(
    officer: httpx.AsyncClient, house: House, case: str
) -> None:
    page = f"{case}/forward"
    assert POLICE.title in (await officer.get(page)).text
    form = {**await hidden(officer, page), "to": POLICE.name, "reason": "Це належить поліції."}
    answer = await officer.post(page, data=form)
    assert answer.headers["location"] == f"{case}?saved=yes"
    asked = house.asked[-1]
    assert (asked.to.organisation, asked.to.title) == (POLICE.name, POLICE.title)


async def test_whoever_is_no_party_of_the_memorandum_cannot_be_chosen(
    officer: httpx.AsyncClient, house: House, case: str
) -> None:
    page = f"{case}/forward"
    stranger = "hromadas/tatarbunary/organisations/0198c0de-0000-7000-8000-0000000000ff"
    form = {**await hidden(officer, page), "to": stranger, "reason": "Це належить поліції."}
    answer = await officer.post(page, data=form)
    assert answer.status_code == 422
    assert 'id="to-error"' in answer.text
    assert not any(isinstance(asked, proceedings_pb2.ForwardAppealRequest) for asked in house.asked)


async def test_the_body_complained_of_is_refused_at_its_field_and_nothing_typed_is_lost(
    officer: httpx.AsyncClient, house: House, case: str
) -> None:
    page = f"{case}/forward"
    house.failing = failure(
        grpc.StatusCode.INVALID_ARGUMENT, "appeal.forward", "", to="Скаргу не можна переслати тому, на кого скаржаться."
    )
    house.failing_for = proceedings_pb2.ForwardAppealRequest
    form = {**await hidden(officer, page), "to": POLICE.name, "reason": "Причина, яку шкода втратити."}
    answer = await officer.post(page, data=form)
    assert answer.status_code == 422
    assert 'id="to-error"' in answer.text
    assert "Причина, яку шкода втратити." in answer.text


async def test_a_return_begins_with_what_a_machine_sees_missing(
    officer: httpx.AsyncClient, house: House, case: str
) -> None:
    house.way.missing_requisites.append(proceedings_pb2.REQUISITE_SIGNATURE)
    page = f"{case}/return"
    assert re.search(r'name="missing-signature"[^>]* checked', (await officer.get(page)).text)
    form = await hidden(officer, page)
    said = {**form, "ground": "defect", "missing-signature": "yes", "explanation": "На листі немає підпису."}
    assert (await officer.post(page, data=said)).status_code == 303
    assert list(house.asked[-1].missing) == [proceedings_pb2.REQUISITE_SIGNATURE]
    unsaid = await officer.post(page, data={**form, "explanation": "На листі немає підпису."})
    assert 'id="ground-error"' in unsaid.text


async def test_more_time_is_asked_for_with_the_last_day_offered(
    officer: httpx.AsyncClient, house: House, case: str
) -> None:
    house.way.most.safe_on = "2027-01-06"
    page = f"{case}/extend"
    assert "06.01.2027" in (await officer.get(page)).text
    form = {**await hidden(officer, page), "until": "06.01.2027", "reason": "Чекаємо висновку."}
    assert (await officer.post(page, data=form)).status_code == 303
    assert house.asked[-1].until == "2027-01-06"
    wrong = await officer.post(page, data={**form, "until": "31.02.2027"})
    assert 'id="until-error"' in wrong.text


async def test_the_head_sees_who_asks_why_and_until_when(officer: httpx.AsyncClient, house: House, case: str) -> None:
    asked = proceedings_pb2.Decision(
        deed=proceedings_pb2.DEED_EXTENSION_ASKED,
        decided_at=at(datetime(2026, 12, 10, tzinfo=UTC)),
        decided_by=pb.Actor(id="x", display_name="Координаторка"),
        reason="Чекаємо висновку обленерго.",
        until="2027-01-06",
    )
    house.way.extension_asked.CopyFrom(asked)
    page = f"{case}/decide-extension"
    shown = (await officer.get(page)).text
    assert "Координаторка" in shown
    assert "обленерго" in shown
    assert "06.01.2027" in shown
    form = {**await hidden(officer, page), "granted": "yes"}
    assert (await officer.post(page, data=form)).status_code == 303
    assert house.asked[-1].granted


async def test_who_may_not_decide_has_no_such_page(officer: httpx.AsyncClient, house: House, case: str) -> None:
    house.permissions = ("appeals.read", "appeals.take", "appeals.answer")
    page = (await officer.get(case)).text
    assert "/shorten" not in page
    assert "/set-aside" not in page
    assert "/forward" in page
    assert (await officer.get(f"{case}/shorten")).status_code == 403


async def test_a_request_to_shorten_is_declined_with_a_reason(
    officer: httpx.AsyncClient, house: House, case: str
) -> None:
    page = f"{case}/keep-term"
    assert page in (await officer.get(case)).text
    form = {**await hidden(officer, page), "reason": "Перевірка триває місяць."}
    assert (await officer.post(page, data=form)).headers["location"] == f"{case}?saved=yes"
    assert house.asked[-1] == proceedings_pb2.DeclineShorteningRequest(
        name=next(iter(house.appeals)), etag=form["etag"], reason=form["reason"]
    )


async def test_one_answer_goes_to_the_duplicates_too_if_the_officer_wishes(
    officer: httpx.AsyncClient, house: House, case: str
) -> None:
    for number, obstacle in ((2, "UNSPECIFIED"), (3, "TAKEN_BY_ANOTHER")):
        house.duplicates.append(
            proceedings_pb2.Duplicate(
                name=f"hromadas/tatarbunary/appeals/0198c0de-0000-7000-8000-00000000000{number}",
                number=f"{number}/2026",
                state=pb.APPEAL_STATE_IN_WORK,
                received_on="2026-11-24",
                obstacle=proceedings_pb2.DuplicateObstacle.Value(f"DUPLICATE_OBSTACLE_{obstacle}"),
            )
        )
    shown = (await officer.get(case)).text
    assert re.search("на.1.дублікат<", shown)
    assert "веде хтось інший" in shown
    form = {**await hidden(officer, case), "answer": "Ліхтарі засвітять до кінця місяця.", "outcome": "granted"}
    assert (await officer.post(f"{case}/answer", data={**form, "duplicates": "yes"})).status_code == 303
    assert isinstance(house.asked[-1], proceedings_pb2.AnswerWithDuplicatesRequest)
    await officer.post(f"{case}/answer", data=form)
    assert isinstance(house.asked[-1], pb.AnswerAppealRequest)


async def test_what_somebody_else_wrote_first_is_named_by_its_number(
    officer: httpx.AsyncClient, house: House, case: str
) -> None:
    draft = pb.AppealDraft(applicant=pb.Applicant(name="Інша Людина 23/2026"), text="Ліхтарі біля садка")
    first = house.enter("23/2026", draft, pb.APPEAL_CHANNEL_PHONE)
    page = f"{case}/particulars"
    form = {**await hidden(officer, page), "repeat": "mass"}
    refused = await officer.post(page, data={**form, "first_number": "999/2026"})
    assert 'id="first_number-error"' in refused.text
    kept = await officer.post(page, data={**form, "first_number": " 23/2026 "})
    assert kept.status_code == 303
    said = house.asked[-1].particulars
    assert (said.previous, said.repeat) == (first.name, particulars_pb2.REPEAT_SIGN_MASS)


async def test_a_refusal_without_its_law_comes_back_opened_at_its_field(
    officer: httpx.AsyncClient, house: House, case: str
) -> None:
    house.failing = failure(
        grpc.StatusCode.INVALID_ARGUMENT, "appeal.refusal", "", legal_ground="Відмова посилається на закон."
    )
    house.failing_for = pb.AnswerAppealRequest
    form = {**await hidden(officer, case), "answer": "Не можемо виконати прохання.", "outcome": "refused"}
    answer = await officer.post(f"{case}/answer", data=form)
    assert 'id="legal_ground-error"' in answer.text
    assert "Не\u00a0можемо" in answer.text or "Не можемо" in answer.text


async def test_particulars_are_read_from_the_form_and_shown_again(
    officer: httpx.AsyncClient, house: House, case: str
) -> None:
    page = f"{case}/particulars"
    form = {
        **await hidden(officer, page),
        "written_on": "20.11.2026",
        "unsigned": "yes",
        "signatories": "12",
        "repeat": "repeated",
        "category": "7.5",
        "subject": "12",
        "also-9": "yes",
        "also-12": "yes",
        "conceal": "yes",
        "reply": "oral",
        "complained_of": POLICE.name,
    }
    assert (await officer.post(page, data=form)).status_code == 303
    said = house.asked[-1].particulars
    assert (said.written_on, said.signatories, said.unsigned) == ("2026-11-20", 12, True)
    assert (list(said.codes), list(said.subjects)) == (["7.5"], ["12", "9"])
    assert said.complained_of.title == POLICE.title
    assert said.reply == particulars_pb2.REPLY_ORAL
    for name, typed in (("written_on", "31.02.2026"), ("signatories", "кілька")):
        wrong = await officer.post(page, data={**form, name: typed})
        assert f'id="{name}-error"' in wrong.text
        assert typed in wrong.text


async def test_a_resident_reads_on_the_page_of_their_code_where_the_appeal_went(
    visitor: httpx.AsyncClient, house: House, case: str
) -> None:
    house.codes["482177300016"] = f"hromadas/tatarbunary/appeals/{case.rpartition('/')[2]}"
    house.appeal_notices.append(
        pb.AppealNotice(
            at=at(datetime(2026, 11, 24, tzinfo=UTC)),
            kind=pb.APPEAL_NOTICE_KIND_FORWARDED,
            reason="Освітлення утримує міська рада.",
            body="Татарбунарська міська рада",
        )
    )
    page = "/tatarbunary/appeals/follow"
    await visitor.post(page, data={**await hidden(visitor, page), "code": "4821 7730 0016"})
    shown = (await visitor.get("/tatarbunary/appeals/status")).text
    assert "Звернення переслано" in shown
    assert "Татарбунарська міська рада" in shown
