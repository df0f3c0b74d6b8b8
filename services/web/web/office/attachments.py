"""The files of a case: added, read, taken away."""

from uuid import UUID

from fastapi import APIRouter
from kit.pages import Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import attachments_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import attachments
from web.office.routes import show_case
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb

router = APIRouter(prefix="/{slug}/office/appeals/{appeal_id}/files")


@router.post("")
async def add(request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID) -> Response:
    staff.require("appeals.register")
    appeal = f"{staff.office.parent}/appeals/{appeal_id}"
    await attachments.take(form, lambda: attachments.upload(web, form, appeal))
    if form.is_refused:
        return await show_case(request, web, staff, appeal_id, form)
    return RedirectResponse(_case(staff, appeal_id), 303)


@router.get("/{file_id}")
async def give(web: TheWeb, staff: Reading, appeal_id: UUID, file_id: UUID) -> Response:
    staff.require("appeals.read")
    return await attachments.given(web, pb.DownloadAttachmentRequest(name=_name(staff, appeal_id, file_id)))


@router.get("/{file_id}/thumbnail")
async def show(web: TheWeb, staff: Reading, appeal_id: UUID, file_id: UUID) -> Response:
    staff.require("appeals.read")
    name = _name(staff, appeal_id, file_id)
    return await attachments.given(web, pb.DownloadAttachmentRequest(name=name, view=pb.ATTACHMENT_VIEW_THUMBNAIL))


@router.post("/{file_id}/delete")
async def take_away(
    request: Request, web: TheWeb, form: Submitted, staff: Writing, appeal_id: UUID, file_id: UUID
) -> Response:
    staff.require("appeals.answer")
    asked = pb.DeleteAttachmentRequest(name=_name(staff, appeal_id, file_id), etag=form["etag"])
    try:
        await web.attachments.DeleteAttachment(asked)
    except Failure as failure:
        if failure.code.name not in {"ABORTED", "FAILED_PRECONDITION"} or failure.reason == "hromada.suspended":
            raise
        form.refuse("", failure.message)
        return await show_case(request, web, staff, appeal_id, form)
    return RedirectResponse(_case(staff, appeal_id), 303)


def _case(staff: Staff, appeal_id: UUID) -> str:
    return f"/{staff.office.slug}/office/appeals/{appeal_id}?saved=1"


def _name(staff: Staff, appeal_id: UUID, file_id: UUID) -> str:
    return f"{staff.office.parent}/appeals/{appeal_id}/attachments/{file_id}"
