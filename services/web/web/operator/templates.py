"""The templates that a new hromada can receive: those of the services, and the operator's own."""

from datetime import UTC
from typing import Any

import grpc
from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import provisioning_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals
from web.operator.arrivals import service_name
from web.operator.desk import Reading, Writing
from web.portal import TheWeb, Web, restore_draft

_JUDGED = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.ALREADY_EXISTS}

router = APIRouter(prefix="/operator/templates")


@router.get("")
async def templates(request: Request, web: TheWeb, subject: Reading) -> Response:
    listed = await web.templates.ListTemplates(pb.ListTemplatesRequest())
    return web.pages.show(
        request,
        "operator/templates.html",
        standard=[_part(part, request) for part in listed.standard.parts],
        templates=[_shown(one, request) for one in listed.templates],
    )


@router.get("/new")
async def ask_for_template(request: Request, web: TheWeb, subject: Reading) -> Response:
    form = await restore_draft(request, subject)
    return await _form(request, web, form or appeals.blank(request.state.language))


@router.post("/new")
async def publish(request: Request, web: TheWeb, form: Submitted, subject: Writing) -> Response:
    parts = [
        pb.TemplatePart(service=name.removeprefix("part-"), text=text)
        for name, text in form.values.items()
        if name.startswith("part-") and text
    ]
    asked = pb.PublishTemplateRequest(parts=parts, request_id=appeals.request_id(form))
    try:
        await web.templates.PublishTemplate(asked)
    except Failure as failure:
        if failure.code not in _JUDGED or not failure.fields:
            raise
        _refuse(form, failure)
        return await _form(request, web, form)
    return RedirectResponse("/operator/templates", 303)


def _refuse(form: Form, failure: Failure) -> None:
    """Every fault of a part at the part's field."""
    faults = dict[str, list[str]]()
    for path, text in failure.fields.items():
        _, _, rest = path.partition("parts.")
        service = rest.partition(".")[0]
        faults.setdefault(f"part-{service}" if f"part-{service}" in form.values else "", []).append(text)
    for name, texts in faults.items():
        form.refuse(name, "; ".join(texts))


async def _form(request: Request, web: Web, form: Form) -> Response:
    standard = (await web.templates.ListTemplates(pb.ListTemplatesRequest())).standard
    for part in standard.parts:
        form.values.setdefault(f"part-{part.service}", part.text)
    parts = [_part(part, request) for part in standard.parts]
    return web.pages.show(request, "operator/template-new.html", form=form, pieces=parts)


def _part(part: pb.TemplatePart, request: Request) -> dict[str, Any]:
    return {
        "service": part.service,
        "title": service_name(part.service, request.state.language.gettext),
        "name": part.name,
        "version": part.version,
        "text": part.text,
    }


def _shown(template: pb.Template, request: Request) -> dict[str, Any]:
    return {
        "title": template.title,
        "version": template.version,
        "published": request.state.language.date(template.created_at.ToDatetime(UTC)),
        "parts": [_part(part, request) for part in template.parts],
    }
