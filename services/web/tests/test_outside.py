"""What is no appeal takes its own track before anything is registered."""

import re

import httpx
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import triage_pb2 as pb
from web.testing import House

OFFICE = "/tatarbunary/office"
TYPED = {
    "channel": "phone",
    "kind": "application",
    "area": "order",
    "text": "Уночі в мене вкрали велосипед.",
    "name": "Іваненко Петро",
    "residence": "Татарбунари",
}


async def hidden(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    page = await browser.get(path)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


async def test_a_crime_is_not_registered_before_somebody_has_decided(officer: httpx.AsyncClient, house: House) -> None:
    new = f"{OFFICE}/appeals/new"
    form = {**await hidden(officer, new), **TYPED}
    asked = await officer.post(new, data=form)
    assert asked.status_code == 422
    assert "Заява про" in asked.text
    assert TYPED["text"] in asked.text.replace("\u00a0", " ")
    assert not any(isinstance(each, appeals_pb2.RegisterAppealRequest) for each in house.asked)
    assert (await officer.post(new, data={**form, "triage": "appeal"})).status_code == 303
    assert isinstance(house.asked[-1], appeals_pb2.RegisterAppealRequest)


async def test_a_handover_keeps_unit_and_number_alone(officer: httpx.AsyncClient, house: House) -> None:
    page = f"{OFFICE}/outside"
    form = {**await hidden(officer, page), "track": "crime", "unit": "Поліція", "record_number": "ЄО 1234"}
    assert (await officer.post(f"{page}/handover", data=form)).status_code == 303
    asked = house.asked[-1]
    assert (asked.track, asked.unit, asked.record_number) == (pb.TRACK_CRIME, "Поліція", "ЄО 1234")


async def test_a_tip_without_words_comes_back_at_its_field(officer: httpx.AsyncClient, house: House) -> None:
    page = f"{OFFICE}/outside"
    answer = await officer.post(f"{page}/tip", data={**await hidden(officer, page), "area": "order", "text": "ні"})
    assert answer.status_code == 422
    assert 'id="text-error"' in answer.text
