"""What the office prints after CMU 348: cards, the receipt, journals and the periodic report."""

from datetime import date, timedelta
from uuid import UUID

from fastapi import APIRouter
from kit.clock import kyiv_date
from kit.pages import Form
from kit.rpc.client import Failure
from spilno.reception.v1 import prints_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from web import casework
from web.office.staff import Reading, Staff
from web.portal import TheWeb, Web

router = APIRouter(prefix="/{slug}/office")
_FORMATS = {
    "pdf": pb.DOCUMENT_FORMAT_PDF,
    "docx": pb.DOCUMENT_FORMAT_DOCX,
    "xlsx": pb.DOCUMENT_FORMAT_XLSX,
}
_FIELDS = {"from_day": "from", "to_day": "to", "format": "format"}


@router.get("/appeals/{appeal_id}/card")
async def appeal_card(web: TheWeb, staff: Reading, appeal_id: UUID, format: str = "pdf") -> Response:
    name = f"{staff.office.parent}/appeals/{appeal_id}"
    asked = pb.PrintAppealCardRequest(name=name, format=_format(format), organisation=staff.office.title)
    return _file(await web.prints.PrintAppealCard(asked))


@router.get("/appeals/{appeal_id}/receipt")
async def receipt(web: TheWeb, staff: Reading, appeal_id: UUID) -> Response:
    name = f"{staff.office.parent}/appeals/{appeal_id}"
    return _file(await web.prints.PrintReceipt(pb.PrintReceiptRequest(name=name, organisation=staff.office.title)))


@router.get("/visits/{visit_id}/card")
async def visit_card(web: TheWeb, staff: Reading, visit_id: UUID, format: str = "pdf") -> Response:
    name = f"{staff.office.parent}/visits/{visit_id}"
    asked = pb.PrintVisitCardRequest(name=name, format=_format(format), organisation=staff.office.title)
    return _file(await web.prints.PrintVisitCard(asked))


@router.get("/prints")
async def ask_for_period(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("appeals.take")
    today = kyiv_date(web.clock.now())
    last = today.replace(day=1) - timedelta(days=1)
    first = last.replace(day=1)
    values = {"what": "report", "from": _written(first), "to": _written(last), "format": "pdf"}
    return web.pages.show(request, "office/prints.html", form=Form(values, request.state.language))


@router.get("/prints/file")
async def period(request: Request, web: TheWeb, staff: Reading) -> Response:
    """A journal or the report of a period; a period that is none comes back with its form."""
    staff.require("appeals.take")
    form = Form({name: request.query_params.get(name, "")[:20] for name in ("what", "from", "to", "format")})
    form.language = request.state.language
    first, last = casework.day(form, "from"), casework.day(form, "to")
    if not form.is_refused:
        try:
            return _file(await _printed(web, staff, form, first, last))
        except Failure as failure:
            if not failure.fields:
                raise
            form.refuse_all(failure.fields, _FIELDS)
    return web.pages.show(request, "office/prints.html", form=form)


async def _printed(web: Web, staff: Staff, form: Form, first: str, last: str) -> pb.Document:
    common = {"parent": staff.office.parent, "from_day": first, "to_day": last, "organisation": staff.office.title}
    format = _format(form["format"])
    match form["what"]:
        case "appeals":
            return await web.prints.PrintAppealJournal(pb.PrintAppealJournalRequest(**common, format=format))
        case "receptions":
            return await web.prints.PrintReceptionJournal(pb.PrintReceptionJournalRequest(**common, format=format))
        case _:
            return await web.prints.PrintReport(pb.PrintReportRequest(**common, format=format))


def _format(said: str) -> "pb.DocumentFormat.ValueType":
    if said not in _FORMATS:
        raise HTTPException(404)
    return _FORMATS[said]


def _written(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _file(document: pb.Document) -> Response:
    headers = {"content-disposition": f'attachment; filename="{document.file_name}"', "cache-control": "no-store"}
    return Response(document.content, media_type=document.content_type, headers=headers)
