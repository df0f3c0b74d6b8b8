"""The pages on which people sign in and out."""

from anyio.from_thread import run
from fastapi import APIRouter
from kit.errors import Refused, TooMany, Unknown
from kit.pages import Form, Submitted
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from identity.factors import actions as factors
from identity.factors import passkeys
from identity.factors import rules as proofs
from identity.issuer import actions
from identity.issuer.desk import Desk
from identity.issuer.proof import proven


def pages(desk: Desk) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/")
    def home() -> Response:
        return RedirectResponse(desk.settings.web_url, 303)

    @router.get("/sign-in")
    def ask(request: Request) -> Response:
        if not {"client_id", "account"} & set(request.query_params):
            return RedirectResponse(desk.settings.web_url, 303)
        return _asked(desk, request)

    @router.post("/sign-in")
    def answer(request: Request, form: Submitted) -> Response:
        if not form["email"]:
            form.refuse("email", desk.told(request, "sign-in.email-missing"))
        if not form["password"]:
            form.refuse("password", desk.told(request, "sign-in.password-missing"))
        if form.is_refused:
            return _asked(desk, request, form)
        return _sign_in(desk, request, form)

    @router.get("/sign-in/code")
    def ask_for_code(request: Request) -> Response:
        return _asked_for_code(desk, request)

    @router.post("/sign-in/code")
    def answer_with_code(request: Request, form: Submitted) -> Response:
        return _answer_with_code(desk, request, form)

    @router.get("/sign-in/passkey")
    def back_from_passkey(request: Request) -> Response:
        return RedirectResponse(f"/sign-in?{request.url.query}", 303)

    @router.post("/sign-in/passkey")
    def answer_with_passkey(request: Request, form: Submitted) -> Response:
        return _answer_with_passkey(desk, request, form)

    @router.get("/sign-out")
    def ask_to_leave(request: Request) -> Response:
        return desk.pages.show(request, "sign-out.html")

    @router.post("/sign-out")
    def leave(request: Request, form: Submitted) -> Response:
        with desk.call(request) as call:
            sign_in = run(actions.current, call, desk.kept(request))
            if sign_in is not None:
                run(actions.end, call, sign_in.id)
        gone = RedirectResponse("/signed-out", 303)
        gone.headers.append("set-cookie", desk.keep("", 0))
        return gone

    @router.get("/signed-out")
    def left(request: Request) -> Response:
        say = request.state.language.gettext
        return desk.pages.state(
            request,
            200,
            picture="scene",
            title=say("Ви вийшли"),
            text=say("На цьому пристрої вас більше ніхто не впізнає. До зустрічі!"),
            actions=[desk.home(request)],
        )

    return router


def _sign_in(desk: Desk, request: Request, form: Form) -> Response:
    try:
        person = proven(desk, request, form["email"], form["password"])
    except (TooMany, Unknown) as refusal:
        form.refuse("email", desk.told(request, refusal.reason, **refusal.values))
        return _asked(desk, request, form, 429 if isinstance(refusal, TooMany) else 422)
    with desk.call(request) as call:
        has_more = run(factors.held, call.db, person).any
        now = call.now
    if not has_more:
        return desk.admit(request, person, [proofs.PASSWORD])
    second = RedirectResponse(f"/sign-in/code?{request.url.query}", 303)
    second.headers.append("set-cookie", desk.after_password(request, person, now))
    return second


def _answer_with_code(desk: Desk, request: Request, form: Form) -> Response:
    try:
        with desk.call(request) as call:
            person = desk.whose_password(request, call.now)
            if person is None:
                return RedirectResponse(f"/sign-in?{request.url.query}", 303)
            if not form["code"]:
                raise Refused("code", "factor.code-missing")
            run(factors.check, call, person, form["code"])
    except (Refused, TooMany, Unknown) as refusal:
        form.refuse("code", desk.told(request, refusal.reason, **refusal.values))
        return _asked_for_code(desk, request, form, 429 if isinstance(refusal, TooMany) else 422)
    return desk.admit(request, person, [proofs.PASSWORD, proofs.CODE])


def _answer_with_passkey(desk: Desk, request: Request, form: Form) -> Response:
    try:
        with desk.call(request) as call:
            person = run(factors.by_passkey, call, form["answer"], request.state.visitor)
    except (TooMany, Unknown) as refusal:
        form.refuse("", desk.told(request, refusal.reason, **refusal.values))
        return _asked(desk, request, form, 429 if isinstance(refusal, TooMany) else 422)
    return desk.admit(request, person, [proofs.PASSKEY])


def _asked(desk: Desk, request: Request, form: Form | None = None, status: int | None = None) -> Response:
    return desk.pages.show(
        request, "sign-in.html", form=form, status=status, scripts=True, options=_options(desk, request)
    )


def _asked_for_code(desk: Desk, request: Request, form: Form | None = None, status: int | None = None) -> Response:
    with desk.call(request) as call:
        person = desk.whose_password(request, call.now)
        if person is None:
            return RedirectResponse(f"/sign-in?{request.url.query}", 303)
        has = run(factors.held, call.db, person)
    options = _options(desk, request) if has.passkeys else ""
    return desk.pages.show(
        request, "sign-in-code.html", form=form, status=status, scripts=True, options=options, has_app=has.app
    )


def _options(desk: Desk, request: Request) -> str:
    if not proofs.relying_party(desk.settings.issuer_url):
        return ""
    with desk.call(request) as call:
        return passkeys.to_use(call, request.state.visitor)
