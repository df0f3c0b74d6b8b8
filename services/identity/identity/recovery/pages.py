"""The page behind a recovery link."""

from anyio.from_thread import run
from fastapi import APIRouter
from kit.errors import Missing, Refused, WrongState
from kit.pages import Action, Form, Submitted
from starlette.requests import Request
from starlette.responses import Response

from identity.issuer.desk import Desk
from identity.persons import passwords
from identity.persons.rules import check_password
from identity.recovery import actions


def pages(desk: Desk) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/recovery/{link}")
    def ask(request: Request, link: str) -> Response:
        return _answered(desk, request, link, None)

    @router.post("/recovery/{link}")
    def answer(request: Request, link: str, form: Submitted) -> Response:
        return _answered(desk, request, link, form)

    return router


def _answered(desk: Desk, request: Request, link: str, form: Form | None) -> Response:
    try:
        with desk.call(request) as call:
            opened = run(actions.opened, call, link)
        if form is None:
            return _shown(desk, request, opened, None)
        try:
            check_password(form["password"], form["again_password"], opened.email)
        except Refused as refusal:
            form.refuse(refusal.field, desk.told(request, refusal.reason, **refusal.values))
            return _shown(desk, request, opened, form)
        password_hash = passwords.hashed(form["password"])
        with desk.call(request) as call:
            run(actions.use, call, link, password_hash)
    except (Missing, WrongState) as refusal:
        return _over(desk, request, refusal)
    say = request.state.language.gettext
    return desk.pages.state(
        request,
        200,
        picture="scene",
        title=say("Новий пароль збережено"),
        text=say("Тепер увійдіть зі своєю поштою і новим паролем."),
        actions=[desk.home(request), Action(say("До мого входу"), "/account")],
    )


def _shown(desk: Desk, request: Request, opened: actions.Opened, form: Form | None) -> Response:
    return desk.pages.show(
        request, "recovery.html", form=form, email=opened.email, forgets_factors=opened.link.forgets_factors
    )


def _over(desk: Desk, request: Request, refusal: Missing | WrongState) -> Response:
    say = request.state.language.gettext
    return desk.pages.state(
        request,
        404 if isinstance(refusal, Missing) else 410,
        picture="expired",
        title=say("Це посилання вже не діє"),
        text=desk.told(request, refusal.reason),
        actions=[desk.home(request)],
    )
