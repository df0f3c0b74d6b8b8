"""The office's team: who works here and how one comes in and goes out; and what I may do myself."""

import uuid
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from google.protobuf.timestamp_pb2 import Timestamp
from kit.clock import kyiv_date
from kit.names import last
from kit.pages import Form, Language, Submitted
from kit.rpc.client import Failure
from spilno.identity.v1 import members_pb2 as pb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import appeals, partners, words
from web.days import moment_of
from web.office.staff import Reading, Staff, Writing
from web.portal import TheWeb, Web, restore_draft

router = APIRouter(prefix="/{slug}/office")

_CHANGED = {"roles": "roles", "until": "until"}
_INVITED = {"member.display_name": "display_name", "member.email": "email", "from": "from", **_CHANGED}
_LINK = "member-link"


@router.get("/me")
async def me(request: Request, web: TheWeb, staff: Reading) -> Response:
    told = await web.members.GetOwnAccess(pb.GetOwnAccessRequest(parent=staff.office.parent))
    language = request.state.language
    say = language.gettext
    known = words.roles(say)
    abilities = [
        {
            "meaning": language.bound(each.meaning),
            "held": each.held,
            "roles": ", ".join(words.word(known, role).text for role in each.roles),
        }
        for each in told.abilities
    ]
    return web.pages.show(
        request,
        "office/me.html",
        told=told,
        roles=[words.word(known, role) for role in told.membership.roles],
        since=_day(getattr(told, "from"), language),
        last=_last_day(told.membership, language),
        granted=_day(told.granted_at, language),
        granted_by=told.granted_by or say("Оператор платформи, коли відкривав офіс"),
        may=[each for each in abilities if each["held"]],
        may_not=[each for each in abilities if not each["held"]],
        places=[
            {
                "slug": last(each.hromada),
                "one": each,
                "roles": ", ".join(words.word(known, role).text for role in each.roles),
                "is_here": each.hromada == staff.office.parent,
            }
            for each in told.workplaces
        ],
        account=f"{web.settings.issuer_url.rstrip('/')}/account",
    )


@router.get("/members")
async def team(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("members.read")
    known = words.roles(request.state.language.gettext)
    rows = [
        {
            "id": last(each.name),
            "one": each,
            "roles": ", ".join(words.word(known, role).text for role in each.roles),
            "last": _last_day(each, request.state.language),
            "is_me": each.name == staff.membership,
        }
        async for each in _everyone(web, staff)
    ]
    return web.pages.show(request, "office/members.html", rows=rows)


@router.get("/members/new")
async def ask(request: Request, web: TheWeb, staff: Reading) -> Response:
    staff.require("members.invite")
    blank = Form({"request_id": str(uuid.uuid4())}, request.state.language)
    return _invitation(request, web, await restore_draft(request, staff.subject) or blank)


@router.post("/members/new")
async def invite(request: Request, web: TheWeb, form: Submitted, staff: Writing) -> Response:
    staff.require("members.invite")
    asked = pb.InviteMemberRequest(
        parent=staff.office.parent,
        member=pb.MemberDraft(display_name=form["display_name"], email=form["email"]),
        roles=_chosen(form),
        until=_end_of(form, "until"),
        request_id=appeals.request_id(form),
    )
    first = _moment(form, "from", 0)
    if first is not None:
        getattr(asked, "from").CopyFrom(first)
    if form.is_refused:
        return _invitation(request, web, form)
    try:
        invitation = await web.members.InviteMember(asked)
    except Failure as failure:
        return _invitation(request, web, form, partners.take_refusal(form, failure, _INVITED))
    kept = {"kind": "invitation", "url": invitation.url, "whom": invitation.member.display_name}
    return await _hand_over(request, web, staff, asked.request_id, kept, invitation.expires_at)


@router.get("/members/links/{request_id}")
async def show_link(request: Request, web: TheWeb, staff: Reading, request_id: UUID) -> Response:
    kept = await web.keepsakes.look(_LINK, request.state.visitor, str(request_id))
    if kept is None or kept["author"] != staff.subject:
        return web.pages.show(request, "office/member-link-gone.html", status=410)
    return web.pages.show(request, "office/member-link.html", told=kept)


@router.get("/members/{member_id}")
async def show(request: Request, web: TheWeb, staff: Reading, member_id: UUID) -> Response:
    staff.require("members.invite")
    member = await _found(web, staff, member_id)
    return _shown(request, web, await restore_draft(request, staff.subject) or _form_of(member, request), member)


@router.post("/members/{member_id}/roles")
async def change_roles(request: Request, web: TheWeb, form: Submitted, staff: Writing, member_id: UUID) -> Response:
    staff.require("members.invite")
    member = await _found(web, staff, member_id)
    asked = pb.ChangeRolesRequest(
        name=member.name, roles=_chosen(form), until=_end_of(form, "until"), etag=form["etag"]
    )
    if form.is_refused:
        return _shown(request, web, form, member)
    try:
        await web.members.ChangeRoles(asked)
    except Failure as failure:
        return _shown(request, web, form, member, partners.take_refusal(form, failure, _CHANGED))
    return RedirectResponse(f"/{staff.office.slug}/office/members?saved=yes", 303)


@router.post("/members/{member_id}/recovery")
async def make_link(request: Request, web: TheWeb, form: Submitted, staff: Writing, member_id: UUID) -> Response:
    staff.require("members.invite")
    member = await _found(web, staff, member_id)
    request_id = appeals.request_id(form)
    asked = pb.CreateRecoveryLinkRequest(
        name=member.name, forget_second_factors=form["forget"] == "yes", request_id=request_id
    )
    try:
        link = await web.members.CreateRecoveryLink(asked)
    except Failure as failure:
        return _shown(request, web, form, member, _take_link_refusal(form, failure))
    kept = {"kind": "recovery", "url": link.url, "whom": member.display_name}
    return await _hand_over(request, web, staff, request_id, kept, link.expires_at)


@router.get("/members/{member_id}/end")
async def ask_to_end(request: Request, web: TheWeb, staff: Reading, member_id: UUID) -> Response:
    staff.require("members.revoke")
    member = await _found(web, staff, member_id)
    return _ending(request, web, Form({"etag": member.etag}, request.state.language), member)


@router.post("/members/{member_id}/end")
async def end(request: Request, web: TheWeb, form: Submitted, staff: Writing, member_id: UUID) -> Response:
    staff.require("members.revoke")
    member = await _found(web, staff, member_id)
    try:
        await web.members.RevokeMember(pb.RevokeMemberRequest(name=member.name, etag=form["etag"]))
    except Failure as failure:
        return _ending(request, web, form, member, _take_link_refusal(form, failure))
    return RedirectResponse(f"/{staff.office.slug}/office/members?saved=yes", 303)


async def _everyone(web: Web, staff: Staff) -> AsyncIterator[pb.Member]:
    asked = pb.ListMembersRequest(parent=staff.office.parent, page_size=500)
    while True:
        listed = await web.members.ListMembers(asked)
        for member in listed.members:
            yield member
        if not listed.next_page_token:
            return
        asked.page_token = listed.next_page_token


async def _found(web: Web, staff: Staff, member_id: UUID) -> pb.Member:
    async for member in _everyone(web, staff):
        if member.name == f"{staff.office.parent}/members/{member_id}":
            return member
    raise HTTPException(404)


async def _hand_over(
    request: Request, web: Web, staff: Staff, request_id: str, kept: dict[str, str], expires_at: Timestamp
) -> Response:
    """The link is told on a page of its own: a reload sends nothing anew."""
    until = request.state.language.moment(appeals.moment(expires_at))
    kept |= {"until": until, "author": staff.subject}
    await web.keepsakes.keep(_LINK, request.state.visitor, request_id, kept, lasting=appeals.RECEIPT_KEPT)
    return RedirectResponse(f"/{staff.office.slug}/office/members/links/{request_id}", 303)


def _take_link_refusal(form: Form, failure: Failure) -> int:
    """What is refused because of who somebody is has no field; it is told above the form."""
    if failure.reason in {"recovery.own", "recovery.works-elsewhere", "member.own"}:
        form.refuse("", failure.message)
        return 422
    return partners.take_refusal(form, failure, {})


def _chosen(form: Form) -> list["pb.Role.ValueType"]:
    return [pb.Role.ValueType(one.number) for one in words.roles(str) if form[f"role-{one.value}"] == "yes"]


def _form_of(member: pb.Member, request: Request) -> Form:
    known = words.roles(str)
    held = {f"role-{words.word(known, role).value}": "yes" for role in member.roles}
    ends = _ends(member)
    return Form(
        {
            **held,
            "until": ends.isoformat() if ends else "",
            "etag": member.etag,
            "request_id": str(uuid.uuid4()),
        },
        request.state.language,
    )


def _invitation(request: Request, web: Web, form: Form, status: int | None = None) -> Response:
    roles = words.roles(request.state.language.gettext)
    return web.pages.show(request, "office/member-new.html", form=form, status=status, roles=roles)


def _shown(request: Request, web: Web, form: Form, member: pb.Member, status: int | None = None) -> Response:
    roles = words.roles(request.state.language.gettext)
    id = last(member.name)
    return web.pages.show(request, "office/member.html", form=form, status=status, member=member, id=id, roles=roles)


def _ending(request: Request, web: Web, form: Form, member: pb.Member, status: int | None = None) -> Response:
    return web.pages.show(request, "office/member-end.html", form=form, status=status, member=member)


def _end_of(form: Form, field: str) -> Timestamp | None:
    """The first moment after the last day that the field holds."""
    return _moment(form, field, 1)


def _moment(form: Form, field: str, days: int) -> Timestamp | None:
    if not form[field]:
        return None
    try:
        stamp = moment_of(datetime.combine(date.fromisoformat(form[field]) + timedelta(days=days), time()))
    except (ValueError, OverflowError):
        stamp = None
    if stamp is None:
        form.refuse(field, form.language.gettext("Напишіть день так: 2026-12-31"))
    return stamp


def _ends(holder: Any) -> date | None:
    if not holder.HasField("until"):
        return None
    return kyiv_date(appeals.moment(holder.until) - timedelta(microseconds=1))


def _last_day(holder: Any, language: Language) -> str:
    ends = _ends(holder)
    return language.date(ends) if ends else ""


def _day(stamp: Timestamp, language: Language) -> str:
    return language.date(kyiv_date(appeals.moment(stamp)))
