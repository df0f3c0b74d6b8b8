import re

import grpc
import httpx
from spilno.identity.v1 import members_pb2
from spilno.reception.v1 import appeals_pb2 as pb
from web.sessions.sessions import SignedIn
from web.testing import COLLEAGUE, House, Memory, hidden
from web.testing_answers import OFFICER, failure

OFFICE = "/tatarbunary/office"
ANSWERED = {"answer": "Відповідь, яку шкода втратити.", "outcome": "granted"}
DRAFT = pb.AppealDraft(
    kind=pb.APPEAL_KIND_COMPLAINT,
    area=pb.SAFETY_AREA_ROAD,
    text="Перевищують швидкість біля школи.",
    applicant=pb.Applicant(name="Іваненко Петро", residence="Татарбунари", phone="+380971234567"),
)


def entered(house: House) -> str:
    return house.enter("1/2026", DRAFT, pb.APPEAL_CHANNEL_PHONE).name.rpartition("/")[2]


async def test_who_is_not_signed_in_is_led_to_sign_in_and_back(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(f"{OFFICE}/appeals?state=in-work")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?to=%2Ftatarbunary%2Foffice%2Fappeals%3Fstate%3Din-work"


async def test_the_register_shows_counts_and_filters(officer: httpx.AsyncClient, house: House) -> None:
    entered(house)
    page = await officer.get(f"{OFFICE}/appeals?state=registered&area=road&mine=yes")
    asked = house.asked[-1]
    assert list(asked.states) == [pb.APPEAL_STATE_REGISTERED]
    assert list(asked.areas) == [pb.SAFETY_AREA_ROAD]
    assert asked.mine
    assert "Таких звернень" in page.text
    assert "1/2026" in (await officer.get(f"{OFFICE}/appeals")).text


async def test_the_register_has_pages(officer: httpx.AsyncClient, house: House) -> None:
    for _ in range(30):
        entered(house)
    first = await officer.get(f"{OFFICE}/appeals")
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following
    second = await officer.get(following[1].replace("&amp;", "&"))
    assert second.text.count('class="id"') == 5


async def test_an_officer_takes_and_answers(officer: httpx.AsyncClient, house: House) -> None:
    case = f"{OFFICE}/appeals/{entered(house)}"
    assert "Іваненко Петро" in (await officer.get(case)).text
    taken = await officer.post(f"{case}/take", data=await hidden(officer, case))
    assert taken.headers["location"] == case
    answered = await officer.post(
        f"{case}/answer", data={**await hidden(officer, case), **ANSWERED, "answer": "Патруль буде."}
    )
    assert answered.status_code == 303
    assert "Патруль" in (await officer.get(case)).text


async def test_a_case_in_other_hands_has_no_answer_form(officer: httpx.AsyncClient, house: House) -> None:
    case = entered(house)
    appeal = house.appeals[f"hromadas/tatarbunary/appeals/{case}"]
    appeal.state = pb.APPEAL_STATE_IN_WORK
    appeal.taken_by.CopyFrom(pb.Actor(id=COLLEAGUE, display_name="Координатор"))
    page = await officer.get(f"{OFFICE}/appeals/{case}")
    assert "Координатор" in page.text
    assert 'name="answer"' not in page.text


async def test_buttons_follow_permissions(officer: httpx.AsyncClient, house: House) -> None:
    house.permissions = ("appeals.read",)
    page = await officer.get(f"{OFFICE}/appeals/{entered(house)}")
    assert "/take" not in page.text
    assert "appeals/new" not in page.text
    assert (await officer.get(f"{OFFICE}/appeals/new")).status_code == 403


async def test_a_stale_case_is_shown_anew_with_what_was_typed(officer: httpx.AsyncClient, house: House) -> None:
    case = f"{OFFICE}/appeals/{entered(house)}"
    await officer.post(f"{case}/take", data=await hidden(officer, case))
    stale = {
        **await hidden(officer, case),
        "etag": "0",
        "answer": "Відповідь, яку шкода втратити.",
        "outcome": "granted",
    }
    answer = await officer.post(f"{case}/answer", data=stale)
    assert answer.status_code == 422
    assert "Відповідь, яку шкода втратити." in answer.text
    assert "щойно змінив" in answer.text


async def test_an_answer_waits_for_reception_and_nothing_typed_is_lost(
    officer: httpx.AsyncClient, house: House
) -> None:
    case = f"{OFFICE}/appeals/{entered(house)}"
    await officer.post(f"{case}/take", data=await hidden(officer, case))
    form = await hidden(officer, case)
    house.failing, house.failing_for = failure(grpc.StatusCode.UNAVAILABLE), pb.AnswerAppealRequest
    answer = await officer.post(f"{case}/answer", data={**form, **ANSWERED})
    assert answer.status_code == 503
    assert "Відповідь, яку шкода втратити." in answer.text


async def test_staff_write_down_an_appeal_and_read_the_code_aloud(officer: httpx.AsyncClient, house: House) -> None:
    new = f"{OFFICE}/appeals/new"
    typed = {
        "channel": "phone",
        "kind": "complaint",
        "area": "road",
        "text": "Перевищують швидкість.",
        "name": "Іваненко Петро",
        "residence": "Татарбунари",
    }
    answer = await officer.post(new, data={**await hidden(officer, new), **typed})
    receipt = await officer.get(answer.headers["location"])
    assert "4821 7730 0099" in receipt.text


async def test_a_session_that_ends_in_mid_form_loses_nothing(
    officer: httpx.AsyncClient, memory: Memory, house: House
) -> None:
    new = f"{OFFICE}/appeals/new"
    form = {**await hidden(officer, new), "text": "Довга розповідь відвідувача", "channel": "reception"}
    ended = memory.sessions.pop("cookie")
    answer = await officer.post(new, data=form)
    assert answer.status_code == 401
    assert "/sign-in?to=%2Ftatarbunary%2Foffice%2Fappeals%2Fnew" in answer.text
    memory.sessions["cookie"] = ended
    page = await officer.get(new)
    assert "Довга розповідь відвідувача" in page.text
    assert form["request_id"] in page.text
    assert "Довга розповідь відвідувача" not in (await officer.get(new)).text


async def test_a_draft_is_its_authors_alone(officer: httpx.AsyncClient, memory: Memory) -> None:
    new = f"{OFFICE}/appeals/new"
    form = {**await hidden(officer, new), "text": "Довга розповідь відвідувача"}
    memory.sessions.pop("cookie")
    await officer.post(new, data=form)
    memory.sessions["cookie"] = SignedIn("tatarbunary", COLLEAGUE, "access")
    assert "Довга розповідь відвідувача" not in (await officer.get(new)).text


async def test_another_hromadas_staff_gets_no_data(officer: httpx.AsyncClient, house: House, memory: Memory) -> None:
    entered(house)
    assert (await officer.get("/kamianets-podilskyi/office")).status_code == 303
    memory.sessions["cookie"] = SignedIn("kamianets-podilskyi", OFFICER, "access")
    answer = await officer.get("/kamianets-podilskyi/office")
    assert answer.status_code == 403
    assert "доступ до\u00a0офісу закінчився" in answer.text
    assert not any(isinstance(asked, pb.ListAppealsRequest) for asked in house.asked)


async def test_whose_access_has_ended_is_signed_out_everywhere_and_told_of_the_form(
    officer: httpx.AsyncClient, house: House, memory: Memory
) -> None:
    memory.sessions["at-home"] = memory.sessions["cookie"]
    new = f"{OFFICE}/appeals/new"
    form = {**await hidden(officer, new), "text": "Довга розповідь відвідувача"}
    house.works_at = "nowhere"
    answer = await officer.post(new, data=form)
    assert answer.status_code == 403
    assert "Форму не\u00a0надіслано" in answer.text
    assert not memory.sessions
    house.works_at = "tatarbunary"
    memory.sessions["cookie"] = SignedIn("tatarbunary", OFFICER, "access")
    assert "Довга розповідь відвідувача" in (await officer.get(new)).text


async def test_a_token_that_identity_no_longer_takes_ends_the_session(
    officer: httpx.AsyncClient, house: House, memory: Memory
) -> None:
    house.failing = failure(grpc.StatusCode.UNAUTHENTICATED)
    house.failing_for = members_pb2.GetOwnMembershipRequest
    assert (await officer.get(OFFICE)).status_code == 303
    assert not memory.sessions


async def test_who_may_read_nothing_yet_is_told_so(officer: httpx.AsyncClient, house: House) -> None:
    house.permissions = ()
    assert "порожньо" in (await officer.get(OFFICE)).text


async def test_what_is_overdue_stands_on_todays_desk(officer: httpx.AsyncClient, house: House) -> None:
    entered(house)
    assert "Строк спливає" not in (await officer.get(OFFICE)).text
    late = house.appeals[f"hromadas/tatarbunary/appeals/{entered(house)}"]
    late.due.safe_on = late.due.legal_on = "2026-11-20"
    page = (await officer.get(OFFICE)).text
    assert "Строк спливає" in page
    assert "строк минув" in page
    assert (await officer.get(f"{OFFICE}/appeals?due=overdue")).text.count('class="id"') == 1
    assert house.asked[-1].overdue


async def test_a_search_travels_in_the_form_and_not_in_the_address(officer: httpx.AsyncClient, house: House) -> None:
    entered(house)
    sent = {**await hidden(officer, f"{OFFICE}/appeals"), "query": "Іваненко", "order": "name", "state": "registered"}
    page = await officer.post(f"{OFFICE}/appeals/search", data=sent)
    asked = house.asked[-1]
    assert (asked.query, asked.order, list(asked.states)) == ("Іваненко", pb.SEARCH_ORDER_NAME, [1])
    assert "Іваненко Петро" in page.text


async def test_a_search_goes_on_page_by_page(officer: httpx.AsyncClient, house: House) -> None:
    for _ in range(30):
        entered(house)
    sent = {**await hidden(officer, f"{OFFICE}/appeals"), "query": "Іваненко"}
    first = await officer.post(f"{OFFICE}/appeals/search", data=sent)
    following = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', first.text))
    second = await officer.post(f"{OFFICE}/appeals/search", data={**sent, **following})
    assert second.text.count('class="id"') == 5


async def test_a_search_for_nothing_is_refused_at_its_field(officer: httpx.AsyncClient, house: House) -> None:
    sent = {**await hidden(officer, f"{OFFICE}/appeals"), "query": "  "}
    page = await officer.post(f"{OFFICE}/appeals/search", data=sent)
    assert page.status_code == 422
    assert 'href="#query"' in page.text


async def test_the_address_of_a_search_leads_to_the_register(officer: httpx.AsyncClient) -> None:
    page = await officer.get(f"{OFFICE}/appeals/search")
    assert page.headers["location"] == f"{OFFICE}/appeals"
