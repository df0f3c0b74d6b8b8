"""Several appeals, sent to one body at once: each is a decision of its own, and each is told of."""

from typing import Any

import grpc
from fastapi import APIRouter
from kit.clock import kyiv_date
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import proceedings_pb2 as pb
from spilno.reception.v1.particulars_pb2 import Body
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import casework
from web.office.routes import row
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

MOST = 50
_REFUSALS = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}
"""What may befall one appeal and not the next."""

router = APIRouter(prefix="/{slug}/office")


@router.get("/forward")
async def ask(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("appeals.read", "appeals.answer")
    form = await restore_draft(request, staff.subject)
    return await _page(request, web, staff, form or Form(language=request.state.language))


@router.post("/forward")
async def forward(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("appeals.read", "appeals.answer")
    say = form.language.gettext
    titles = dict(await casework.partners(web, staff, kyiv_date(web.clock.now())))
    chosen = [name.removeprefix("pick-") for name in form.values if name.startswith("pick-")][:MOST]
    if not chosen:
        form.refuse("pick", say("Позначте хоча б одне звернення"))
    if form["to"] not in titles:
        form.refuse("to", say("Оберіть, кому переслати"))
    if not form["reason"]:
        form.refuse("reason", say("Напишіть, чому це їхнє питання"))
    if form.is_refused:
        return await _page(request, web, staff, form)
    to = Body(organisation=form["to"], title=titles[form["to"]])
    for appeal_id in chosen:
        name, etag = f"{staff.office.parent}/appeals/{appeal_id}", form[f"etag-{appeal_id}"]
        asked = pb.ForwardAppealRequest(name=name, etag=etag, to=to, reason=form["reason"])
        try:
            await web.proceedings.ForwardAppeal(asked)
        except Failure as failure:
            if failure.code not in _REFUSALS:
                raise
            _say_why(form, appeal_id, failure)
        else:
            del form.values[f"pick-{appeal_id}"]
    if form.is_refused:
        return await _page(request, web, staff, form, sent=len(chosen) - len(form.errors))
    return RedirectResponse(f"/{staff.office.slug}/office/forward?saved=yes", 303)


def _say_why(form: Form, appeal_id: str, failure: Failure) -> None:
    say = form.language.gettext
    if failure.code is grpc.StatusCode.ABORTED:
        why = say("Справу щойно змінив хтось інший. Ось вона тепер: перевірте й повторіть.")
    else:
        why = next(iter(failure.fields.values()), failure.message) or say("Не вдалося. Спробуйте ще раз.")
    form.refuse(f"pick-{appeal_id}", why)


async def _page(request: Request, web: Web, staff: Staff, form: Form, *, sent: int = 0) -> Response:
    say = request.state.language.gettext
    listed = await web.appeals.ListAppeals(
        appeals_pb2.ListAppealsRequest(
            parent=staff.office.parent,
            page_size=MOST,
            states=[appeals_pb2.APPEAL_STATE_IN_WORK],
            mine=True,
            by_deadline=True,
        )
    )
    rows: list[dict[str, Any]] = [
        {**row(appeal, request, web), "etag": appeal.etag, "field": f"pick-{last(appeal.name)}"}
        for appeal in listed.appeals
    ]
    partners = await casework.partners(web, staff, kyiv_date(web.clock.now()))
    return web.pages.show(
        request,
        "office/forward.html",
        form=form,
        rows=rows,
        sent=sent,
        partners=[("", say("Оберіть організацію")), *partners],
    )
