"""How the register is kept, what of it is missing, and what may not be erased."""

import httpx
from spilno.reception.v1 import particulars_pb2, persons_pb2
from spilno.reception.v1 import register_pb2 as pb
from web.testing import House, hidden

PAGE = "/tatarbunary/office/register"
PERSONS = "/tatarbunary/office/persons"


async def test_a_missing_number_is_shown_and_the_rules_are_read_from_their_lines(
    officer: httpx.AsyncClient, house: House
) -> None:
    house.permissions = (*house.permissions, "calendar.read", "calendar.manage")
    shown = await officer.get(PAGE)
    assert "Бракує номерів" in shown.text.replace("\u00a0", " ")
    assert "01.01.2026 7.5 першочергово" in shown.text.replace("\u00a0", " ")
    lines = "01.01.2026 7.5 Першочергово\n01.09.2026 7.1 особисто керівник"
    typed = {**await hidden(officer, PAGE), "index_mode": "alphabetical", "privileged": lines}
    assert (await officer.post(PAGE, data=typed)).headers["location"] == f"{PAGE}?saved=yes"
    asked = next(each for each in reversed(house.asked) if isinstance(each, pb.UpdateRegisterRequest))
    assert asked.register.index_mode == pb.INDEX_MODE_ALPHABETICAL
    assert [(each.since, each.code, each.priority) for each in asked.register.privileged] == [
        ("2026-01-01", "7.5", particulars_pb2.PRIORITY_FIRST),
        ("2026-09-01", "7.1", particulars_pb2.PRIORITY_HEAD),
    ]
    wrong = await officer.post(PAGE, data={**typed, "privileged": "колись 7.5"})
    assert wrong.status_code == 422
    assert 'id="privileged-error"' in wrong.text


async def test_a_case_of_mediation_is_held_by_its_number(officer: httpx.AsyncClient, house: House) -> None:
    house.permissions = (*house.permissions, "persons.read", "persons.hold")
    typed = {"case": "М-3/2026", "reason": "Суд", "case_reference": "522/1/26"}
    answer = await officer.post(f"{PERSONS}/holds", data={**await hidden(officer, PERSONS), **typed})
    assert answer.headers["location"] == f"{PERSONS}?saved=yes"
    asked = next(each for each in house.asked if isinstance(each, persons_pb2.SetHoldRequest))
    assert (asked.record, asked.case_reference) == ("mediations/М-3/2026", "522/1/26")
