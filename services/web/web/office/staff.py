"""Who is at the office's desk: signed in, a member of this hromada's office, with these permissions."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import grpc
from fastapi import Depends
from kit.pages import Form, Submitted
from kit.rpc.client import Acting, Failure, acting
from spilno.identity.v1 import members_pb2
from starlette.exceptions import HTTPException
from starlette.requests import Request

from web.portal import AccessEnded, Office, SignInNeeded, Slug, TheWeb, Web, address

_VERB = r"/(?:take|answer|check-in|record|cancel|roles|recovery|reset|notices/[0-9a-f-]+/resend)$"
PURPOSE_KEPT = timedelta(minutes=15)
"""Then a sensitive case asks again what it is opened for."""
_CASE = re.compile(r"/office/appeals/([0-9a-f-]{36})")
_NOT_A_MEMBER = {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.NOT_FOUND}


@dataclass(frozen=True)
class Staff:
    """One member of staff, for the time of a request."""

    office: Office
    subject: str
    display_name: str
    permissions: frozenset[str]
    membership: str
    """Its resource name."""

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def require(self, *permissions: str) -> None:
        """Ends the request with the page for what one may not, unless all of these are held."""
        if not self.permissions.issuperset(permissions):
            raise HTTPException(403)


async def _reading(request: Request, web: TheWeb, slug: Slug) -> Staff:
    return await _at_desk(request, web, slug, None)


async def _writing(request: Request, web: TheWeb, slug: Slug, form: Submitted) -> Staff:
    return await _at_desk(request, web, slug, form)


async def _at_desk(request: Request, web: Web, slug: str, form: Form | None) -> Staff:
    office = await web.offices.get(slug, request.state.language)
    session = await web.sessions.find(web.cookie(request))
    needed = SignInNeeded(slug, _page(request), form)
    if session is None or session.place != slug:
        raise needed
    purpose = await _purpose(request, web, session.subject)
    acting.set(Acting(session.access, request.state.language.code, address(request), purpose))
    try:
        own = await web.members.GetOwnMembership(members_pb2.GetOwnMembershipRequest(parent=office.parent))
    except Failure as failure:
        if failure.code is grpc.StatusCode.UNAUTHENTICATED:
            await web.sessions.end(web.cookie(request))
            raise needed from failure
        if failure.code in _NOT_A_MEMBER:
            await web.sessions.close(slug, session.subject)
            raise AccessEnded(office, _page(request), form) from failure
        raise
    staff = Staff(office, session.subject, own.display_name, frozenset(own.permissions), own.name)
    request.state.surroundings = {
        "shell": "office/shell.html",
        "office": office,
        "here": f"/{slug}/office",
        "staff": staff,
    }
    return staff


async def _purpose(request: Request, web: Web, subject: str) -> str:
    """What this person has said they open the case of this page for."""
    case = _CASE.search(request.url.path)
    kept = await web.keepsakes.look("purpose", request.state.visitor, case[1]) if case else None
    return kept["purpose"] if kept is not None and kept["by"] == subject else ""


def _page(request: Request) -> str:
    """The page that a request is about: a form's verb is not a page to come back to."""
    path = request.url.path
    if request.method == "POST":
        verbs = (
            "take|answer|files(?:/[0-9a-f-]+/delete)?|check-in|record|cancel|roles|recovery|reset|watch|switch|connect|move"
            "|notices/[0-9a-f-]+/resend"
        )
        return re.sub(rf"/(?:{verbs})$", "", path)
    return f"{path}?{request.url.query}" if request.url.query else path


Reading = Annotated[Staff, Depends(_reading)]
Writing = Annotated[Staff, Depends(_writing)]
"""For a POST: what was typed outlives the session."""
