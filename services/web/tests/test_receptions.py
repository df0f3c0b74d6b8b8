"""My officer, a visit, and the office's day, as pages."""

import re
from uuid import uuid4

import grpc
import httpx
import pytest
from spilno.reception.v1 import receptions_pb2
from web.testing import House, hidden
from web.testing_answers import NOW, at, failure

HERE = "/tatarbunary"
OFFICE = "/tatarbunary/office"
NEW = f"{HERE}/visits/new"


async def slot(browser: httpx.AsyncClient) -> str:
    found = re.search(r'name="slot" id="slot" value="(\d+)"', (await browser.get(NEW)).text)
    assert found
    return found[1]


def booked(house: House) -> str:
    visit_id = str(uuid4())
    house.come(visit_id, receptions_pb2.VisitDraft(start_time=at(NOW), visitor="Олена", phone="+380971234567"))
    return visit_id


async def asked(browser: httpx.AsyncClient, address: str) -> httpx.Response:
    form = {**await hidden(browser, f"{HERE}/officer"), "address": address}
    return await browser.post(f"{HERE}/officer", data=form)


async def test_a_resident_finds_an_officer_and_is_told_when_there_is_none(visitor: httpx.AsyncClient) -> None:
    assert "Дільничний 1" in (await asked(visitor, "Центральна 12")).text
    assert "жодній дільниці" in (await asked(visitor, "Невідома")).text
    assert (await asked(visitor, "я" * 300)).status_code == 422


async def test_where_a_resident_lives_is_in_no_address(visitor: httpx.AsyncClient) -> None:
    found = await asked(visitor, "Центральна 12")
    assert (found.status_code, found.url.query) == (200, b"")
    assert "Дільничний 1" not in (await visitor.get(f"{HERE}/officer", params={"address": "Центральна 12"})).text


async def test_a_resident_books_and_gets_a_code_that_no_address_holds(visitor: httpx.AsyncClient, house: House) -> None:
    form = {**await hidden(visitor, NEW), "slot": await slot(visitor), "visitor": "Олена", "phone": "097 123 45 67"}
    answer = await visitor.post(NEW, data=form)
    assert answer.status_code == 303
    assert "4821" not in answer.headers["location"]
    receipt = await visitor.get(answer.headers["location"])
    assert "4821 7730 0016" in receipt.text
    assert "10:00" in receipt.text
    assert next(iter(house.visits.values())).phone == "+380971234567"
    assert 'value="1795507200" disabled' in (await visitor.get(NEW)).text


async def test_an_empty_booking_names_each_field(visitor: httpx.AsyncClient, house: House) -> None:
    answer = await visitor.post(NEW, data=await hidden(visitor, NEW))
    assert answer.status_code == 422
    for name in ("slot", "visitor", "phone"):
        assert f'href="#{name}"' in answer.text
        assert f'id="{name}-error"' in answer.text
    assert not house.visits


async def test_a_slot_that_was_taken_meanwhile_says_which_is_free_and_keeps_what_was_typed(
    visitor: httpx.AsyncClient, house: House
) -> None:
    form = {**await hidden(visitor, NEW), "slot": await slot(visitor), "visitor": "Олена", "phone": "0971234567"}
    house.failing = failure(grpc.StatusCode.ALREADY_EXISTS, "slot.taken", visit__start_time="Найближча вільна: 10:20")
    house.failing_for = receptions_pb2.BookVisitRequest
    answer = await visitor.post(NEW, data=form)
    assert answer.status_code == 422
    assert '<a href="#slot">Найближча вільна: 10:20</a>' in answer.text
    assert 'value="Олена"' in answer.text


async def test_a_visit_is_cancelled_by_its_code(visitor: httpx.AsyncClient) -> None:
    path = f"{HERE}/visits/cancel"
    wrong = await visitor.post(path, data={**await hidden(visitor, path), "code": "1"})
    assert 'id="code-error"' in wrong.text
    done = await visitor.post(path, data={**await hidden(visitor, path), "code": "4821 7730 0016"})
    assert "Візит скасовано" in (await visitor.get(done.headers["location"])).text


async def test_a_visit_is_moved_by_its_code_and_by_staff(
    visitor: httpx.AsyncClient, officer: httpx.AsyncClient, house: House
) -> None:
    path = f"{HERE}/visits/move"
    form = {**await hidden(visitor, path), "slot": await slot(visitor), "code": "1"}
    wrong = await visitor.post(path, data=form)
    assert 'id="code-error"' in wrong.text
    done = await visitor.post(path, data={**form, "code": "4821 7730 0016"})
    assert "Візит перенесено" in (await visitor.get(done.headers["location"])).text
    visit = f"{OFFICE}/visits/{booked(house)}"
    assert f"{visit}/move" in (await officer.get(visit)).text
    moved = await officer.post(
        f"{visit}/move", data={**await hidden(officer, f"{visit}/move"), "slot": await slot(visitor)}
    )
    assert moved.headers["location"] == f"{visit}?saved=yes"
    house.failing = failure(grpc.StatusCode.ALREADY_EXISTS, "slot.taken", "", start_time="Оберіть іншу годину")
    house.failing_for = receptions_pb2.MoveVisitForCallerRequest
    taken = await officer.post(f"{visit}/move", data=await hidden(officer, f"{visit}/move"))
    assert (taken.status_code, 'id="slot-error"' in taken.text) == (422, True)


async def test_the_home_page_does_without_hours_that_cannot_be_had(visitor: httpx.AsyncClient, house: House) -> None:
    assert "10:00–12:00" in (await visitor.get(HERE)).text
    house.failing, house.failing_for = failure(grpc.StatusCode.UNAVAILABLE), receptions_pb2.GetScheduleRequest
    page = await visitor.get(HERE)
    assert page.status_code == 200
    assert "10:00–12:00" not in page.text


async def test_the_desk_of_today_shows_who_comes(officer: httpx.AsyncClient, house: House) -> None:
    booked(house)
    page = await officer.get(OFFICE)
    assert "Олена" in page.text
    assert "Усі звернення" in page.text


async def test_a_visit_is_recorded_with_both_hosts_and_leads_to_its_appeal(
    officer: httpx.AsyncClient, house: House
) -> None:
    visit = booked(house)
    path = f"{OFFICE}/visits/{visit}"
    form = {**await hidden(officer, path), "host-1": "Дільничний офіцер", "host-2": "Керівник офісу"}
    nothing = await officer.post(f"{path}/record", data=form)
    assert 'href="#outcome"' in nothing.text
    done = await officer.post(f"{path}/record", data={**form, "outcome": "appeal"})
    assert list(house.visits[visit].hosts) == ["Дільничний офіцер", "Керівник офісу"]
    assert done.headers["location"] == f"{OFFICE}/appeals/new?visit={visit}"
    page = await officer.get(done.headers["location"])
    assert f'name="visit" value="{visit}"' in page.text
    assert 'value="Олена"' in page.text


async def test_a_schedule_is_read_by_lines_and_a_bad_line_is_quoted(officer: httpx.AsyncClient, house: House) -> None:
    path = f"{OFFICE}/schedule"
    form = {**await hidden(officer, path), "slot_minutes": "20", "hosts": "Офіцер", "holidays": "no"}
    bad = await officer.post(path, data={**form, "week": "колись 10:00-12:00", "exceptions": "30.02.2026 закрито"})
    assert "колись" in bad.text
    assert 'href="#exceptions"' in bad.text
    lines = {"week": "вт 10:00-12:00\nпт 9:00-10:00", "exceptions": "31.12.2026 закрито Свято\n2026-08-24 закрито"}
    await officer.post(path, data={**form, **lines})
    said = next(asked for asked in house.asked if isinstance(asked, receptions_pb2.UpdateScheduleRequest)).schedule
    assert [(one.weekday, one.hours.opens) for one in said.week] == [(2, "10:00"), (5, "09:00")]
    assert [(one.date, one.note) for one in said.exceptions] == [("2026-12-31", "Свято"), ("2026-08-24", "")]
    assert not said.holidays_are_working


async def test_a_beat_is_drawn_by_lines_of_streets(officer: httpx.AsyncClient, house: House) -> None:
    path = f"{OFFICE}/beats/new"
    form = {**await hidden(officer, path), "number": "1", "streets": "вул. Центральна 1-25\n\nвул. Нова"}
    bad = await officer.post(path, data={**form, "number": "перша"})
    assert 'href="#number"' in bad.text
    await officer.post(path, data=form)
    assert list(house.beats[0].beat.streets) == ["вул. Центральна 1-25", "вул. Нова"]
    assert "№ 1" in (await officer.get(f"{OFFICE}/beats")).text.replace("\u00a0", " ")


@pytest.mark.parametrize("path", ["beats", "beats/new", "officers/new", "schedule", "visits", "visits/new"])
async def test_pages_follow_permissions(officer: httpx.AsyncClient, house: House, path: str) -> None:
    assert (await officer.get(f"{OFFICE}/{path}")).status_code == 200
    house.permissions = ("appeals.read",)
    assert (await officer.get(f"{OFFICE}/{path}")).status_code == 403


@pytest.mark.parametrize("path", [f"{HERE}/officer", NEW, f"{HERE}/visits/cancel", f"{HERE}/visits/move"])
async def test_a_page_speaks_english_when_asked(visitor: httpx.AsyncClient, path: str) -> None:
    page = await visitor.get(path, headers={"accept-language": "en"})
    told = re.sub(r"Українська|вул\. Центральна|Центральна|Дільничний 1", "", page.text)
    assert not re.search("[а-яіїє]{3}", told)


async def test_nobody_is_asked_about_a_reminder_that_the_platform_does_not_send(
    visitor: httpx.AsyncClient, house: House
) -> None:
    assert 'name="reminder"' not in (await visitor.get(NEW)).text
    form = {**await hidden(visitor, NEW), "slot": await slot(visitor), "visitor": "Олена", "phone": "0971234567"}
    assert (await visitor.post(NEW, data=form)).status_code == 303
    assert not next(iter(house.visits.values())).HasField("reminder")


async def test_who_asks_to_be_reminded_is_kept_with_what_that_needs(officer: httpx.AsyncClient, house: House) -> None:
    house.reminder_channels = [receptions_pb2.REMINDER_CHANNEL_SMS, receptions_pb2.REMINDER_CHANNEL_EMAIL]
    new = f"{OFFICE}/visits/new"
    form = {**await hidden(officer, new), "slot": await slot(officer), "visitor": "Олена", "phone": "0971234567"}
    wish = {"reminder": "email", "email": "olena", "language": "en"}
    refused = await officer.post(new, data={**form, **wish})
    assert refused.status_code == 422
    assert 'id="email-error"' in refused.text
    booked = await officer.post(new, data={**form, **wish, "email": "olena@example.org"})
    page = (await officer.get(booked.headers["location"])).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "olena@example.org" in page
    assert "Листом на електронну пошту" in page
    assert "olena" not in booked.headers["location"]


async def test_a_reminder_by_sms_keeps_no_address(visitor: httpx.AsyncClient, house: House) -> None:
    house.reminder_channels = [receptions_pb2.REMINDER_CHANNEL_SMS]
    page = await visitor.get(NEW)
    assert 'value="sms"' in page.text
    assert 'name="email"' not in page.text
    form = {**await hidden(visitor, NEW), "slot": await slot(visitor), "visitor": "Олена", "phone": "0971234567"}
    await visitor.post(NEW, data={**form, "reminder": "sms", "language": "uk", "email": "olena@example.org"})
    (visit,) = house.visits.values()
    assert (visit.reminder.channel, visit.reminder.email) == (receptions_pb2.REMINDER_CHANNEL_SMS, "")
