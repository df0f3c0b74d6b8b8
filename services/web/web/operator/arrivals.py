"""How hromadas come: a form, then a page that shows each step until the door is open."""

from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from fastapi import APIRouter
from google.protobuf.timestamp_pb2 import Timestamp
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import archives_pb2, hromadas_pb2, members_pb2
from spilno.identity.v1 import provisioning_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals
from web.operator.desk import Reading, Writing, hromada_row
from web.portal import Slug, TheWeb, Web, is_away, restore_draft
from web.sizes import measured
from web.words import Say

REFRESH_SECONDS = 3
ROOM_SECONDS = 10
INVITATION_KEPT = timedelta(minutes=30)
FIELDS = {
    "office.title": "title",
    "office.title_en": "title_en",
    "katotth": "katotth",
    "hromada_id": "slug",
    "template": "template",
    "office.address": "address",
    "office.directions": "directions",
    "office.phones": "phone",
    "office.email": "email",
    "head.display_name": "head_name",
    "head.email": "head_email",
}
_JUDGED = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.ALREADY_EXISTS}

router = APIRouter(prefix="/operator/hromadas")


@router.get("/new")
async def ask_for_hromada(request: Request, web: TheWeb, subject: Reading) -> Response:
    form = await restore_draft(request, subject)
    if form is None:
        form = appeals.blank(request.state.language)
        form.values["head_name"] = "Керівник офісу"
    return await _form(request, web, form)


@router.post("/new")
async def bring(request: Request, web: TheWeb, form: Submitted, subject: Writing) -> Response:
    asked = hromadas_pb2.CreateHromadaRequest(
        hromada_id=form["slug"],
        katotth=form["katotth"],
        office=hromadas_pb2.Office(
            title=form["title"],
            title_en=form["title_en"],
            address=form["address"],
            directions=form["directions"],
            phones=[appeals.dialled(form)],
            email=form["email"],
        ),
        head=members_pb2.MemberDraft(display_name=form["head_name"], email=form["head_email"]),
        template=form["template"],
        request_id=appeals.request_id(form),
    )
    try:
        made = await web.hromadas.CreateHromada(asked)
    except Failure as failure:
        if is_away(failure):
            form.refuse("", form.language.gettext("Служба не відповідає. Написане на місці: надішліть ще раз."))
            return await _form(request, web, form, 503)
        if failure.code not in _JUDGED or not failure.fields:
            raise
        form.refuse_all(failure.fields, FIELDS)
        return await _form(request, web, form)
    kept = {"url": made.invitation.url, "author": subject}
    await web.keepsakes.keep("invitation", request.state.visitor, form["slug"], kept, lasting=INVITATION_KEPT)
    return RedirectResponse(f"/operator/hromadas/{form['slug']}", 303)


@router.get("/{slug}")
async def hromada(request: Request, web: TheWeb, subject: Reading, slug: Slug, still: str = "") -> Response:
    """Where the hromada stands. The page comes anew by itself until all is done, unless it is asked to stay still."""
    name = f"hromadas/{slug}"
    found = await web.hromadas.GetHromada(hromadas_pb2.GetHromadaRequest(name=name))
    progress = await web.provisionings.GetProvisioning(pb.GetProvisioningRequest(name=f"{name}/provisioning"))
    invitation = await web.keepsakes.look("invitation", request.state.visitor, slug)
    is_ours = invitation is not None and invitation.get("author") == subject
    page = web.pages.show(
        request,
        "operator/hromada.html",
        hromada=hromada_row(found, request),
        is_done=progress.done,
        is_still=bool(still),
        steps=_steps(progress, request),
        chosen=last(progress.template),
        invitation=invitation["url"] if invitation is not None and is_ours else "",
        room=await _room(request, web, name) if progress.done else None,
    )
    if not progress.done and not still:
        page.headers["refresh"] = str(REFRESH_SECONDS)
    return page


async def _room(request: Request, web: Web, name: str) -> dict[str, Any]:
    """How much of the disk the hromada takes; empty while that cannot be told."""
    try:
        usage = await web.archives.GetUsage(archives_pb2.GetUsageRequest(name=name), timeout=ROOM_SECONDS)
    except Failure as failure:
        if is_away(failure):
            return {}
        raise
    language = request.state.language
    return {
        "rows": measured(usage.row_bytes, language),
        "files": measured(usage.file_bytes, language) if usage.files else "",
        "count": language.number(usage.files),
        "missing": [service_name(service, language.gettext) for service in usage.missing_services],
    }


async def _form(request: Request, web: Web, form: Form, status: int | None = None) -> Response:
    listed = await web.templates.ListTemplates(pb.ListTemplatesRequest())
    say = request.state.language.gettext
    options = [("", _named(listed.standard, say)), *((one.name, _named(one, say)) for one in listed.templates)]
    return web.pages.show(
        request, "operator/hromada-new.html", form=form, status=status, templates=options, web_url=web.settings.web_url
    )


def _named(template: pb.Template, say: Say) -> str:
    if not template.title:
        return say("Звичайний зразок")
    return say("%(name)s, версія %(version)s") % {"name": template.title, "version": template.version}


def _steps(progress: pb.Provisioning, request: Request) -> list[dict[str, Any]]:
    language = request.state.language
    say = language.gettext
    waiting = [not step.HasField("finished_at") for step in progress.steps]
    return [
        {
            "title": _what(step, say),
            "is_done": not waits,
            "is_now": waits and (bool(step.service) or not any(waiting[:place])),
            "when": "" if waits else language.moment(_moment(step.finished_at)),
            "iso": "" if waits else _moment(step.finished_at).isoformat(),
            "template": _version(step, say),
            "trouble": _trouble(step, say) if waits else "",
        }
        for place, (step, waits) in enumerate(zip(progress.steps, waiting, strict=True))
    ]


def _version(step: pb.ProvisioningStep, say: Say) -> str:
    if not step.template:
        return ""
    return say("Зразок %(name)s, версія %(version)s") % {"name": step.template, "version": step.template_version}


def _what(step: pb.ProvisioningStep, say: Say) -> str:
    match step.kind:
        case pb.PROVISIONING_STEP_KIND_HROMADA:
            return say("Громада є на платформі")
        case pb.PROVISIONING_STEP_KIND_HEAD:
            return say("Запрошення для керівника")
        case pb.PROVISIONING_STEP_KIND_ISOLATION:
            return say("Перевірка, що громади не бачать даних одна одної")
        case pb.PROVISIONING_STEP_KIND_OPEN:
            return say("Відкриття офісу")
        case _:
            return service_name(step.service, say)


def service_name(service: str, say: Say) -> str:
    """A service as operators know it."""
    if service == "reception":
        return say("Приймальня: реєстр звернень і години прийому")
    return say("Служба %(name)s") % {"name": service}


def _trouble(step: pb.ProvisioningStep, say: Say) -> str:
    match step.trouble:
        case pb.PROVISIONING_TROUBLE_NEVER_SEEN:
            return say("Ця служба ще не запускалася. Запустіть її: далі все піде саме.")
        case pb.PROVISIONING_TROUBLE_AWAY:
            return say("Служба не відповідає. Щойно вона відповість, робота піде далі сама.")
        case pb.PROVISIONING_TROUBLE_TEMPLATE:
            return say("Служба не може прочитати обраний зразок: мабуть, вона старіша за нього.")
        case pb.PROVISIONING_TROUBLE_REFUSED:
            return say("Служба відмовила. Причина є в її журналі.")
        case pb.PROVISIONING_TROUBLE_OPEN_TABLES:
            return say("Служба показує дані інших громад. Офіс лишається зачиненим: покличте розробників.")
        case _:
            return ""


def _moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)
