import re

import grpc
import httpx
import pytest
from spilno.identity.v1 import agreements_pb2, controllers_pb2, organisations_pb2, projects_pb2, venues_pb2
from web.testing import EVERYTHING, House, hidden
from web.testing_answers import failure
from web.testing_partners import MEMORANDUM, POLICE, PROJECT, SIGNATORY, VENUE

OFFICE = "/tatarbunary/office"
READS = ("organisations.read", "agreements.read", "venues.read", "projects.read", "controllers.read")
WRITES = ("organisations.write", "agreements.write", "venues.write", "projects.write", "controllers.record")
ORGANISATION = f"{OFFICE}/partners/organisations/{POLICE.name.rpartition('/')[2]}"
AGREEMENT = f"{OFFICE}/partners/agreements/{MEMORANDUM.name.rpartition('/')[2]}"
LEAVING = f"{AGREEMENT}/signatories/{SIGNATORY.name.rpartition('/')[2]}"
A_PROJECT = f"{OFFICE}/partners/projects/{PROJECT.name.rpartition('/')[2]}"
A_VENUE = f"{OFFICE}/venues/{VENUE.name.rpartition('/')[2]}"
FORMS = (
    f"{OFFICE}/partners/organisations/new",
    ORGANISATION,
    f"{OFFICE}/partners/agreements/new",
    f"{AGREEMENT}/join",
    LEAVING,
    f"{OFFICE}/partners/projects/new",
    f"{AGREEMENT}/change",
    A_PROJECT,
    f"{OFFICE}/venues/new",
    A_VENUE,
)
PAGES = (f"{OFFICE}/partners", AGREEMENT, f"{OFFICE}/venues", f"{OFFICE}/settings")


@pytest.fixture(autouse=True)
def _partners(house: House) -> None:
    house.permissions = (*EVERYTHING, *READS, *WRITES)


@pytest.mark.parametrize("path", [*PAGES, *FORMS])
async def test_a_page_is_there_in_both_languages(officer: httpx.AsyncClient, path: str) -> None:
    for language in ("uk", "en"):
        assert (await officer.get(f"{path}?lang={language}", follow_redirects=True)).status_code == 200


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_not_for_whoever_may_not(officer: httpx.AsyncClient, house: House, path: str) -> None:
    house.permissions = tuple(one for one in EVERYTHING if one not in READS)
    assert (await officer.get(path)).status_code == 403
    assert f'href="{OFFICE}/partners"' not in (await officer.get(OFFICE)).text


@pytest.mark.parametrize("path", FORMS)
async def test_whoever_only_reads_gets_no_form(officer: httpx.AsyncClient, house: House, path: str) -> None:
    house.permissions = READS
    assert (await officer.get(path)).status_code == 403
    assert (await officer.post(path, data=await hidden(officer, f"{OFFICE}/partners"))).status_code == 403
    for page in PAGES:
        shown = await officer.get(page)
        assert shown.status_code == 200
        assert "/new" not in shown.text
        assert "/join" not in shown.text


async def test_a_memorandum_is_shown_as_of_a_day(officer: httpx.AsyncClient, house: House) -> None:
    page = await officer.get(f"{AGREEMENT}?as_of=2017-02-28")
    asked = [each.as_of for each in house.asked if isinstance(each, agreements_pb2.GetAgreementRequest)]
    assert asked == ["2017-02-28"]
    assert 'value="2017-02-28"' in page.text
    assert re.search(r"1\sсторона", page.text)


@pytest.mark.parametrize("path", [f"{OFFICE}/partners", AGREEMENT])
async def test_a_day_that_is_none_is_told_at_its_field(officer: httpx.AsyncClient, path: str) -> None:
    page = await officer.get(f"{path}?as_of=2017-02-30")
    assert page.status_code == 422
    assert 'href="#as_of"' in page.text


async def test_a_refused_code_stands_at_its_field_with_what_was_typed(officer: httpx.AsyncClient, house: House) -> None:
    path = f"{OFFICE}/partners/organisations/new"
    form = {**await hidden(officer, path), "title": "Поліція", "kind": "police", "edrpou": "40108579"}
    house.failing_for = organisations_pb2.CreateOrganisationRequest
    house.failing = failure(grpc.StatusCode.INVALID_ARGUMENT, organisation__edrpou="Помилка в коді")
    page = await officer.post(path, data=form)
    assert page.status_code == 422
    assert 'id="edrpou-error"' in page.text
    assert 'value="40108579"' in page.text


async def test_an_organisation_is_entered(officer: httpx.AsyncClient, house: House) -> None:
    path = f"{OFFICE}/partners/organisations/new"
    form = {"title": "Поліція", "kind": "police", "phone": "048 443 21 24, +380971234567"}
    answer = await officer.post(path, data={**await hidden(officer, path), **form})
    assert answer.headers["location"] == f"{OFFICE}/partners?saved=yes"
    said = next(each for each in house.asked if isinstance(each, organisations_pb2.CreateOrganisationRequest))
    assert list(said.organisation.phones) == ["+380484432124", "+380971234567"]


async def test_an_empty_form_names_each_field(officer: httpx.AsyncClient) -> None:
    path = f"{AGREEMENT}/join"
    page = await officer.post(path, data=await hidden(officer, path))
    assert page.status_code == 422
    assert {'href="#organisation"', 'href="#joined_on"'} <= set(re.findall(r'href="#\w+"', page.text))


async def test_a_party_leaves(officer: httpx.AsyncClient, house: House) -> None:
    answer = await officer.post(LEAVING, data={**await hidden(officer, LEAVING), "left_on": "2019-01-01"})
    assert answer.headers["location"] == f"{AGREEMENT}?saved=yes"
    said = next(each for each in house.asked if isinstance(each, agreements_pb2.EndSignatoryRequest))
    assert (said.left_on, said.etag) == ("2019-01-01", "1")


async def test_who_changed_it_meanwhile_is_told(officer: httpx.AsyncClient, house: House) -> None:
    house.failing_for = organisations_pb2.UpdateOrganisationRequest
    house.failing = failure(grpc.StatusCode.ABORTED, "resource.stale", etag="stale")
    page = await officer.post(ORGANISATION, data={**await hidden(officer, ORGANISATION), "title": "Поліція"})
    assert page.status_code == 422
    assert "щойно змінив" in page.text


async def test_a_venue_keeps_what_nobody_has_checked_apart(officer: httpx.AsyncClient, house: House) -> None:
    form = {"title": "Кімната", "address": "вул. Центральна", "ramp": "yes", "steps": ""}
    await officer.post(f"{OFFICE}/venues/new", data={**await hidden(officer, f"{OFFICE}/venues/new"), **form})
    said = next(each for each in house.asked if isinstance(each, venues_pb2.CreateVenueRequest)).venue
    assert (said.ramp, said.hearing_loop, said.HasField("steps")) == (
        venues_pb2.PRESENCE_YES,
        venues_pb2.PRESENCE_UNSPECIFIED,
        False,
    )


@pytest.mark.parametrize("steps", ["три", "9999999999999999999"])
async def test_steps_that_are_no_number_are_told_at_their_field(officer: httpx.AsyncClient, steps: str) -> None:
    page = await officer.post(A_VENUE, data={**await hidden(officer, A_VENUE), "steps": steps})
    assert page.status_code == 422
    assert 'id="steps-error"' in page.text


async def test_residents_see_the_way_in(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/tatarbunary/about")
    assert page.status_code == 200
    for words in ("Пандус", "не перевірено", "Сходинки від вулиці"):
        assert words.replace(" ", "") in page.text.replace(" ", "").replace("\u00a0", "")


async def test_a_lawless_processor_stands_at_its_field(officer: httpx.AsyncClient, house: House) -> None:
    path = f"{OFFICE}/settings"
    house.failing_for = controllers_pb2.RecordControllerRequest
    house.failing = failure(grpc.StatusCode.INVALID_ARGUMENT, processor="стаття 4")
    page = await officer.post(path, data={**await hidden(officer, path), "processor": "ngo"})
    assert page.status_code == 422
    assert 'id="processor-error"' in page.text


async def test_a_document_is_changed_from_what_was_kept(officer: httpx.AsyncClient, house: House) -> None:
    path = f"{AGREEMENT}/change"
    page = await officer.get(path)
    assert f'value="{MEMORANDUM.title}"' in page.text
    kept = {"title": MEMORANDUM.title, "kind": "memorandum", "concluded_on": MEMORANDUM.concluded_on}
    answer = await officer.post(path, data={**await hidden(officer, path), **kept, "number": "7-М"})
    assert answer.headers["location"] == f"{AGREEMENT}?saved=yes"
    sent = next(each for each in house.asked if isinstance(each, agreements_pb2.UpdateAgreementRequest))
    assert (sent.etag, sent.agreement.number) == (MEMORANDUM.etag, "7-М")
    assert sent.agreement.kind == agreements_pb2.AGREEMENT_KIND_MEMORANDUM


async def test_a_project_is_changed_but_not_its_donor(officer: httpx.AsyncClient, house: House) -> None:
    page = await officer.get(A_PROJECT)
    assert f'value="{PROJECT.title}"' in page.text
    assert 'name="donor"' not in page.text
    said = {"title": PROJECT.title, "starts_on": PROJECT.starts_on, "ends_on": "2019-12-31"}
    assert (await officer.post(A_PROJECT, data={**await hidden(officer, A_PROJECT), **said})).status_code == 303
    sent = next(each for each in house.asked if isinstance(each, projects_pb2.UpdateProjectRequest))
    assert (sent.name, sent.etag, sent.project.ends_on) == (PROJECT.name, PROJECT.etag, "2019-12-31")
