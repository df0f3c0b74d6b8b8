"""What people are told, as pages: the question on a form, what became of it, and the texts."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import grpc
import httpx
import pytest
from spilno.reception.v1 import appeals_pb2, notices_pb2, receptions_pb2
from web.testing import House
from web.testing_answers import NOW, at, failure

HERE = "/tatarbunary"
OFFICE = f"{HERE}/office"
TEXT = f"{OFFICE}/notices/visit-booked-uk"
Page = Callable[[House], str]
EMAIL, SMS = receptions_pb2.REMINDER_CHANNEL_EMAIL, receptions_pb2.REMINDER_CHANNEL_SMS
APPEAL = {
    "kind": "application",
    "area": "infrastructure",
    "text": "Не світять ліхтарі біля школи",
    "name": "Мешканка Олена",
    "residence": "Татарбунари",
    "email": "olena@example.org",
}


async def hidden(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    page = await browser.get(path)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


def visit(house: House) -> str:
    visit_id = str(uuid4())
    house.come(visit_id, receptions_pb2.VisitDraft(start_time=at(NOW), visitor="Олена", phone="+380971234567"))
    return f"{OFFICE}/visits/{visit_id}"


def case(house: House) -> str:
    draft = appeals_pb2.AppealDraft(text=APPEAL["text"], applicant=appeals_pb2.Applicant(name="Олена"))
    name = house.enter("147/2026", draft, appeals_pb2.APPEAL_CHANNEL_PHONE).name
    return f"{OFFICE}/appeals/{name.rpartition('/')[2]}"


def notice(state: "notices_pb2.NoticeState.ValueType", **changes: Any) -> notices_pb2.Notice:
    return notices_pb2.Notice(
        name=f"hromadas/tatarbunary/notices/{uuid4()}",
        kind="visit-booked",
        channel=EMAIL,
        address="o***@example.org",
        language="uk",
        state=state,
        told_at=at(NOW),
        over_at=at(NOW),
        **changes,
    )


async def test_an_applicant_is_asked_only_where_something_is_sent(visitor: httpx.AsyncClient, house: House) -> None:
    new = f"{HERE}/appeals/new"
    assert 'name="notice"' not in (await visitor.get(new)).text
    house.reminder_channels = [EMAIL]
    page = (await visitor.get(new)).text
    assert 'value="email"' in page
    assert 'value="sms"' not in page


async def test_a_form_of_an_appeal_opens_while_the_channels_are_not_known(
    visitor: httpx.AsyncClient, house: House
) -> None:
    house.failing, house.failing_for = failure(grpc.StatusCode.UNAVAILABLE), notices_pb2.GetNoticeChannelsRequest
    assert (await visitor.get(f"{HERE}/appeals/new")).status_code == 200


@pytest.mark.parametrize("path", [f"{HERE}/appeals/new", f"{OFFICE}/appeals/new"])
async def test_who_asks_to_be_told_is_written_down_with_the_way_and_the_language(
    officer: httpx.AsyncClient, house: House, path: str
) -> None:
    house.reminder_channels = [EMAIL, SMS]
    form = {**await hidden(officer, path), **APPEAL, "channel": "phone"}
    await officer.post(path, data={**form, "notice": "email", "notice_language": "en"})
    said = next(one for one in house.asked if hasattr(one, "appeal")).appeal.notices
    assert (said.channel, said.language) == (EMAIL, "en")


async def test_who_does_not_ask_is_not_written_down(visitor: httpx.AsyncClient, house: House) -> None:
    path = f"{HERE}/appeals/new"
    await visitor.post(path, data={**await hidden(visitor, path), **APPEAL, "notice": "no"})
    assert not next(one for one in house.asked if hasattr(one, "appeal")).appeal.HasField("notices")


@pytest.mark.parametrize("page", [visit, case])
async def test_staff_see_what_became_of_each_notice_in_words(
    officer: httpx.AsyncClient, house: House, page: Page
) -> None:
    house.notices = [
        notice(notices_pb2.NOTICE_STATE_SENT),
        notice(notices_pb2.NOTICE_STATE_BOUNCED, trouble=notices_pb2.NOTICE_TROUBLE_MAILBOX_FULL, can_resend=True),
        notice(
            notices_pb2.NOTICE_STATE_QUEUED,
            trouble=notices_pb2.NOTICE_TROUBLE_SERVER_AWAY,
            tries=2,
            next_time=at(NOW),
        ),
    ]
    text = (await officer.get(page(house))).text.replace("\N{NO-BREAK SPACE}", " ")
    for said in (
        "Надіслано",
        "Повернулося",
        "Поштова скринька переповнена.",
        "Чекає на відправлення",
        "Сервер не відповідає.",
        "Наступна спроба: 22.11.2026, 18:18",
        "o***@example.org",
    ):
        assert said in text
    assert text.count("Надіслати ще раз") == 1


@pytest.mark.parametrize("page", [visit, case])
async def test_what_was_not_delivered_is_sent_again_once_by_who_may(
    officer: httpx.AsyncClient, house: House, page: Page
) -> None:
    house.notices = [notice(notices_pb2.NOTICE_STATE_FAILED, can_resend=True)]
    path = page(house)
    form = await hidden(officer, path)
    resend = re.search(rf'action="({path}/notices/[^"]+/resend)"', (await officer.get(path)).text)
    assert resend
    answer = await officer.post(resend[1], data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    asked = next(one for one in house.asked if isinstance(one, notices_pb2.ResendNoticeRequest))
    assert asked.name == house.notices[0].name
    house.failing = failure(grpc.StatusCode.FAILED_PRECONDITION, "notice.too-late", "Надсилати вже запізно")
    house.failing_for = notices_pb2.ResendNoticeRequest
    refused = await officer.post(resend[1], data=form)
    assert (refused.status_code, "Надсилати вже запізно" in refused.text) == (422, True)
    house.permissions = tuple(one for one in house.permissions if one != "notices.send")
    assert "/resend" not in (await officer.get(path)).text


async def test_a_visit_is_shown_while_its_notices_cannot_be_had(officer: httpx.AsyncClient, house: House) -> None:
    house.failing, house.failing_for = failure(grpc.StatusCode.UNAVAILABLE), notices_pb2.ListNoticesRequest
    page = await officer.get(visit(house))
    assert (page.status_code, "не вдається показати" in page.text.replace("\N{NO-BREAK SPACE}", " ")) == (200, True)


class TestTexts:
    async def test_the_page_says_that_the_demo_sends_nothing_on(self, officer: httpx.AsyncClient, house: House) -> None:
        assert "нічого не надсилає" in (await officer.get(f"{OFFICE}/notices")).text.replace("\N{NO-BREAK SPACE}", " ")
        house.reminder_channels = [EMAIL]
        assert "демонстрація" in (await officer.get(f"{OFFICE}/notices")).text

    async def test_a_text_is_looked_at_and_then_kept(self, officer: httpx.AsyncClient, house: House) -> None:
        form = {**await hidden(officer, TEXT), "subject": "Тема", "body": "Чекаємо: {when}", "sms": "{when}"}
        seen = await officer.post(TEXT, data={**form, "preview": "yes"})
        assert "Частин, за які платить офіс: 2" in seen.text.replace("\N{NO-BREAK SPACE}", " ")
        assert not house.notice_texts["hromadas/tatarbunary/notice-texts/visit-booked-uk"].changed
        kept = await officer.post(TEXT, data=form)
        assert kept.status_code == 303
        assert "Чекаємо: {when}" in (await officer.get(TEXT)).text
        await officer.post(f"{TEXT}/reset", data=await hidden(officer, TEXT))
        assert "Чекаємо" not in (await officer.get(TEXT)).text

    async def test_a_value_that_there_is_not_is_told_at_its_field(
        self, officer: httpx.AsyncClient, house: House
    ) -> None:
        house.failing = failure(grpc.StatusCode.INVALID_ARGUMENT, "notice.unknown-value", text__body="Немає {x}")
        house.failing_for = notices_pb2.UpdateNoticeTextRequest
        answer = await officer.post(TEXT, data={**await hidden(officer, TEXT), "body": "{x}"})
        assert answer.status_code == 422
        assert '<a href="#body">Немає {x}</a>' in answer.text
        assert "{x}</textarea>" in answer.text

    async def test_of_two_who_change_it_the_second_is_told(self, officer: httpx.AsyncClient, house: House) -> None:
        form = {**await hidden(officer, TEXT), "subject": "т", "body": "т", "sms": "т"}
        await officer.post(TEXT, data=form)
        assert (await officer.post(TEXT, data=form)).status_code == 422

    async def test_a_signature_is_one_line(self, officer: httpx.AsyncClient) -> None:
        page = (await officer.get(f"{OFFICE}/notices/signature-uk")).text
        assert 'name="subject"' not in page
        assert 'maxlength="80"' in page

    @pytest.mark.parametrize("path", [f"{OFFICE}/notices", TEXT])
    async def test_only_who_may_sees_them(self, officer: httpx.AsyncClient, house: House, path: str) -> None:
        house.permissions = ("appeals.read", "notices.read")
        assert (await officer.get(path)).status_code == 403

    async def test_a_text_that_there_is_not_is_a_page_that_there_is_not(self, officer: httpx.AsyncClient) -> None:
        assert (await officer.get(f"{OFFICE}/notices/nothing-uk")).status_code == 404
