"""The office's pages of footage for the police: who enters, who decides, who downloads."""

import re

import grpc
import httpx
import pytest
from spilno.cctv.v1 import evidence_pb2
from web.testing import EVERYTHING, House
from web.testing_answers import failure
from web.testing_cameras import EVIDENCE, SQUARE

LIST = "/tatarbunary/office/evidence"
ONE = f"{LIST}/{EVIDENCE.name.rpartition('/')[2]}"
ALL = ("cameras.read", "evidence.read", "evidence.request", "evidence.export", "evidence.approve")
LETTER = {
    "authority": "court",
    "authority_name": "Татарбунарський районний суд",
    "signatory": "Суддя",
    "letter_number": "5",
    "letter_date": "2019-10-28",
    "case_reference": "515/147/19",
    "ground": "Ухвала про витребування доказів",
    "camera-1": SQUARE.name,
    "start_time": "2019-10-27T18:30",
    "end_time": "2019-10-27T19:00",
}


@pytest.fixture(autouse=True)
def _evidence(house: House) -> None:
    house.permissions = (*EVERYTHING, *ALL)


async def hidden(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', (await browser.get(path)).text))


@pytest.mark.parametrize("path", [LIST, f"{LIST}/new", ONE])
async def test_a_page_is_there_in_both_languages_and_not_for_whoever_may_not(
    officer: httpx.AsyncClient, house: House, path: str
) -> None:
    for language in ("uk", "en"):
        assert (await officer.get(f"{path}?lang={language}", follow_redirects=True)).status_code == 200
    house.permissions = (*EVERYTHING, "cameras.read")
    assert (await officer.get(path)).status_code == 403


async def test_a_letter_is_entered_by_the_clock_on_the_wall(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, f"{LIST}/new")
    answer = await officer.post(f"{LIST}/new", data={**proof, **LETTER})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ONE}?saved=yes")
    asked = next(each for each in house.asked if isinstance(each, evidence_pb2.RequestEvidenceRequest)).evidence
    assert (asked.authority, list(asked.cameras)) == (evidence_pb2.EVIDENCE_AUTHORITY_COURT, [SQUARE.name])
    assert asked.start_time.ToJsonString() == "2019-10-27T16:30:00Z"  # the clocks had been set back that night


async def test_what_is_refused_is_said_at_its_field(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, f"{LIST}/new")
    refused = failure(grpc.StatusCode.INVALID_ARGUMENT, evidence__start_time="За цей час запису немає")
    house.failing, house.failing_for = refused, evidence_pb2.RequestEvidenceRequest
    answer = await officer.post(f"{LIST}/new", data={**proof, **LETTER})
    assert answer.status_code == 422
    assert 'href="#start_time"' in answer.text
    answer = await officer.post(f"{LIST}/new", data={**proof, **LETTER, "start_time": "учора"})
    assert answer.status_code == 422


async def test_a_package_is_downloaded_and_never_opened_as_a_page(officer: httpx.AsyncClient, house: House) -> None:
    answer = await officer.get(f"{ONE}/package")
    assert answer.content == b"PK"
    assert answer.headers["content-disposition"].startswith('attachment; filename="evidence-12019160000000147.zip"')
    house.permissions = (*EVERYTHING, "cameras.read", "cameras.view")
    assert (await officer.get(f"{ONE}/package")).status_code == 403


async def test_the_key_is_published(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/tatarbunary/evidence-key.pem")).text.startswith("-----BEGIN PUBLIC KEY-----")
