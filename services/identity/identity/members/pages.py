"""The page behind an invitation's link."""

from anyio.from_thread import run
from fastapi import APIRouter
from kit.errors import Missing, Refused, TooMany, Unknown, WrongState
from kit.pages import Action, Form, Submitted
from starlette.requests import Request
from starlette.responses import Response

from identity.issuer.desk import Desk
from identity.issuer.proof import proven
from identity.members import actions
from identity.persons import passwords
from identity.persons.rules import check_password


def pages(desk: Desk) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/invitations/{link}")
    def ask(request: Request, link: str) -> Response:
        try:
            with desk.call(request) as call:
                invited = run(actions.opened, call, link)
        except (Missing, WrongState) as refusal:
            return _over(desk, request, refusal)
        return _shown(desk, request, invited, Form(language=request.state.language))

    @router.post("/invitations/{link}")
    def answer(request: Request, link: str, form: Submitted) -> Response:
        try:
            with desk.call(request) as call:
                invited = run(actions.opened, call, link)
            try:
                password_hash = _password(desk, request, invited, form)
            except (Refused, Unknown, TooMany) as refusal:
                form.refuse(refusal.field or "password", desk.told(request, refusal.reason, **refusal.values))
                return _shown(desk, request, invited, form)
            with desk.call(request) as call:
                run(actions.accept, call, link, password_hash)
        except (Missing, WrongState) as refusal:
            return _over(desk, request, refusal)
        return _welcome(desk, request, invited)

    return router


def _password(desk: Desk, request: Request, invited: actions.Invited, form: Form) -> str | None:
    """The hash of a first password; None if the person has one and has proven it.

    A link alone never replaces a password: else whoever invites a person could take their account over.
    """
    if invited.person.password_hash is None:
        check_password(form["password"], form["again_password"], invited.person.email)
        return passwords.hashed(form["password"])
    proven(desk, request, invited.person.email, form["password"])
    return None


def _shown(desk: Desk, request: Request, invited: actions.Invited, form: Form) -> Response:
    return desk.pages.show(
        request,
        "invitation.html",
        form=form,
        email=invited.person.email,
        display_name=invited.display_name,
        hromada=invited.title,
        is_known=invited.person.password_hash is not None,
    )


def _welcome(desk: Desk, request: Request, invited: actions.Invited) -> Response:
    say = request.state.language.gettext
    office = Action(say("До офісу"), f"{desk.settings.web_url}/{invited.hromada.slug}/office")
    return desk.pages.state(
        request,
        200,
        picture="scene",
        title=say("Готово, ви в команді"),
        text=say("Тепер можна входити зі своєю поштою і паролем."),
        actions=[office],
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
