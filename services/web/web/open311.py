"""Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2): how the systems of other cities report hazards and read them.

The jurisdiction is the hromada's slug. What is wrong with a call is told by the names of the specification.
"""

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import grpc
from fastapi import APIRouter, Path
from google.protobuf.timestamp_pb2 import Timestamp
from kit.clock import KYIV
from kit.pages import Form
from kit.rpc.client import Failure
from spilno.reception.v1 import hazards_pb2 as pb
from spilno.reception.v1.officers_pb2 import Point
from starlette.requests import Request
from starlette.responses import Response

from web import appeals, hazards, words
from web.portal import Office, TheWeb, Web

router = APIRouter(prefix="/open311")

MOST = 1000
WIDEST = timedelta(days=90)
_PAGE = 200
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HTTP = re.compile(r"https?://[^\s]{3,2000}")
_W3C = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")
_CHANGESET = "2026-11-26T00:00:00+02:00"
_OPEN = frozenset({"open", "closed"})
_ARGUMENTS = {
    "hazard.category": "service_code",
    "hazard.point": "lat, long",
    "hazard.point.latitude": "lat",
    "hazard.point.longitude": "long",
    "hazard.address": "address_string",
    "hazard.text": "description",
    "hazard.contact.name": "first_name, last_name",
    "hazard.contact.phone": "phone",
    "hazard.contact.email": "email",
    "key": "api_key",
}
"""What the service's fields are called here."""

Format = Annotated[str, Path(pattern="^(json|xml)$")]
_STATUSES = {
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.FAILED_PRECONDITION: 503,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 503,
}


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a call: a status of HTTP for each argument."""

    status: int
    description: str


class WrongCall(Exception):
    """A call that cannot be answered: everything that is wrong with it."""

    def __init__(self, *wrongs: Wrong, retry_after: timedelta | None = None) -> None:
        super().__init__(wrongs[0].description)
        self.wrongs = wrongs
        self.retry_after = retry_after


def refused(request: Request, problem: Exception) -> Response:
    """The answer to a wrong call, in the format in which it was made."""
    if not isinstance(problem, WrongCall):
        raise problem
    form = "json" if request.url.path.endswith(".json") else "xml"
    errors = [{"code": each.status, "description": each.description} for each in problem.wrongs]
    answer = _answer(form, errors, "errors", "error", status=problem.wrongs[0].status)
    if problem.retry_after is not None:
        answer.headers["retry-after"] = str(max(1, int(problem.retry_after.total_seconds())))
    return answer


@router.get("/discovery.{form}")
async def discovery(request: Request, web: TheWeb, form: Format) -> Response:
    base = f"{web.settings.web_url.rstrip('/')}/open311/v2"
    told = {
        "changeset": _CHANGESET,
        "contact": "The office of the hromada, as its pages name it.",
        "key_service": "The head of the hromada's office issues an api_key.",
    }
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": base,
        "changeset": _CHANGESET,
        "type": "production" if web.settings.environment == "production" else "test",
    }
    formats = ["text/xml", "application/json"]
    if form == "json":
        return _answer(form, {**told, "endpoints": [{**endpoint, "formats": formats}]}, "", "")
    root = ElementTree.Element("discovery")
    _fill(root, told)
    drawn = ElementTree.SubElement(ElementTree.SubElement(root, "endpoints"), "endpoint")
    _fill(drawn, endpoint)
    listed = ElementTree.SubElement(drawn, "formats")
    for each in formats:
        ElementTree.SubElement(listed, "format").text = each
    return _xml(root)


@router.get("/v2/services.{form}")
async def services(request: Request, web: TheWeb, form: Format) -> Response:
    office = await _jurisdiction(request, web, request.query_params)
    listed = [_service(each, request) for each in await _categories(web, office) if not each.closed]
    return _answer(form, listed, "services", "service")


@router.get("/v2/services/{code}.{form}")
async def definition(request: Request, web: TheWeb, code: str, form: Format) -> Response:
    office = await _jurisdiction(request, web, request.query_params)
    if code not in {each.code for each in await _categories(web, office)}:
        raise WrongCall(Wrong(404, "service_code: there is no such service"))
    if form == "json":
        return _answer(form, {"service_code": code, "attributes": []}, "", "")
    root = ElementTree.Element("service_definition")
    ElementTree.SubElement(root, "service_code").text = code
    ElementTree.SubElement(root, "attributes")
    return _xml(root)


@router.post("/v2/requests.{form}")
async def report(request: Request, web: TheWeb, form: Format) -> Response:
    said = {**request.query_params, **await _submitted(request)}
    office = await _jurisdiction(request, web, said)
    if not said.get("api_key"):
        raise WrongCall(Wrong(403, "api_key: it is missing"))
    wrongs = list(_missing(said))
    point = _point(said, wrongs)
    if said.get("media_url") and not _HTTP.fullmatch(said["media_url"]):
        wrongs.append(Wrong(400, "media_url: it is no address of the web"))
    if wrongs:
        raise WrongCall(*wrongs)
    name = " ".join(said.get(each, "") for each in ("first_name", "last_name")).strip()
    phone = appeals.dialled(Form({"phone": said.get("phone", "")}, request.state.language))
    asked = pb.ReportHazardRequest(
        parent=office.parent,
        hazard=pb.HazardDraft(
            category=said["service_code"],
            point=point,
            address=said.get("address_string", ""),
            text=said.get("description", ""),
            contact=pb.HazardContact(name=name, phone=phone, email=said.get("email", "")),
        ),
        request_id=str(uuid.uuid4()),
        key=said["api_key"],
        media_url=said.get("media_url", ""),
    )
    try:
        receipt = await web.hazards.ReportHazard(asked)
    except Failure as failure:
        raise _told(failure) from failure
    taken = {
        "service_request_id": str(receipt.number),
        "service_notice": request.state.language.gettext("Відповідає: %s.") % receipt.body if receipt.body else "",
        "account_id": "",
    }
    return _answer(form, [taken], "service_requests", "request")


@router.get("/v2/tokens/{token}.{form}")
async def token(request: Request, web: TheWeb, token: str, form: Format) -> Response:
    """Each report has its service_request_id at once: no token was ever given."""
    await _jurisdiction(request, web, request.query_params)
    raise WrongCall(Wrong(404, "token_id: there is no such token; a report is given its service_request_id at once"))


@router.get("/v2/requests.{form}")
async def reports(request: Request, web: TheWeb, form: Format) -> Response:
    said = request.query_params
    office = await _jurisdiction(request, web, said)
    categories = {each.code: each for each in await _categories(web, office)}
    asked = _asked(office, said, set(categories), web.clock.now())
    found = list[pb.PublicHazard]()
    while len(found) < MOST:
        try:
            page = await web.hazards.ListPublicHazards(asked)
        except Failure as failure:
            raise _told(failure) from failure
        found += page.hazards
        asked.page_token = page.next_page_token
        if not page.next_page_token:
            break
    listed = [_report(each, categories, office, request, web) for each in found[:MOST]]
    return _answer(form, listed, "service_requests", "request")


@router.get("/v2/requests/{number}.{form}")
async def one_report(request: Request, web: TheWeb, number: str, form: Format) -> Response:
    office = await _jurisdiction(request, web, request.query_params)
    missing = WrongCall(Wrong(404, "service_request_id: there is no such request"))
    if not _is_number(number):
        raise missing
    asked = pb.GetPublicHazardRequest(
        parent=office.parent, number=int(number), key=request.query_params.get("api_key", "")
    )
    try:
        found = await web.hazards.GetPublicHazard(asked)
    except Failure as failure:
        raise (missing if failure.code is grpc.StatusCode.NOT_FOUND else _told(failure)) from failure
    categories = {each.code: each for each in await _categories(web, office)}
    return _answer(form, [_report(found, categories, office, request, web)], "service_requests", "request")


async def _jurisdiction(request: Request, web: Web, said: Mapping[str, str]) -> Office:
    slug = said.get("jurisdiction_id", "")
    if not slug:
        raise WrongCall(Wrong(400, "jurisdiction_id: it is missing"))
    unknown = WrongCall(Wrong(404, "jurisdiction_id: there is no such jurisdiction"))
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,38}[a-z0-9]", slug):
        raise unknown
    try:
        return await web.offices.get(slug, request.state.language)
    except Failure as failure:
        raise (unknown if failure.code is grpc.StatusCode.NOT_FOUND else _told(failure)) from failure


async def _categories(web: Web, office: Office) -> list[pb.HazardCategory]:
    try:
        listed = await web.hazards.ListHazardCategories(pb.ListHazardCategoriesRequest(parent=office.parent))
    except Failure as failure:
        raise _told(failure) from failure
    return list(listed.categories)


async def _submitted(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise WrongCall(Wrong(400, "content-type: a report is application/x-www-form-urlencoded"))
    try:
        body = (await request.body()).decode("ascii")
        pairs = parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as wrong:
        raise WrongCall(Wrong(400, "the form cannot be read: it is not UTF-8, or has too many fields")) from wrong
    if any("\0" in value for _, value in pairs):
        raise WrongCall(Wrong(400, "the form cannot be read: it holds a NUL"))
    return {name: value.strip() for name, value in pairs}


def _missing(said: Mapping[str, str]) -> Iterable[Wrong]:
    if not said.get("service_code"):
        yield Wrong(400, "service_code: it is missing")
    has_point = bool(said.get("lat") or said.get("long"))
    if not has_point and not said.get("address_string"):
        if said.get("address_id"):
            yield Wrong(400, "address_id: addresses have no ids here; give lat and long, or address_string")
        else:
            yield Wrong(400, "lat, long, address_string: a location is missing")


def _point(said: Mapping[str, str], wrongs: list[Wrong]) -> Point | None:
    """The point of a report; adds what is wrong with it."""
    if not said.get("lat") and not said.get("long"):
        return None
    numbers = dict[str, float]()
    for name, most in (("lat", 90), ("long", 180)):
        if not said.get(name):
            wrongs.append(Wrong(400, f"{name}: it is missing"))
            continue
        try:
            numbers[name] = float(said[name])
        except ValueError:
            wrongs.append(Wrong(400, f"{name}: it is no number"))
            continue
        if not -most <= numbers[name] <= most:
            wrongs.append(Wrong(400, f"{name}: it is not between -{most} and {most}"))
    return Point(latitude=numbers["lat"], longitude=numbers["long"]) if len(numbers) == 2 else None


def _asked(office: Office, said: Mapping[str, str], known: set[str], now: datetime) -> pb.ListPublicHazardsRequest:
    """Which reports are asked for; ids override all else, as the specification has it."""
    asked = pb.ListPublicHazardsRequest(parent=office.parent, page_size=_PAGE)
    if said.get("service_request_id"):
        ids = _several(said["service_request_id"])
        if len(ids) > MOST or not all(_is_number(each) for each in ids):
            raise WrongCall(Wrong(400, f"service_request_id: these are not up to {MOST} numbers, by commas"))
        asked.numbers.extend(int(each) for each in ids)
        return asked
    wrongs = list[Wrong]()
    since, until = (_moment(name, said, wrongs) for name in ("start_date", "end_date"))
    codes, statuses = _several(said.get("service_code", "")), set(_several(said.get("status", "")))
    unknown = [code for code in codes if code not in known]
    if unknown:
        wrongs.append(Wrong(404, f"service_code: there is no such service: {', '.join(unknown)[:100]}"))
    if not statuses <= _OPEN:
        wrongs.append(Wrong(400, "status: it is neither open nor closed"))
    until = until or (min(now, since + WIDEST) if since else now)
    since = since or until - WIDEST
    if until < since:
        wrongs.append(Wrong(400, "end_date: it is before start_date"))
    elif until - since > WIDEST:
        wrongs.append(Wrong(400, "start_date, end_date: they span more than 90 days"))
    if wrongs:
        raise WrongCall(*wrongs)
    asked.since.FromDatetime(since)
    asked.until.FromDatetime(until)
    asked.categories.extend(codes)
    if len(statuses) == 1:
        asked.status = pb.HAZARD_STATUS_OPEN if statuses == {"open"} else pb.HAZARD_STATUS_CLOSED
    return asked


def _moment(name: str, said: Mapping[str, str], wrongs: list[Wrong]) -> datetime | None:
    text = said.get(name, "").replace(" ", "+")
    if not text:
        return None
    try:
        if not _W3C.fullmatch(text):
            raise ValueError(text)
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        wrongs.append(Wrong(400, f"{name}: it is no time such as 2026-11-26T12:00:00Z"))
        return None
    if not 2000 <= moment.year <= 2200:
        wrongs.append(Wrong(400, f"{name}: it is no time of ours"))
        return None
    return moment


def _several(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:10]) < 2**31 and len(text) <= 10


def _service(category: pb.HazardCategory, request: Request) -> dict[str, object]:
    area = words.word(words.areas(request.state.language.gettext), category.area)
    return {
        "service_code": category.code,
        "service_name": hazards.title_of(category, request.state.language),
        "description": category.description,
        "metadata": False,
        "type": "realtime",
        "keywords": "",
        "group": area.text,
    }


def _report(
    hazard: pb.PublicHazard,
    categories: Mapping[str, pb.HazardCategory],
    office: Office,
    request: Request,
    web: Web,
) -> dict[str, object]:
    category = categories.get(hazard.category)
    here = f"{web.settings.web_url.rstrip('/')}/{office.slug}/hazards/{hazard.number}"
    return {
        "service_request_id": str(hazard.number),
        "status": "open" if hazards.is_open(hazard.state) else "closed",
        "status_notes": hazard.note,
        "service_name": hazards.title_of(category, request.state.language) if category else hazard.category,
        "service_code": hazard.category,
        "description": hazard.text,
        "agency_responsible": hazard.body,
        "service_notice": "",
        "requested_datetime": _w3c(hazard.reported_at),
        "updated_datetime": _w3c(hazard.updated_at),
        "expected_datetime": None,
        "address": hazard.address,
        "address_id": None,
        "zipcode": None,
        "lat": hazard.point.latitude if hazard.HasField("point") else None,
        "long": hazard.point.longitude if hazard.HasField("point") else None,
        "media_url": f"{here}/photos/{hazard.photos[0]}" if hazard.photos else None,
    }


def _w3c(stamp: Timestamp) -> str:
    return stamp.ToDatetime(UTC).astimezone(KYIV).isoformat(timespec="seconds")


def _told(failure: Failure) -> WrongCall:
    """What a service refuses, by the names of the specification."""
    status = _STATUSES.get(failure.code, 502)
    if failure.fields:
        return WrongCall(*(Wrong(status, f"{_argument(field)}: {text}") for field, text in failure.fields.items()))
    name = "api_key: " if status == 403 else ""
    return WrongCall(Wrong(status, f"{name}{failure.message or 'try again later'}"), retry_after=failure.retry_after)


def _argument(field: str) -> str:
    return _ARGUMENTS.get(field, field)


def _answer(form: str, said: Any, root: str, row: str, *, status: int = 200) -> Response:
    if form == "json":
        text = json.dumps(said, ensure_ascii=False)
        return Response(text, status, _OPEN_TO_ALL, media_type="application/json; charset=utf-8")
    top = ElementTree.Element(root)
    for each in said:
        _fill(ElementTree.SubElement(top, row), each)
    return _xml(top, status)


_OPEN_TO_ALL = {"access-control-allow-origin": "*"}
"""What everybody may read, any page may."""


def _fill(element: ElementTree.Element, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        said = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        ElementTree.SubElement(element, name).text = _NO_XML.sub("", said)


def _xml(root: ElementTree.Element, status: int = 200) -> Response:
    text = '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode")
    return Response(text, status, _OPEN_TO_ALL, media_type="text/xml; charset=utf-8")
