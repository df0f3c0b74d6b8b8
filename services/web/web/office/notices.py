"""The texts of notices: the hromada's head changes them, sees them as people will, and takes the first ones back."""

from typing import Annotated

import grpc
from fastapi import APIRouter, Path
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import notices_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import notices
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, is_away, restore_draft

router = APIRouter(prefix="/{slug}/office/notices")

Which = Annotated[str, Path(pattern="^[a-z][a-z-]{1,60}-(uk|en)$")]
_FIELDS = {"text.subject": "subject", "text.body": "body", "text.sms": "sms"}


@router.get("")
async def every(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("notices.write")
    say = request.state.language.gettext
    listed = await _texts(web, staff)
    rows = [
        {
            "kind": kind,
            "texts": [
                {"path": last(one.name), "language": one.language, "changed": one.changed}
                for one in listed
                if one.kind == kind.value
            ],
        }
        for kind in notices.kinds(say)
    ]
    channels = notices.channel_names(say, await notices.channels(web, staff.office.parent))
    return web.pages.show(request, "office/notices.html", rows=rows, channels=channels)


@router.get("/{which}")
async def ask(request: Request, web: TheWeb, staff: Reading, which: Which) -> Response:
    staff.require("notices.write")
    return await _page(request, web, staff, which, await restore_draft(request, staff.subject))


@router.post("/{which}")
async def change(request: Request, web: TheWeb, form: Submitted, staff: Writing, which: Which) -> Response:
    staff.require("notices.write")
    name = f"{staff.office.parent}/notice-texts/{which}"
    text = pb.NoticeWords(subject=form["subject"], body=form["body"], sms=form["sms"])
    try:
        if form["preview"]:
            shown = await web.notices.PreviewNoticeText(pb.PreviewNoticeTextRequest(name=name, text=text))
            return await _page(request, web, staff, which, form, preview=shown)
        await web.notices.UpdateNoticeText(pb.UpdateNoticeTextRequest(name=name, text=text, etag=form["etag"]))
    except Failure as failure:
        status = _take_refusal(form, failure)
        return await _page(request, web, staff, which, form, status=status)
    return RedirectResponse(f"/{staff.office.slug}/office/notices/{which}?saved=yes", 303)


@router.post("/{which}/reset")
async def reset(request: Request, web: TheWeb, form: Submitted, staff: Writing, which: Which) -> Response:
    staff.require("notices.write")
    await web.notices.ResetNoticeText(pb.ResetNoticeTextRequest(name=f"{staff.office.parent}/notice-texts/{which}"))
    return RedirectResponse(f"/{staff.office.slug}/office/notices/{which}?saved=yes", 303)


async def _texts(web: Web, staff: Staff) -> list[pb.NoticeText]:
    return list((await web.notices.GetNoticeTexts(pb.GetNoticeTextsRequest(parent=staff.office.parent))).texts)


async def _page(
    request: Request,
    web: Web,
    staff: Staff,
    which: str,
    form: Form | None,
    *,
    status: int | None = None,
    preview: pb.NoticePreview | None = None,
) -> Response:
    found = next((one for one in await _texts(web, staff) if last(one.name) == which), None)
    if found is None:
        raise HTTPException(404)
    kind = next(kind for kind in notices.kinds(request.state.language.gettext) if kind.value == found.kind)
    if form is None:
        said = {"subject": found.text.subject, "body": found.text.body, "sms": found.text.sms}
        form = Form({**said, "etag": found.etag}, request.state.language)
    return web.pages.show(
        request,
        "office/notice-text.html",
        form=form,
        status=status,
        kind=kind,
        code=found.language,
        changed=found.changed,
        values=list(found.values),
        is_signature=not found.values,
        path=which,
        preview=preview,
    )


def _take_refusal(form: Form, failure: Failure) -> int:
    say = form.language.gettext
    if failure.code is grpc.StatusCode.ABORTED:
        form.refuse("", say("Текст щойно змінив хтось інший. Відкрийте сторінку знову."))
    elif failure.fields:
        form.refuse_all(failure.fields, _FIELDS)
    elif is_away(failure):
        form.refuse("", say("Служба не відповідає. Написане на місці: надішліть ще раз за хвилину."))
        return 503
    else:
        raise failure
    return 422
