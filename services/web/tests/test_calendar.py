import re

import httpx
import pytest
from spilno.reception.v1 import clocks_pb2 as pb
from web.testing import House

PAGE = "/tatarbunary/office/calendar"
TYPED = {
    "weeks": "01.06.2018 5\n01.09.2026 6",
    "martial_law": "24.02.2022 - 04.05.2027",
    "moved": "24.08.2027 вихідний",
    "terms": "02.10.1996: 5, 5, 10, 15, 1, 45",
}


async def form(browser: httpx.AsyncClient) -> dict[str, str]:
    page = await browser.get(PAGE)
    return {**dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)), **TYPED}


async def test_the_calendar_is_read_from_its_lines(officer: httpx.AsyncClient, house: House) -> None:
    answer = await officer.post(PAGE, data=await form(officer))
    assert answer.headers["location"] == f"{PAGE}?saved=yes"
    assert [each.week for each in house.calendar.weeks] == [pb.WORKING_WEEK_FIVE_DAYS, pb.WORKING_WEEK_SIX_DAYS]
    assert house.calendar.martial_law[0].until == "2027-05-04"
    assert [(each.day, each.working) for each in house.calendar.moved] == [("2027-08-24", False)]
    assert house.calendar.terms[0].most == 45


@pytest.mark.parametrize(
    ("name", "line"),
    [("weeks", "01.06.2018 7"), ("martial_law", "завжди"), ("moved", "30.02.2027 вихідний"), ("terms", "5, 5, 10")],
)
async def test_a_line_that_says_nothing_is_quoted_at_its_field_and_nothing_typed_is_lost(
    officer: httpx.AsyncClient, house: House, name: str, line: str
) -> None:
    page = await officer.post(PAGE, data={**await form(officer), name: line})
    assert page.status_code == 422
    assert f'id="{name}-error"' in page.text
    assert line in page.text
    assert not any(isinstance(asked, pb.UpdateCalendarRequest) for asked in house.asked)


async def test_a_rule_that_no_lawyer_has_confirmed_says_so(officer: httpx.AsyncClient) -> None:
    page = await officer.get(PAGE)
    assert "Не\u00a0підтверджено юристом" in page.text


async def test_who_may_only_read_sees_the_calendar_and_no_form(officer: httpx.AsyncClient, house: House) -> None:
    house.permissions = ("calendar.read",)
    page = await officer.get(PAGE)
    assert "24.02.2022" in page.text
    assert "<textarea" not in page.text
    house.permissions = ()
    assert (await officer.get(PAGE)).status_code == 403
