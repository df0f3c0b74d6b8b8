"""The page where people look after their own way in: password, second factors, browsers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import segno
from anyio.from_thread import run
from fastapi import APIRouter
from kit.call import Call
from kit.errors import Refusal, Refused, TooMany, Unknown, WrongState
from kit.pages import Action, Form, Submitted
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from identity.factors import actions as factors
from identity.factors import passkeys
from identity.factors import rules as proofs
from identity.issuer import actions
from identity.issuer.desk import Desk
from identity.issuer.model import SignIn
from identity.issuer.proof import proven
from identity.issuer.rules import parse_id
from identity.persons import passwords
from identity.persons.model import Person
from identity.persons.rules import check_password


@dataclass(frozen=True, slots=True)
class Self:
    """Who is looking after their own way in."""

    sign_in: SignIn
    person: Person
    is_fresh: bool
    """Signed in so lately that nobody need ask for the password again."""
    has: factors.Held


class _Stranger(Exception):
    """Nobody is signed in in this browser."""


def pages(desk: Desk) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/account")

    def guarded(show: Callable[[Self], Response], request: Request) -> Response:
        try:
            with desk.call(request) as call:
                me = _me(desk, request, call)
        except _Stranger:
            query = request.url.query if "client_id" in request.query_params else "account=1"
            return RedirectResponse(f"/sign-in?{query}", 303)
        return show(me)

    @router.get("")
    def account(request: Request) -> Response:
        return guarded(lambda me: _account(desk, request, me), request)

    @router.get("/password")
    def ask_for_password(request: Request) -> Response:
        return guarded(lambda me: _shown(desk, request, me, "account-password.html"), request)

    @router.post("/password")
    def change_password(request: Request, form: Submitted) -> Response:
        return guarded(lambda me: _change_password(desk, request, me, form), request)

    @router.get("/app")
    def offer_app(request: Request) -> Response:
        return guarded(lambda me: _offer_app(desk, request, me), request)

    @router.post("/app")
    def confirm_app(request: Request, form: Submitted) -> Response:
        return guarded(lambda me: _confirm_app(desk, request, me, form), request)

    @router.get("/app/remove")
    @router.get("/passkeys/{id}/remove")
    def ask_to_remove(request: Request) -> Response:
        return guarded(lambda me: _shown(desk, request, me, "account-remove.html", is_app=_is_app(request)), request)

    @router.post("/app/remove")
    @router.post("/passkeys/{id}/remove")
    def remove(request: Request, form: Submitted) -> Response:
        return guarded(lambda me: _remove(desk, request, me, form, parse_id(request.path_params.get("id"))), request)

    @router.get("/passkeys")
    def offer_passkey(request: Request) -> Response:
        return guarded(lambda me: _offer_passkey(desk, request, me), request)

    @router.post("/passkeys")
    def add_passkey(request: Request, form: Submitted) -> Response:
        return guarded(lambda me: _add_passkey(desk, request, me, form), request)

    @router.get("/codes")
    def offer_codes(request: Request) -> Response:
        return guarded(lambda me: _shown(desk, request, me, "account-new-codes.html"), request)

    @router.post("/codes")
    def new_codes(request: Request, form: Submitted) -> Response:
        return guarded(lambda me: _new_codes(desk, request, me, form), request)

    @router.post("/browsers/others/end")
    def end_others(request: Request, form: Submitted) -> Response:
        return guarded(lambda me: _end_others(desk, request, me), request)

    @router.post("/browsers/{id}/end")
    def end_one(request: Request, id: str, form: Submitted) -> Response:
        return guarded(lambda me: _end_one(desk, request, me, parse_id(id)), request)

    return router


def _me(desk: Desk, request: Request, call: Call) -> Self:
    sign_in = run(actions.current, call, desk.kept(request))
    if sign_in is None:
        raise _Stranger
    has = run(factors.held, call.db, sign_in.person_id)
    if has.any and proofs.acr(sign_in.methods) != proofs.TWO:
        raise _Stranger
    person = run(call.db.get, Person, sign_in.person_id)
    return Self(sign_in, person, call.now - sign_in.signed_in_at < proofs.FRESH, has)


def _account(desk: Desk, request: Request, me: Self) -> Response:
    with desk.call(request) as call:
        browsers = run(actions.under_way, call, me.person.id)
    can_have_passkeys = bool(proofs.relying_party(desk.settings.issuer_url))
    return _shown(
        desk,
        request,
        me,
        "account.html",
        browsers=browsers,
        can_have_passkeys=can_have_passkeys,
        portal=desk.settings.web_url,
    )


def _change_password(desk: Desk, request: Request, me: Self, form: Form) -> Response:
    try:
        proven(desk, request, me.person.email, form["old_password"])
    except (TooMany, Unknown) as refusal:
        reason = "account.wrong-password" if isinstance(refusal, Unknown) else refusal.reason
        form.refuse("old_password", desk.told(request, reason, **refusal.values))
        return _shown(desk, request, me, "account-password.html", form=form)
    try:
        check_password(form["password"], form["again_password"], me.person.email)
    except Refused as refusal:
        form.refuse(refusal.field, desk.told(request, refusal.reason, **refusal.values))
        return _shown(desk, request, me, "account-password.html", form=form)
    password_hash = passwords.hashed(form["password"])
    with desk.call(request) as call:
        run(actions.set_password, call, me.person.id, password_hash, me.sign_in.id)
    say = request.state.language.gettext
    return desk.pages.state(
        request,
        200,
        picture="scene",
        title=say("Пароль змінено"),
        text=say("В інших браузерах ви вийшли: туди тепер входять із новим паролем."),
        actions=[Action(say("До мого входу"), "/account")],
    )


def _offer_app(desk: Desk, request: Request, me: Self, form: Form | None = None) -> Response:
    try:
        with desk.call(request) as call:
            secret = run(factors.offer, call, me.person.id)
    except WrongState:
        return RedirectResponse(desk.onward(request), 303)
    drawing = segno.make(proofs.address(secret, me.person.email), error="m", micro=False)
    return _shown(
        desk,
        request,
        me,
        "account-app.html",
        form=form,
        secret=proofs.grouped(secret),
        drawing=drawing.svg_inline(scale=5, border=4, omitsize=True, light="#fff", svgclass="qr"),
        is_required="client_id" in request.query_params,
    )


def _confirm_app(desk: Desk, request: Request, me: Self, form: Form) -> Response:
    try:
        _prove_again(desk, request, me, form)
        if not form["code"]:
            raise Refused("code", "factor.code-missing")
        with desk.call(request) as call:
            codes = run(factors.confirm, call, me.person.id, form["code"])
            run(actions.strengthen, call, me.sign_in.id, proofs.CODE)
    except WrongState:
        return RedirectResponse(desk.onward(request), 303)
    except (Refused, TooMany, Unknown) as refusal:
        _objection(desk, request, form, refusal, "code")
        return _offer_app(desk, request, me, form)
    return _told_codes(desk, request, me, codes)


def _offer_passkey(desk: Desk, request: Request, me: Self, form: Form | None = None) -> Response:
    if not proofs.relying_party(desk.settings.issuer_url):
        return RedirectResponse("/account", 303)
    known = [passkey.credential_id for passkey in me.has.passkeys]
    with desk.call(request) as call:
        options = passkeys.to_make(call, request.state.visitor, str(me.person.id), me.person.email, known)
    return _shown(desk, request, me, "account-passkey.html", form=form, scripts=True, options=options)


def _add_passkey(desk: Desk, request: Request, me: Self, form: Form) -> Response:
    device = proofs.device_of(request.headers.get("user-agent", ""))
    try:
        _prove_again(desk, request, me, form)
        with desk.call(request) as call:
            codes = run(factors.add_passkey, call, me.person.id, form["answer"], request.state.visitor, device)
            run(actions.strengthen, call, me.sign_in.id, proofs.PASSKEY)
    except (Refused, TooMany, Unknown, WrongState) as refusal:
        _objection(desk, request, form, refusal, "")
        return _offer_passkey(desk, request, me, form)
    return _told_codes(desk, request, me, codes)


def _remove(desk: Desk, request: Request, me: Self, form: Form, passkey: UUID | None) -> Response:
    is_app = _is_app(request)
    try:
        _prove_again(desk, request, me, form)
    except (Refused, TooMany) as refusal:
        _objection(desk, request, form, refusal, "password")
        return _shown(desk, request, me, "account-remove.html", form=form, is_app=is_app)
    with desk.call(request) as call:
        if is_app:
            run(factors.give_up_app, call, me.person.id)
        elif passkey is not None:
            run(factors.give_up_passkey, call, me.person.id, passkey)
    return RedirectResponse("/account", 303)


def _is_app(request: Request) -> bool:
    """Whether it is about the app, and not a passkey."""
    return "id" not in request.path_params


def _new_codes(desk: Desk, request: Request, me: Self, form: Form) -> Response:
    try:
        _prove_again(desk, request, me, form)
        with desk.call(request) as call:
            codes = run(factors.new_codes, call, me.person.id)
    except WrongState:
        return RedirectResponse("/account", 303)
    except (Refused, TooMany) as refusal:
        _objection(desk, request, form, refusal, "password")
        return _shown(desk, request, me, "account-new-codes.html", form=form)
    return _told_codes(desk, request, me, codes)


def _end_others(desk: Desk, request: Request, me: Self) -> Response:
    with desk.call(request) as call:
        run(actions.end_others, call, me.person.id, me.sign_in.id)
    return RedirectResponse("/account", 303)


def _end_one(desk: Desk, request: Request, me: Self, id: UUID | None) -> Response:
    with desk.call(request) as call:
        for each in run(actions.under_way, call, me.person.id):
            if each.id == id:
                run(actions.end, call, each.id)
    return RedirectResponse("/account", 303)


def _told_codes(desk: Desk, request: Request, me: Self, codes: list[str]) -> Response:
    if not codes:
        return RedirectResponse(desk.onward(request), 303)
    return _shown(
        desk, request, me, "account-codes.html", codes=[proofs.grouped(each) for each in codes], on=desk.onward(request)
    )


def _prove_again(desk: Desk, request: Request, me: Self, form: Form) -> None:
    """An unattended browser is not enough to change how somebody signs in.

    Raises:
        Refused: the password is wrong.
        TooMany: there were too many attempts.
    """
    if me.is_fresh:
        return
    try:
        proven(desk, request, me.person.email, form["password"])
    except Unknown:
        raise Refused("password", "account.wrong-password") from None


def _objection(desk: Desk, request: Request, form: Form, refusal: Refusal, field: str) -> None:
    form.refuse(refusal.field or field, desk.told(request, refusal.reason, **refusal.values))


def _shown(desk: Desk, request: Request, me: Self, template: str, **context: Any) -> Response:
    return desk.pages.show(request, template, me=me, asks_password=not me.is_fresh, **context)
