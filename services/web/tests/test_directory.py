""" "Твій дільничний" as residents read it, and the officers' duties as the desk keeps them."""

import re

import httpx
import pytest
from spilno.reception.v1 import duties_pb2, leaflets_pb2, officers_pb2
from web.testing import House, hidden

OFFICER_ID = "0198c0de-0000-7000-8000-0000000000b1"
BEAT = "hromadas/tatarbunary/beats/0198c0de-0000-7000-8000-0000000000b2"
DUTY = "hromadas/tatarbunary/duties/0198c0de-0000-7000-8000-0000000000b3"
DUTIES = "/tatarbunary/office/duties"


@pytest.fixture(autouse=True)
def kept(house: House) -> None:
    officer = officers_pb2.PublicOfficer(
        name=f"hromadas/tatarbunary/officers/{OFFICER_ID}",
        display_name="Петренко Іван",
        kind=officers_pb2.OFFICER_KIND_HROMADA,
        phone="+380971234567",
    )
    house.directory.beats.add(number=1, settlements=["с. Білолісся"], officer=officer, last_report_on="2026-05-01")
    house.directory.beats.add(number=2, settlements=["с. Струмок"], streets=["вул. Центральна"])
    standing = house.duties.standings.add(
        beat=BEAT,
        beat_number=1,
        officer_title="Петренко Іван",
        kind=duties_pb2.DUTY_KIND_REPORT,
        last_held_on="2026-05-01",
        due_on="2026-10-30",
        alarm=duties_pb2.DUTY_ALARM_OVERDUE,
    )
    standing.planned.CopyFrom(duties_pb2.Duty(name=DUTY, duty=duties_pb2.DutyDraft(planned_on="2026-10-20"), etag="1"))


async def test_the_directory_names_each_beats_officer_and_their_last_report(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/tatarbunary/officers")).text.replace("\xa0", " ")
    assert "Петренко Іван" in page
    assert "(097) 123-45-67" in page
    assert "1 травня 2026 року" in page
    assert "підкаже офіс" in page


async def test_a_settlement_shows_its_own_beats_alone(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/tatarbunary/officers?place=с.+Струмок")).text
    assert "вул. Центральна" in page
    assert "Петренко" not in page
    assert "Петренко" in (await visitor.get("/tatarbunary/officers?place=Ніде")).text


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("officers/booklet.pdf", leaflets_pb2.PrintBookletRequest),
        (f"officers/{OFFICER_ID}/cards.pdf", leaflets_pb2.PrintCardsRequest),
        ("reception.pdf", leaflets_pb2.PrintPosterRequest),
    ],
    ids=["booklet", "cards", "poster"],
)
async def test_anybody_may_print_what_is_handed_out(
    visitor: httpx.AsyncClient, house: House, path: str, asked: type
) -> None:
    answer = await visitor.get(f"/tatarbunary/{path}")
    assert answer.content == b"%PDF-"
    assert house.asked[-1].office.link == "http://portal.test:8080/tatarbunary"
    assert type(house.asked[-1]) is asked


async def test_the_booklet_is_a_page_too_with_every_street(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/tatarbunary/officers/booklet")).text
    assert "вул. Центральна" in page
    assert "10:00–12:00" in page


async def test_what_is_overdue_stands_on_the_desk(officer: httpx.AsyncClient) -> None:
    assert "Прострочено" in (await officer.get("/tatarbunary/office")).text
    assert "01.05.2026" in (await officer.get(DUTIES)).text


async def test_a_report_is_written_down_as_held(officer: httpx.AsyncClient, house: House) -> None:
    page = f"{DUTIES}/{DUTY.rpartition('/')[2]}"
    form = {**await hidden(officer, page), "planned_on": "20.10.2026", "held_on": "21.10.2026", "note": "у виконкомі"}
    answer = await officer.post(page, data=form)
    assert answer.headers["location"] == f"{DUTIES}?saved=yes"
    assert (house.asked[-1].duty.held_on, house.asked[-1].etag) == ("2026-10-21", "1")


async def test_a_day_that_is_none_comes_back_at_its_field(officer: httpx.AsyncClient) -> None:
    form = {**await hidden(officer, f"{DUTIES}/new"), "beat": BEAT, "kind": "meeting", "planned_on": "колись"}
    answer = await officer.post(f"{DUTIES}/new", data=form)
    assert answer.status_code == 422
    assert re.search(r'id="planned_on-error"', answer.text)
