"""A person's own data, as they ask for it by the code of their appeal, and as the desk gives it."""

import httpx
import pytest
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import persons_pb2 as pb
from web.testing import House, hidden
from web.testing_appeals import ERASED, WAITING

PAGE = "/tatarbunary/office/persons"
RECORD = "appeals/0198c0de-0000-7000-8000-0000000000d1"
REQUEST = "hromadas/tatarbunary/person-requests/0198c0de-0000-7000-8000-0000000000d2"


@pytest.fixture(autouse=True)
def kept(house: House) -> None:
    house.records.append(
        pb.PersonRecord(record=RECORD, number="7/2026", day="2026-11-02", known_as="Іваненко Петро", etag="3")
    )
    house.person_requests.append(
        pb.PersonRequest(
            name=REQUEST,
            request=pb.OwnRequest(
                kind=pb.PERSON_REQUEST_KIND_ACCESS,
                state=pb.PERSON_REQUEST_STATE_OPEN,
                received_on="2026-10-20",
                due_on="2026-11-19",
            ),
            record=RECORD,
            alarm=pb.PERSON_REQUEST_ALARM_OVERDUE,
            etag="1",
        )
    )


async def test_who_is_looked_for_is_in_no_address(officer: httpx.AsyncClient, house: House) -> None:
    found = await officer.post(f"{PAGE}/find", data={**await hidden(officer, PAGE), "phone": "097 123 45 67"})
    assert "Іваненко Петро" in found.text
    assert house.asked[-1].person.phone == "+380971234567"
    assert "097" not in str(found.url)


async def test_everything_is_given_as_a_file(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, PAGE)
    given = await officer.post(f"{PAGE}/export", data={**proof, "code": "482177300016", "format": "json"})
    assert given.headers["content-disposition"] == 'attachment; filename="person.json"'
    assert house.asked[-1].person.code == "482177300016"


async def test_a_correction_says_why(officer: httpx.AsyncClient, house: House) -> None:
    said = {
        "step": "correct",
        "record": RECORD,
        "etag": "3",
        "field": "name",
        "value": "Іванченко",
        "reason": "На слух",
    }
    await officer.post(
        f"{PAGE}/find", data={**await hidden(officer, PAGE), **said, "reason": "На слух", "email": "a@b.ua"}
    )
    asked = next(each for each in house.asked if isinstance(each, pb.CorrectPersonRecordRequest))
    assert (asked.field, asked.reason, asked.etag) == (pb.PERSON_FIELD_NAME, "На слух", "3")


async def test_an_overdue_request_stands_on_the_desk_and_is_answered(officer: httpx.AsyncClient, house: House) -> None:
    assert "Запити людей про їхні дані" in (await officer.get("/tatarbunary/office")).text
    answer = f"{PAGE}/requests/{REQUEST.rpartition('/')[2]}/answer"
    said = {"granted": "no", "answer": "Строк зберігання не минув", "etag": "1"}
    done = await officer.post(answer, data={**await hidden(officer, PAGE), **said})
    assert done.headers["location"] == f"{PAGE}?saved=yes"
    assert not house.asked[-1].granted


async def test_a_resident_asks_by_the_code_that_they_follow(visitor: httpx.AsyncClient, house: House) -> None:
    appeal = house.enter(
        "7/2026",
        appeals_pb2.AppealDraft(kind=appeals_pb2.APPEAL_KIND_COMPLAINT, area=appeals_pb2.SAFETY_AREA_ROAD),
        appeals_pb2.APPEAL_CHANNEL_PORTAL,
    )
    house.codes["482177300016"] = appeal.name
    follow = "/tatarbunary/appeals/follow"
    await visitor.post(follow, data={**await hidden(visitor, follow), "code": "482177300016"})
    page = "/tatarbunary/appeals/status"
    assert "19 листопада" in (await visitor.get(page)).text.replace("\xa0", " ")
    form = {**await hidden(visitor, page), "kind": "erasure", "text": "Знищіть, будь ласка"}
    await visitor.post("/tatarbunary/appeals/own-data", data=form)
    asked = next(each for each in house.asked if isinstance(each, pb.RequestOwnDataRequest))
    assert (asked.kind, asked.code) == (pb.PERSON_REQUEST_KIND_ERASURE, "482177300016")


async def test_while_what_was_sent_waits_its_person_asks_by_its_code_and_may_have_all_of_it_erased(
    visitor: httpx.AsyncClient, house: House
) -> None:
    house.codes[WAITING] = "hromadas/tatarbunary/submissions/0198c0de-0000-7000-8000-0000000000d3"
    follow, page = "/tatarbunary/appeals/follow", "/tatarbunary/appeals/status"
    await visitor.post(follow, data={**await hidden(visitor, follow), "code": WAITING})
    assert "можна знищити все" in (await visitor.get(page)).text.replace("\xa0", " ")
    form = {**await hidden(visitor, page), "kind": "erasure", "text": "Я передумала"}
    asked_of = await visitor.post("/tatarbunary/appeals/own-data", data=form)
    assert asked_of.headers["location"] == page
    asked = next(each for each in house.asked if isinstance(each, pb.RequestOwnDataRequest))
    assert (asked.kind, asked.code, asked.text) == (pb.PERSON_REQUEST_KIND_ERASURE, WAITING, "Я передумала")
    assert "19 листопада" in (await visitor.get(page)).text.replace("\xa0", " ")


async def test_what_was_erased_is_said_to_be_and_nothing_more_is_asked(
    visitor: httpx.AsyncClient, house: House
) -> None:
    house.codes[WAITING] = ERASED
    house.person_requests[0].request.state = pb.PERSON_REQUEST_STATE_GRANTED
    house.person_requests[0].request.answer = "Знищено."
    follow, page = "/tatarbunary/appeals/follow", "/tatarbunary/appeals/status"
    await visitor.post(follow, data={**await hidden(visitor, follow), "code": WAITING})
    shown = (await visitor.get(page)).text
    assert "знищено на ваше прохання" in shown.replace("\xa0", " ")
    assert "Знищено." in shown
    assert "own-data" not in shown
    assert "Офіс його вже бачить" not in shown


async def test_what_was_asked_by_the_code_of_what_waits_leads_the_office_there(
    officer: httpx.AsyncClient, house: House
) -> None:
    id = "0198c0de-0000-7000-8000-0000000000d3"
    house.person_requests[0].record = f"submissions/{id}"
    shown = (await officer.get(PAGE)).text
    assert f"/office/outside#{id}" in shown
    assert "/office/appeals/0198c0de" not in shown
