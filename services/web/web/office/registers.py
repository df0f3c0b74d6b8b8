"""How the register is kept: its index, who comes first, and whether a number is missing."""

from typing import Any

import grpc
from fastapi import APIRouter
from kit.pages import Form, Submitted
from kit.rpc.client import Failure
from spilno.reception.v1 import particulars_pb2
from spilno.reception.v1 import register_pb2 as pb
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import casework, words
from web.days import day_of, written
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft
from web.words import Say, Word

router = APIRouter(prefix="/{slug}/office")
_FIELDS = {
    "register.index_mode": "index_mode",
    "register.privileged": "privileged",
    "register.privileged.since": "privileged",
    "register.privileged.code": "privileged",
    "register.privileged.priority": "privileged",
}


def _modes(_: Say) -> list[Word]:
    return [
        Word(pb.INDEX_MODE_SEQUENTIAL, "sequential", _("За порядком: 401/2026"), "file-text"),
        Word(pb.INDEX_MODE_ALPHABETICAL, "alphabetical", _("За першою літерою прізвища: Д-401/2026"), "file-text"),
    ]


def _priorities(_: Say) -> list[Word]:
    normal = Word(particulars_pb2.PRIORITY_NORMAL, "normal", _("Без переваги"), "circle-dot")
    return [*casework.priorities(_), normal]


@router.get("/register")
async def show(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("calendar.read")
    return await _page(request, web, staff, await restore_draft(request, staff.subject))


@router.post("/register")
async def change(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("calendar.manage")
    draft = _read(form)
    if not form.is_refused:
        asked = pb.UpdateRegisterRequest(parent=staff.office.parent, register=draft, etag=form["etag"])
        try:
            await web.registers.UpdateRegister(asked)
        except Failure as failure:
            if failure.code is grpc.StatusCode.ABORTED:
                say = form.language.gettext
                form.refuse("", say("Правила реєстру щойно змінив хтось інший. Відкрийте сторінку знову."))
            elif failure.fields:
                form.refuse_all(failure.fields, _FIELDS)
            else:
                raise
    if form.is_refused:
        return await _page(request, web, staff, form)
    return RedirectResponse(f"/{staff.office.slug}/office/register?saved=yes", 303)


async def _page(request: Request, web: Web, staff: Staff, form: Form | None) -> Response:
    language = request.state.language
    say = language.gettext
    found = await web.registers.GetRegister(pb.GetRegisterRequest(parent=staff.office.parent))
    choices = await casework.choices(web, staff, say)
    return web.pages.show(
        request,
        "office/register-settings.html",
        form=form or Form(_written(found, say), language),
        modes=_modes(say),
        mode=words.word(_modes(say), found.register.index_mode),
        codes=[*choices.categories[1:], *choices.statuses[1:], *choices.sexes[1:]],
        years=[{"year": each.year, "last": each.last, "missing": list(each.missing)} for each in found.years],
        may_change=staff.may("calendar.manage"),
    )


def _written(found: pb.Register, say: Say) -> dict[str, Any]:
    return {
        "index_mode": words.word(_modes(say), found.register.index_mode).value,
        "privileged": "\n".join(
            f"{written(each.since)} {each.code} {words.word(_priorities(say), each.priority).text.lower()}"
            for each in found.register.privileged
        ),
        "etag": found.etag,
    }


def _read(form: Form) -> pb.RegisterDraft:
    """What the form's lines say; a line that says none is quoted at its field."""
    say = form.language.gettext
    draft = pb.RegisterDraft(index_mode=pb.IndexMode.ValueType(words.number(_modes(say), form["index_mode"])))
    known = {one.text.lower(): one.number for one in _priorities(say)}
    for line in filter(None, map(str.strip, form["privileged"].splitlines())):
        first, _, rest = line.partition(" ")
        code, _, how = rest.strip().partition(" ")
        since, priority = day_of(first), known.get(how.strip().lower())
        if since is None or priority is None:
            form.refuse("privileged", say("Не вдалося прочитати «%s». Пишіть так: 01.01.2026 7.5 першочергово") % line)
            continue
        draft.privileged.add(since=since.isoformat(), code=code, priority=particulars_pb2.Priority.ValueType(priority))
    return draft
