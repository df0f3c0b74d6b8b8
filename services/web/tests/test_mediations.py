"""Mediation at the desk: nothing of a case is shown before somebody says what for."""

import grpc
import httpx
import pytest
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import mediations_pb2 as pb
from web.testing import House, hidden
from web.testing_answers import OFFICER, failure

CASE = "0198c0de-0000-7000-8000-0000000000c1"
PAGE = f"/tatarbunary/office/mediations/{CASE}"
PARTY = "0198c0de-0000-7000-8000-0000000000c2"


@pytest.fixture(autouse=True)
def kept(house: House) -> None:
    house.mediation = pb.Mediation(
        name=f"hromadas/tatarbunary/mediations/{CASE}",
        number="М-1/2026",
        matter="Паркан на межі",
        mediator=appeals_pb2.Actor(id=OFFICER, display_name="Дільничний офіцер"),
        state=pb.MEDIATION_STATE_PROPOSED,
        parties=[pb.MediationParty(id=PARTY, display_name="Іваненко Петро", consent=pb.CONSENT_ASKED)],
        opened_on="2026-11-20",
        etag="2",
    )
    house.mediations.mediations.add(
        name=house.mediation.name,
        number="М-1/2026",
        state=pb.MEDIATION_STATE_PROPOSED,
        is_mediator=True,
        next_on="2026-11-20",
        alarm=pb.FOLLOW_UP_ALARM_OVERDUE,
    )


async def test_a_case_is_shown_after_its_purpose_is_said(officer: httpx.AsyncClient, house: House) -> None:
    page = (await officer.get(PAGE)).text
    assert "Паркан" not in page
    assert not any(isinstance(each, pb.GetMediationRequest) for each in house.asked)
    shown = await officer.post(PAGE, data={**await hidden(officer, PAGE), "purpose": "follow-up"})
    assert "Паркан на межі" in shown.text
    assert house.asked[-2].purpose == pb.MEDIATION_PURPOSE_FOLLOW_UP


async def test_consent_is_written_down_with_its_day_and_form(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, PAGE)
    said = {"step": "consent", "etag": "2", "party": PARTY, "consent": "given", "on": "20.11.2026"}
    await officer.post(PAGE, data={**proof, **said, "consent_form": "oral", "purpose": "meeting"})
    asked = next(each for each in house.asked if isinstance(each, pb.RecordConsentRequest))
    assert (asked.consent_on, asked.consent_form) == ("2026-11-20", pb.CONSENT_FORM_ORAL)


async def test_what_is_refused_comes_back_with_the_case(officer: httpx.AsyncClient, house: House) -> None:
    house.failing = failure(grpc.StatusCode.FAILED_PRECONDITION, "mediation.no-consent", "Потрібна згода")
    house.failing_for = pb.SaveMeetingRequest
    said = {"step": "meeting", "etag": "2", "planned_on": "20.12.2026", "purpose": "meeting"}
    answer = await officer.post(PAGE, data={**await hidden(officer, PAGE), **said})
    assert answer.status_code == 422
    assert "Потрібна згода" in answer.text
    assert "Паркан на межі" in answer.text


async def test_the_desk_names_the_case_by_its_number_alone(officer: httpx.AsyncClient) -> None:
    page = (await officer.get("/tatarbunary/office")).text
    assert "М-1/2026" in page
    assert "Паркан" not in page


async def test_small_figures_are_not_shown(officer: httpx.AsyncClient) -> None:
    assert "замало" in (await officer.get("/tatarbunary/office/mediations")).text
