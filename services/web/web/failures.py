"""What the services refuse, as pages."""

import re
from urllib.parse import urlencode

import grpc
from fastapi import FastAPI
from kit.errors import Away, Refusal
from kit.pages import Action, Language, Trouble
from kit.rpc.client import Failure
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.portal import AccessEnded, SignInNeeded, keep_draft, of
from web.sign_in.issuer import Refused

_PAUSE = 5
_CASE = re.compile(r"/[a-z0-9-]+/office/appeals/[0-9a-f-]{36}")


def install(app: FastAPI) -> None:
    app.add_exception_handler(Failure, _failure)
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(Refused, _not_let_in)
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(AccessEnded, _access_ended)


def away(language: Language) -> Trouble:
    _ = language.gettext
    return Trouble(
        503,
        picture="offline",
        title=_("Зараз не виходить"),
        text=_("Служба не відповідає. Нічого не зникло. Спробуйте ще раз за хвилину або зателефонуйте до офісу."),
        retry_after=_PAUSE,
    )


def not_here(language: Language, title: str) -> Trouble:
    _ = language.gettext
    return Trouble(
        403,
        picture="empty",
        title=_("Ви не працюєте в цьому офісі"),
        text=_("%s: для вашого облікового запису доступу немає. Його надає керівник офісу.") % title,
    )


def explain(failure: Failure, language: Language) -> Trouble:
    """A page for a refusal that the page itself had no place for."""
    _ = language.gettext
    match failure.code:
        case _ if failure.reason == "hromada.suspended":
            told = Trouble(
                503,
                picture="expired",
                title=_("Офіс тимчасово не працює"),
                text=_("Оператор платформи призупинив сторінки цієї громади. Подані звернення збережено."),
            )
        case _ if failure.reason == "hromada.provisioning":
            told = Trouble(
                503,
                picture="offline",
                title=_("Офіс ще готують"),
                text=_("Сторінки цієї громади відкриються за кілька секунд. Оновіть сторінку."),
                retry_after=_PAUSE,
            )
        case grpc.StatusCode.NOT_FOUND:
            told = Trouble(
                404,
                title=_("Такої сторінки немає"),
                text=_("Можливо, адреса з помилкою або сторінку перенесли. Ваші звернення на місці."),
            )
        case grpc.StatusCode.PERMISSION_DENIED:
            told = Trouble(
                403,
                picture="empty",
                title=_("Ця сторінка не для вас"),
                text=_("Вона відкрита лише тим, хто має на це дозвіл."),
            )
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            told = Trouble(
                429,
                picture="expired",
                title=_("Забагато спроб"),
                text=failure.message or _("Зачекайте трохи й спробуйте ще раз."),
                retry_after=int(failure.retry_after.total_seconds()) if failure.retry_after else _PAUSE,
            )
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.DEADLINE_EXCEEDED | grpc.StatusCode.UNAUTHENTICATED:
            told = away(language)
        case grpc.StatusCode.INVALID_ARGUMENT | grpc.StatusCode.FAILED_PRECONDITION | grpc.StatusCode.ABORTED:
            told = Trouble(409, title=_("Так не вийде"), text=failure.message)
        case _:
            told = Trouble(
                502,
                picture="offline",
                title=_("Щось пішло не так"),
                text=_("Це наша помилка, не ваша. Спробуйте ще раз за кілька хвилин."),
            )
    return told


def _failure(request: Request, problem: Exception) -> Response:
    if not isinstance(problem, Failure):
        raise problem
    case = _CASE.match(request.url.path)
    if problem.reason == "case.purpose-missing" and case:
        return RedirectResponse(f"{case[0]}/purpose", 303)
    return of(request).pages.problem(request, explain(problem, request.state.language))


def _refusal(request: Request, problem: Exception) -> Response:
    """Of the kit's own refusals only one reaches a page: the sessions' database, or the issuer, does not answer."""
    if not isinstance(problem, Away):
        raise problem
    return of(request).pages.problem(request, away(request.state.language))


def _not_let_in(request: Request, problem: Exception) -> Response:
    _ = request.state.language.gettext
    return of(request).pages.state(
        request,
        400,
        picture="expired",
        title=_("Вхід не вдався"),
        text=_("Сторінка входу застаріла або її вже використали. Почніть вхід знову."),
    )


async def _sign_in(request: Request, problem: Exception) -> Response:
    """Leads to sign-in and back. Who was in mid-form is told that nothing is lost."""
    if not isinstance(problem, SignInNeeded):
        raise problem
    href = f"/sign-in?{urlencode({'to': problem.to})}"
    if problem.form is None:
        return RedirectResponse(href, 303)
    await keep_draft(request, problem.to, problem.form)
    _ = request.state.language.gettext
    return of(request).pages.state(
        request,
        401,
        picture="expired",
        title=_("Час минув, дані збережено"),
        text=_("Ми закрили ваш вхід задля безпеки. Написане чекає пів години: увійдіть і продовжуйте."),
        actions=[Action(_("Увійти й продовжити"), href)],
    )


async def _access_ended(request: Request, problem: Exception) -> Response:
    """Says that the access has ended, and of a form that it was not sent and where it is."""
    if not isinstance(problem, AccessEnded):
        raise problem
    _ = request.state.language.gettext
    text = _("%s: керівник офісу закрив доступ, або минув його строк. Ви вийшли з кабінету на всіх пристроях.")
    told = [text % problem.office.title]
    if problem.form is not None:
        await keep_draft(request, problem.to, problem.form)
        told.append(_("Форму не надіслано. Написане чекає пів години: якщо доступ повернуть, увійдіть і продовжуйте."))
    told.append(_("Якщо це помилка, зверніться до керівника офісу."))
    again = f"/sign-in?{urlencode({'to': problem.to, 'anew': 1})}"
    return of(request).pages.state(
        request,
        403,
        picture="expired",
        title=_("Ваш доступ до офісу закінчився"),
        text=" ".join(told),
        actions=[
            Action(_("На сторінку громади"), f"/{problem.office.slug}"),
            Action(_("Увійти як інша особа"), again),
        ],
    )
