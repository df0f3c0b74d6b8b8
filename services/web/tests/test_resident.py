import re
from typing import Any

import grpc
import httpx
import pytest
from spilno.reception.v1 import appeals_pb2 as pb
from web.testing import House, hidden
from web.testing_answers import failure

APPEAL = {
    "kind": "application",
    "area": "infrastructure",
    "text": "На вулиці біля зупинки не світять три ліхтарі.",
    "name": "Коваленко Олена",
    "residence": "с. Струмок, вул. Шевченка, 12",
    "phone": "097 123 45 67",
    "email": "",
}
NEW = "/tatarbunary/appeals/new"
FOLLOW = "/tatarbunary/appeals/follow"


async def submit(browser: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    return await browser.post(NEW, data={**APPEAL, **await hidden(browser, NEW), **changes})


async def test_a_resident_gets_a_number_and_a_code_that_no_address_holds(
    visitor: httpx.AsyncClient, house: House
) -> None:
    answer = await submit(visitor)
    assert answer.status_code == 303
    receipt = await visitor.get(answer.headers["location"])
    assert "147/2026" in receipt.text
    assert "4821 7730 0016" in receipt.text
    assert "482177300016" not in answer.headers["location"]
    submitted = next(asked for asked in house.asked if isinstance(asked, pb.SubmitAppealRequest))
    assert submitted.appeal.applicant.phone == "+380971234567"


async def test_a_form_sent_twice_gives_the_same_receipt(visitor: httpx.AsyncClient, house: House) -> None:
    sent = {**APPEAL, **await hidden(visitor, NEW)}
    first, second = await visitor.post(NEW, data=sent), await visitor.post(NEW, data=sent)
    assert first.headers["location"] == second.headers["location"]
    assert len(house.appeals) == 1


async def test_a_receipt_is_for_the_browser_that_sent_the_form(visitor: httpx.AsyncClient) -> None:
    address = (await submit(visitor)).headers["location"]
    visitor.cookies.clear()
    answer = await visitor.get(address)
    assert answer.status_code == 410
    assert "4821" not in answer.text


async def test_a_receipt_put_away_is_not_shown_again(visitor: httpx.AsyncClient) -> None:
    address = (await submit(visitor)).headers["location"]
    await visitor.post(address, data=await hidden(visitor, address))
    assert (await visitor.get(address)).status_code == 410


async def test_an_empty_form_says_at_each_field_what_is_missing(visitor: httpx.AsyncClient, house: House) -> None:
    answer = await visitor.post(NEW, data=await hidden(visitor, NEW))
    assert answer.status_code == 422
    for name in ("kind", "area", "text", "name", "residence"):
        assert f'href="#{name}"' in answer.text
        assert f'id="{name}-error"' in answer.text
    assert not house.appeals


@pytest.mark.parametrize(
    ("typed", "objection"),
    [("097 123 45", "ще 2 цифри"), ("097 123 45 6", "ще 1 цифра"), ("нуль", "лише цифри"), ("0971234567890", "зайві")],
)
async def test_a_phone_is_mended_where_it_was_typed(visitor: httpx.AsyncClient, typed: str, objection: str) -> None:
    answer = await submit(visitor, phone=typed)
    assert answer.status_code == 422
    assert objection in answer.text.replace("\u00a0", " ")
    assert f'value="{typed}"' in answer.text


async def test_what_the_service_refuses_stands_at_its_field(visitor: httpx.AsyncClient, house: House) -> None:
    form = await hidden(visitor, NEW)
    await visitor.get("/tatarbunary")
    house.failing = failure(
        grpc.StatusCode.INVALID_ARGUMENT, "request.invalid", appeal__text="Опишіть докладніше", other="Ще щось"
    )
    house.failing_for = pb.SubmitAppealRequest
    answer = await visitor.post(NEW, data={**APPEAL, **form})
    assert answer.status_code == 422
    assert '<a href="#text">Опишіть докладніше</a>' in answer.text
    assert "Ще щось" in answer.text
    assert APPEAL["text"] in answer.text


async def test_another_text_under_the_same_request_asks_before_it_makes_a_second_appeal(
    visitor: httpx.AsyncClient, house: House
) -> None:
    form = await hidden(visitor, NEW)
    house.failing = failure(grpc.StatusCode.INVALID_ARGUMENT, "request-id.other-payload", request_id="Інші дані")
    house.failing_for = pb.SubmitAppealRequest
    answer = await visitor.post(NEW, data={**APPEAL, **form})
    assert answer.status_code == 422
    assert "вже прийнято" in answer.text
    assert form["request_id"] not in answer.text


async def test_a_resident_follows_an_appeal_by_its_code(visitor: httpx.AsyncClient) -> None:
    await submit(visitor)
    answer = await visitor.post(FOLLOW, data={**await hidden(visitor, FOLLOW), "code": "4821-7730 0016"})
    assert answer.headers["location"] == "/tatarbunary/appeals/status"
    status = await visitor.get(answer.headers["location"])
    assert APPEAL["text"] in status.text
    assert APPEAL["name"] not in status.text
    assert APPEAL["residence"] not in status.text


async def test_a_wrong_code_is_told_at_the_field(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post(FOLLOW, data={**await hidden(visitor, FOLLOW), "code": "1234"})
    assert answer.status_code == 422
    assert 'id="code-error"' in answer.text
    assert 'value="1234"' in answer.text


async def test_too_many_codes_are_told_calmly(visitor: httpx.AsyncClient, house: House) -> None:
    form = await hidden(visitor, FOLLOW)
    house.failing = failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "", "Зачекайте 10 хвилин")
    house.failing_for = pb.FollowAppealRequest
    answer = await visitor.post(FOLLOW, data={**form, "code": "1234"})
    assert answer.status_code == 429
    assert "Зачекайте 10 хвилин" in answer.text


async def test_a_status_without_a_code_asks_for_one(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/tatarbunary/appeals/status")).headers["location"] == FOLLOW


@pytest.mark.parametrize("path", ["/odesa", "/odesa/appeals/new", "/no_such", "/tatarbunary/nowhere", "/a/b/c"])
async def test_what_is_not_there_is_a_page(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)
    assert answer.status_code == 404
    assert "Такої сторінки немає" in answer.text


async def test_a_suspended_hromada_says_so_calmly(visitor: httpx.AsyncClient, house: House) -> None:
    house.suspended.add("hromadas/tatarbunary")
    answer = await visitor.get("/tatarbunary")
    assert answer.status_code == 503
    assert "тимчасово не" in answer.text
    assert "Центральна" not in answer.text


async def test_a_service_that_is_away_is_a_page_with_a_time_to_come_back(
    visitor: httpx.AsyncClient, house: House
) -> None:
    house.failing = failure(grpc.StatusCode.UNAVAILABLE)
    answer = await visitor.get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_an_appeal_can_wait_for_reception_and_nothing_typed_is_lost(
    visitor: httpx.AsyncClient, house: House
) -> None:
    form = await hidden(visitor, NEW)
    house.failing = failure(grpc.StatusCode.UNAVAILABLE)
    house.failing_for = pb.SubmitAppealRequest
    answer = await visitor.post(NEW, data={**APPEAL, **form})
    assert answer.status_code == 503
    assert APPEAL["text"] in answer.text
    assert form["request_id"] in answer.text


async def test_a_page_speaks_english_when_asked(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get(NEW, headers={"accept-language": "en"})
    assert "Submit an appeal" in page.text
    assert "50 Tsentralna Street" in page.text
    assert not re.search("[а-яіїє]{3}", re.sub(r"Українська|«[^»]*»", "", page.text))
