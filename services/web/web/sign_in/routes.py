"""Signing in through the issuer and out again."""

import re
from datetime import timedelta
from urllib.parse import urlencode

from fastapi import APIRouter
from kit.errors import Away
from kit.pages import Action, Submitted
from kit.rpc.client import Acting, Failure, acting
from spilno.identity.v1 import members_pb2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import failures
from web.portal import TheWeb, Web, address
from web.sign_in.issuer import Asked, Refused

OPERATOR = "operator"
ANSWER_AWAITED = timedelta(minutes=15)

_PLACES = re.compile(r"/(?:(operator)|([a-z][a-z0-9-]{1,38}[a-z0-9])/office)(?:[/?].*)?")
_NOT_A_MEMBER = {"PERMISSION_DENIED", "NOT_FOUND", "UNAUTHENTICATED"}

router = APIRouter()


def place_of(to: str) -> str:
    """The place that a page belongs to: the operator's desk or a hromada's slug; empty for a page of neither."""
    found = _PLACES.fullmatch(to)
    return (found[1] or found[2]) if found else ""


def scope_of(place: str) -> str:
    """No offline_access: the session at the issuer ends with the person's sign-in, and so must what we renew."""
    return "openid" if place == OPERATOR else f"openid organization:{place}"


@router.get("/sign-in")
async def ask(request: Request, web: TheWeb, to: str = "/", anew: bool = False) -> Response:
    place = place_of(to)
    if not place:
        return RedirectResponse("/", 303)
    asked = Asked.anew()
    href = await web.issuer.question(asked, scope_of(place), request.state.language.code, anew=anew)
    await web.keepsakes.keep(
        "sign-in",
        request.state.visitor,
        asked.state,
        {"nonce": asked.nonce, "verifier": asked.verifier, "to": to},
        lasting=ANSWER_AWAITED,
    )
    return RedirectResponse(href, 303)


@router.get("/callback")
async def answered(
    request: Request, web: TheWeb, state: str = "", code: str = "", iss: str = "", error: str = ""
) -> Response:
    kept = await web.keepsakes.take("sign-in", request.state.visitor, state)
    if kept is None or not await web.issuer.is_from(iss):
        raise Refused
    to = kept["to"]
    place = place_of(to)
    if error in {"access_denied", "invalid_scope", "unauthorized_client"}:
        return await _refuse(request, web, place, to)
    if error or not code:
        raise Refused
    subject, tokens = await web.issuer.redeem(code, Asked(state, kept["nonce"], kept["verifier"]))
    acting.set(Acting(tokens.access, request.state.language.code, address(request)))
    if not await _may_enter(web, place):
        acting.set(Acting(None, request.state.language.code, address(request)))
        return await _refuse(request, web, place, to)
    cookie = await web.sessions.open(place, subject, tokens, instead_of=web.cookie(request))
    response = RedirectResponse(to, 303)
    response.headers.append("set-cookie", web.pages.safety.cookie("spilno", cookie))
    return response


@router.post("/sign-out")
async def leave(request: Request, web: TheWeb, form: Submitted) -> Response:
    id_token = await web.sessions.end(web.cookie(request))
    back_to = f"{web.settings.web_url}/"
    try:
        href = await web.issuer.farewell(id_token, back_to)
    except (Away, Refused):
        href = back_to
    response = RedirectResponse(href, 303)
    response.headers.append("set-cookie", web.pages.safety.cookie("spilno", "", seconds=0))
    return response


async def _may_enter(web: Web, place: str) -> bool:
    """Whether the person works there. Only the services can say so of the operator, page by page."""
    if place == OPERATOR:
        return True
    try:
        await web.members.GetOwnMembership(members_pb2.GetOwnMembershipRequest(parent=f"hromadas/{place}"))
    except Failure as failure:
        if failure.code.name in _NOT_A_MEMBER:
            return False
        raise
    return True


async def _refuse(request: Request, web: Web, place: str, to: str) -> Response:
    """Says that this person does not work there, and offers to sign in as another."""
    _ = request.state.language.gettext
    if place == OPERATOR:
        title = _("Кабінет оператора")
    else:
        title = (await web.offices.get(place, request.state.language)).title
    told = failures.not_here(request.state.language, title)
    again = Action(_("Увійти як інша особа"), f"/sign-in?{urlencode({'to': to, 'anew': 1})}")
    return web.pages.state(
        request, told.status, title=told.title, text=told.text, picture=told.picture, actions=[again]
    )
