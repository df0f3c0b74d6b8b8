"""The protocol's endpoints, for the portal, services and integrators. What a person sees is in `pages`."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from anyio.from_thread import run
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import AccessDeniedError, InvalidClientError
from authlib.oidc.core.errors import LoginRequiredError
from fastapi import APIRouter, Depends
from kit.call import Call
from kit.errors import Denied, WrongState
from kit.pages import Action
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from identity.factors import rules as proofs
from identity.issuer import actions, keys, rules
from identity.issuer.desk import Desk
from identity.issuer.model import SignIn
from identity.issuer.protocol import Asked, Protocol

EXCHANGE = "/token"


async def _parameters(request: Request) -> dict[str, str]:
    """The parameters of a request, in the query or, posted, in the body."""
    if request.method == "GET":
        return rules.parameters(request.query_params.multi_items())
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise rules.Unreadable("content-type")
    try:
        pairs = parse_qsl((await request.body()).decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise rules.Unreadable("body") from error
    return rules.parameters(pairs)


Parameters = Annotated[dict[str, str], Depends(_parameters)]


def endpoints(desk: Desk) -> APIRouter:
    """The routes."""
    router = APIRouter()
    issuer = desk.settings.issuer_url

    def protocol(call: Call) -> Protocol:
        return Protocol(call, desk.settings)

    @router.get("/.well-known/openid-configuration")
    @router.get("/.well-known/oauth-authorization-server")
    def discovery() -> dict[str, Any]:
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}{EXCHANGE}",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/end-session",
            "scopes_supported": ["openid"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "id_token_signing_alg_values_supported": [keys.ALGORITHM],
            "subject_types_supported": ["public"],
            "acr_values_supported": [proofs.ONE, proofs.TWO],
            "prompt_values_supported": ["none", "login"],
            "authorization_response_iss_parameter_supported": True,
        }

    @router.get("/jwks")
    def jwks(request: Request) -> Response:
        with desk.call(request) as call:
            published = run(keys.published, call.db, call.now)
        return JSONResponse(published.as_dict(private=False), headers={"cache-control": "public, max-age=300"})

    @router.post(EXCHANGE)
    def token(request: Request, given: Parameters) -> Response:
        with desk.call(request) as call:
            library = protocol(call).library
            asked = Asked("POST", given, request.headers)
            try:
                answer: Response = library.create_token_response(asked)
            except UnicodeDecodeError:
                answer = library.handle_error_response(asked, InvalidClientError(status_code=401))
        return answer

    @router.get("/authorize")
    @router.post("/authorize")
    def authorize(request: Request, given: Parameters) -> Response:
        with desk.call(request) as call:
            sign_in = run(actions.current, call, desk.kept(request))
            server = protocol(call)
            asked = Asked(request.method, given, request.headers)
            try:
                grant = server.library.get_consent_grant(asked, sign_in)
                if sign_in is None or grant.prompt == "login" or _is_too_old(sign_in, given, call):
                    return RedirectResponse(f"/sign-in?{urlencode(given)}", 303)
                try:
                    subject = _subject(call, sign_in, given)
                except (Denied, WrongState) as refusal:
                    if given.get("prompt") == "none":
                        raise AccessDeniedError(redirect_uri=grant.redirect_uri, state=given.get("state")) from refusal
                    return _stranger(desk, request, given, refusal)
                if subject.lacks:
                    if given.get("prompt") == "none":
                        raise LoginRequiredError(redirect_uri=grant.redirect_uri, state=given.get("state"))
                    step = "/sign-in" if subject.lacks == "factor" else "/account/app"
                    return RedirectResponse(f"{step}?{urlencode(given)}", 303)
                server.sign_in = sign_in
                answer: Response = server.library.create_authorization_response(asked, grant_user=subject, grant=grant)
            except OAuth2Error as error:
                if not error.redirect_uri:
                    return desk.misled(request)
                answer = server.library.handle_error_response(asked, error)
        return _signed(answer, issuer)

    @router.get("/end-session")
    @router.post("/end-session")
    def end_session(request: Request, given: Parameters) -> Response:
        with desk.call(request) as call:
            library = protocol(call).library
            try:
                leaving = library.validate_endpoint_request(
                    "end_session", Asked(request.method, given, request.headers)
                )
            except (OAuth2Error, ValueError):
                return desk.misled(request)
            if leaving.needs_confirmation:
                return RedirectResponse("/sign-out", 303)
            answer: Response | None = library.create_endpoint_response("end_session", leaving)
        answer = answer or RedirectResponse("/signed-out", 303)
        answer.headers.append("set-cookie", desk.keep("", 0))
        return answer

    return router


def _subject(call: Call, sign_in: SignIn, given: dict[str, str]) -> actions.Subject:
    scope = rules.parse_scope(given.get("scope", ""))
    return run(actions.subject, call, sign_in.person_id, sign_in.id, scope.organization if scope else "")


def _is_too_old(sign_in: SignIn, given: dict[str, str], call: Call) -> bool:
    """Whether the client wants a password that was typed more recently."""
    seconds = given.get("max_age", "")
    return seconds.isdigit() and (call.now - sign_in.signed_in_at).total_seconds() > int(seconds[:9])


def _signed(answer: Response, issuer: str) -> Response:
    """RFC 9207: the answer says who answers, so that one issuer's code is never given to another."""
    location = answer.headers.get("location", "")
    if location:
        joint = "&" if urlsplit(location).query else "?"
        answer.headers["location"] = f"{location}{joint}{urlencode({'iss': issuer})}"
    return answer


def _stranger(desk: Desk, request: Request, given: dict[str, str], refusal: Denied | WrongState) -> Response:
    """Signed in, but not somebody of this office."""
    say: Callable[[str], str] = request.state.language.gettext
    is_suspended = isinstance(refusal, WrongState)
    return desk.pages.state(
        request,
        403,
        picture="empty",
        title=say("Офіс зараз зачинено") if is_suspended else say("Ви не працюєте в цьому офісі"),
        text=desk.told(request, refusal.reason),
        actions=[Action(say("Увійти під іншою поштою"), f"/sign-in?{urlencode(given)}"), desk.home(request)],
    )
