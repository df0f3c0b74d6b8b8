"""What goes wrong, in words that say what follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException


class UnreadableForm(Exception):
    """The body is not a form that a browser makes: another type, invalid UTF-8, NUL bytes."""


class ForeignForm(Exception):
    """The form was not made by our page for this browser, or its cookie is gone."""


class TooLarge(Exception):
    """The body is over the limit."""


@dataclass(frozen=True)
class Action:
    """A way on from a page that has nothing else to offer."""

    label: str
    href: str


class Trouble(Exception):
    """What an endpoint raises to end in a page for one plain message."""

    def __init__(
        self,
        status: int,
        *,
        title: str,
        text: str,
        picture: str = "404",
        actions: Sequence[Action] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.text = text
        self.picture = picture
        self.actions = actions
        self.retry_after = retry_after


def explain(problem: Exception, _: Callable[[str], str]) -> Trouble:
    """What to tell a person about a problem; `_` says it in their language."""
    match problem:
        case Trouble():
            told = problem
        case RequestValidationError() | HTTPException(status_code=404 | 405):
            told = Trouble(
                404,
                title=_("Такої сторінки немає"),
                text=_("Можливо, адреса з помилкою або сторінку перенесли. Ваші звернення на місці."),
            )
        case HTTPException(status_code=403):
            told = Trouble(
                403,
                picture="empty",
                title=_("Ця сторінка не для вас"),
                text=_("Вона відкрита лише тим, хто має на це дозвіл."),
            )
        case UnreadableForm():
            told = Trouble(
                400,
                title=_("Не вдалося прочитати написане"),
                text=_(
                    "У тексті є знаки, яких браузер зазвичай не надсилає. Поверніться назад, приберіть вставлене "
                    "з інших програм і спробуйте ще раз."
                ),
            )
        case ForeignForm():
            told = Trouble(
                403,
                picture="expired",
                title=_("Сторінка застаріла"),
                text=_(
                    "Ми не змогли перевірити, що форму надіслали саме ви. Поверніться назад, оновіть сторінку "
                    "і надішліть ще раз. Браузер має дозволяти файли cookie цього сайту."
                ),
            )
        case TooLarge():
            told = Trouble(
                413,
                title=_("Забагато тексту"),
                text=_("Форма завелика для надсилання. Поверніться назад, скоротіть текст і спробуйте ще раз."),
            )
        case _:
            told = Trouble(
                500,
                picture="offline",
                title=_("Щось пішло не так"),
                text=_("Це наша помилка, не ваша. Спробуйте ще раз за кілька хвилин."),
            )
    return told
