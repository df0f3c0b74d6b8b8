"""What the office has ready for its answers: one page where all of it is read and written."""

import grpc
from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import wordings_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

EMPTY_ROWS = 2
MOST = 50

router = APIRouter(prefix="/{slug}/office")


async def ready(web: Web, staff: Staff) -> pb.WordingSet:
    """The office's wordings, in the order in which they are offered."""
    return await web.wordings.GetWordings(pb.GetWordingsRequest(parent=staff.office.parent))


@router.get("/wordings")
async def ask(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("appeals.answer")
    form = await restore_draft(request, staff.subject)
    if form is None:
        kept = await ready(web, staff)
        form = Form({"etag": kept.etag}, request.state.language)
        for place, each in enumerate(kept.wordings):
            form.values |= {f"title-{place}": each.title, f"text-{place}": each.text}
    return _page(request, web, form)


@router.post("/wordings")
async def write(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    """An empty pair of fields is left out, so that emptying one takes it away."""
    staff.require("appeals.answer")
    filled = [place for place in range(MOST) if form[f"title-{place}"] or form[f"text-{place}"]]
    wordings = [pb.Wording(title=form[f"title-{place}"], text=form[f"text-{place}"]) for place in filled]
    asked = pb.UpdateWordingsRequest(parent=staff.office.parent, wordings=wordings, etag=form["etag"])
    try:
        await web.wordings.UpdateWordings(asked)
    except Failure as failure:
        if failure.code in {grpc.StatusCode.ABORTED, grpc.StatusCode.ALREADY_EXISTS}:
            form.refuse("", form.language.gettext("Заготовки щойно змінив хтось інший. Відкрийте сторінку знову."))
        elif failure.fields:
            fields = {
                f"wordings[{at}].{name}": f"{name}-{place}"
                for at, place in enumerate(filled)
                for name in ("title", "text")
            }
            form.refuse_all(failure.fields, fields)
        else:
            raise
        return _page(request, web, form)
    return RedirectResponse(f"/{staff.office.slug}/office/wordings?saved=yes", 303)


def _page(request: Request, web: Web, form: Form) -> Response:
    last = max((place for place in range(MOST) if form[f"title-{place}"] or form[f"text-{place}"]), default=-1)
    places = range(min(last + 1 + EMPTY_ROWS, MOST))
    return web.pages.show(request, "office/wordings.html", form=form, places=places)
