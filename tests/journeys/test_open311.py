"""Open311 GeoReport v2, judged by the specification's text (wiki.open311.org/GeoReport_v2), and a foreign client.

`georeport` was written for Boston, Chicago and others; it knows nothing of ours.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
import pytest_asyncio
import xmltodict
from georeport import GeoReport
from kit.testing.pictures import photo_with_a_place
from PIL import Image
from spilno.reception.v1 import hazards_pb2

from tests.world import OTHER, OWN, World, as_whom

W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
SERVICE = {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
REQUEST = {
    "service_request_id",
    "status",
    "status_notes",
    "service_name",
    "service_code",
    "description",
    "agency_responsible",
    "service_notice",
    "requested_datetime",
    "updated_datetime",
    "expected_datetime",
    "address",
    "address_id",
    "zipcode",
    "lat",
    "long",
    "media_url",
}
HOUR = timedelta(hours=1)


@dataclass
class City:
    """A hromada's endpoint, with a key, and a report that everybody may see."""

    base: str
    key: str
    browser: httpx.AsyncClient
    shown: str

    async def get(self, path: str, **said: str) -> httpx.Response:
        return await self.browser.get(f"{self.base}/{path}", params={"jurisdiction_id": OWN, **said})

    async def post(self, form: str = "json", /, **said: str | None) -> httpx.Response:
        whole = {"jurisdiction_id": OWN, "api_key": self.key, "service_code": "pit", "address_string": "вул. Умовна, 1"}
        left = {name: value for name, value in {**whole, **said}.items() if value is not None}
        return await self.browser.post(f"{self.base}/requests.{form}", data=left)


@pytest_asyncio.fixture(scope="module")
async def city(world: World) -> AsyncIterator[City]:
    shown = await world.hazard(OWN)
    key = (await world.report_key(OWN)).secret
    base = f"{world.house.web_url}/open311/v2"
    async with httpx.AsyncClient() as browser:
        yield City(base, key, browser, str(shown.hazard.hazard.number))


def rows(answer: httpx.Response, root: str, row: str) -> list[dict[str, Any]]:
    """What an XML answer lists."""
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    (top,) = xmltodict.parse(answer.content, force_list=(row,)).items()
    assert top[0] == root
    assert set(top[1] or {}) <= {row}
    return list(top[1][row]) if top[1] else []


async def test_the_discovery_tells_where_to_ask_and_in_which_formats(city: City, world: World) -> None:
    told = (await city.browser.get(f"{world.house.web_url}/open311/discovery.json")).json()
    (endpoint,) = told["endpoints"]
    assert endpoint["url"] == city.base
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    drawn = xmltodict.parse((await city.browser.get(f"{world.house.web_url}/open311/discovery.xml")).content)
    assert drawn["discovery"]["endpoints"]["endpoint"]["formats"]["format"] == endpoint["formats"]


async def test_services_are_listed_alike_in_both_formats(city: City) -> None:
    told = (await city.get("services.json")).json()
    assert all(set(each) == SERVICE for each in told)
    assert {each["type"] for each in told} == {"realtime"}
    drawn = rows(await city.get("services.xml"), "services", "service")
    assert [each["service_code"] for each in drawn] == [each["service_code"] for each in told]
    assert {each["metadata"] for each in drawn} == {"false"}


async def test_a_service_is_defined(city: City) -> None:
    assert (await city.get("services/pit.json")).json() == {"service_code": "pit", "attributes": []}
    drawn = xmltodict.parse((await city.get("services/pit.xml")).content)
    assert drawn == {"service_definition": {"service_code": "pit", "attributes": None}}
    assert (await city.get("services/nothing.json")).status_code == 404


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_report_is_taken_and_shown_once_staff_have_looked(city: City, world: World, form: str) -> None:
    where = {"lat": "45.8405", "long": "29.6120"}
    who = {"first_name": "Оксана", "last_name": "Вигадана", "email": "o@example.org", "phone": "097 123 45 67"}
    answer = await city.post(form, description="Люк без кришки", **where, **who)
    assert answer.status_code == 200
    taken = answer.json()[0] if form == "json" else rows(answer, "service_requests", "request")[0]
    assert set(taken) == {"service_request_id", "service_notice", "account_id"}
    number = taken["service_request_id"]
    assert (await city.get(f"requests/{number}.json")).status_code == 404
    (theirs,) = (await city.get(f"requests/{number}.json", api_key=city.key)).json()
    assert (theirs["status"], theirs["lat"], theirs["long"]) == ("open", 45.8405, 29.612)
    with as_whom(world.tokens[f"officer:{OWN}"]):
        listed = await world.hazards.ListHazards(
            hazards_pb2.ListHazardsRequest(parent=f"hromadas/{OWN}", number=int(number))
        )
        (kept,) = listed.hazards
        assert (kept.contact.name, kept.contact.phone) == ("Оксана Вигадана", "+380971234567")
        await world.hazards.ModerateHazard(
            hazards_pb2.ModerateHazardRequest(name=kept.name, etag=kept.etag, shown=True, text=kept.text)
        )
    (public,) = (await city.get(f"requests/{number}.json")).json()
    assert set(public) == REQUEST
    assert not {"Вигадана", "example", "971234567"} & set(re.findall(r"\w+", str(public)))
    assert W3C.fullmatch(public["requested_datetime"])
    assert W3C.fullmatch(public["updated_datetime"])


async def test_a_photo_that_the_office_shows_is_given_to_everybody_by_its_address(city: City, world: World) -> None:
    shown = await world.photo(OWN, photo_with_a_place())
    (told,) = (await city.get(f"requests/{shown.hazard.number}.json")).json()
    answer = await city.browser.get(told["media_url"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert not dict(Image.open(BytesIO(answer.content)).getexif())


@pytest.mark.parametrize(
    ("said", "status", "argument"),
    [
        ({"jurisdiction_id": None}, 400, "jurisdiction_id"),
        ({"jurisdiction_id": "no-such-hromada"}, 404, "jurisdiction_id"),
        ({"jurisdiction_id": "../x"}, 404, "jurisdiction_id"),
        ({"api_key": None}, 403, "api_key"),
        ({"api_key": "wrong"}, 403, "api_key"),
        ({"jurisdiction_id": OTHER}, 403, "api_key"),
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": "no-such-thing"}, 400, "service_code"),
        ({"address_string": None}, 400, "lat, long, address_string"),
        ({"address_string": None, "address_id": "7"}, 400, "address_id"),
        ({"lat": "45.84"}, 400, "long"),
        ({"lat": "north", "long": "29.6"}, 400, "lat"),
        ({"lat": "nan", "long": "29.6"}, 400, "lat"),
        ({"lat": "145", "long": "29.6"}, 400, "lat"),
        ({"lat": "48.85", "long": "2.35"}, 400, "lat, long"),
        ({"email": "nobody"}, 400, "email"),
        ({"phone": "12"}, 400, "phone"),
        ({"description": "х" * 10_000}, 400, "description"),
        ({"first_name": "х" * 10_000}, 400, "first_name, last_name"),
        ({"media_url": "file:///etc/passwd"}, 400, "media_url"),
        ({"description": "a\0b"}, 400, "the form cannot be read"),
    ],
    ids=[
        *("no-jurisdiction", "unknown-jurisdiction", "no-slug", "no-key", "wrong-key", "foreign-key", "no-service"),
        *("unknown-service", "nowhere", "address-id", "half-a-point", "no-number", "nan", "off-the-globe", "paris"),
        *("email", "phone", "long-description", "long-name", "media", "nul"),
    ],
)
async def test_a_wrong_report_is_told_by_its_argument(
    city: City, said: dict[str, str | None], status: int, argument: str
) -> None:
    answer = await city.post(**said)
    assert answer.status_code == status
    (error,) = answer.json()
    assert error["code"] == status
    assert error["description"].startswith(f"{argument}:")
    (drawn,) = rows(await city.post("xml", **said), "errors", "error")
    assert (drawn["code"], drawn["description"]) == (str(status), error["description"])


async def test_all_that_is_missing_is_told_at_once(city: City) -> None:
    answer = await city.post(service_code=None, address_string=None)
    assert [each["description"].partition(":")[0] for each in answer.json()] == [
        "service_code",
        "lat, long, address_string",
    ]


@pytest.mark.parametrize(
    ("said", "argument"),
    [
        ({"start_date": "yesterday"}, "start_date"),
        ({"end_date": "2026-11-26T00:00:00"}, "end_date"),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}, "start_date, end_date"),
        ({"start_date": "2026-06-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"}, "end_date"),
        ({"status": "pending"}, "status"),
        ({"service_request_id": "1,x"}, "service_request_id"),
    ],
    ids=["no-time", "no-zone", "over-90-days", "backwards", "status", "ids"],
)
async def test_a_wrong_question_is_told_by_its_argument(city: City, said: dict[str, str], argument: str) -> None:
    answer = await city.get("requests.json", **said)
    (error,) = answer.json()
    assert (answer.status_code, error["code"]) == (400, 400)
    assert error["description"].startswith(f"{argument}:")


async def test_reports_are_found_by_what_the_specification_names(city: City) -> None:
    async def found(**said: str) -> set[str]:
        return {each["service_request_id"] for each in (await city.get("requests.json", **said)).json()}

    now = datetime.now(UTC)
    assert city.shown in await found()
    assert city.shown in await found(service_code="pit,road", status="open,closed")
    assert city.shown not in await found(service_code="road")
    assert city.shown not in await found(status="closed")
    assert await found(service_request_id=f"{city.shown},99999", status="closed") == {city.shown}
    assert city.shown in await found(start_date=(now - HOUR).isoformat(timespec="seconds"))
    assert city.shown not in await found(end_date=(now - 24 * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert rows(await city.get("requests.xml", service_code="road"), "service_requests", "request") == []


@pytest.mark.parametrize("path", ["requests/99999", "requests/x", "tokens/1", "requests/0"])
async def test_what_is_not_there_is_not_found(city: City, path: str) -> None:
    answer = await city.get(f"{path}.json")
    assert (answer.status_code, answer.json()[0]["code"]) == (404, 404)


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_client_written_for_other_cities_reads_ours(city: City, form: str) -> None:
    client: Any = GeoReport(city.base, jurisdiction=OWN, output_format=form)
    services = await asyncio.to_thread(client.get_service_list)
    assert "pit" in {each["service_code"] for each in services}
    assert (await asyncio.to_thread(client.get_service_definition, "pit"))["service_code"] == "pit"
    one = await asyncio.to_thread(client.get_service_request, city.shown)
    assert one["service_request_id"] == city.shown
    several = await asyncio.to_thread(client.get_service_requests, status="open", service_code="pit")
    listed = several if isinstance(several, list) else [several]
    assert city.shown in {each["service_request_id"] for each in listed}
