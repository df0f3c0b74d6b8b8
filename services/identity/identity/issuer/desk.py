"""Where the library's synchronous code meets ours: worker threads that reach back to the event loop."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from anyio.from_thread import run
from kit.call import Call, Caller
from kit.errors import Refusal
from kit.pages import Action, Pages
from kit.service import Kit
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from identity.factors import rules as proofs
from identity.issuer import actions, rules

_COOKIE = "sign-in"
_FIRST_STEP = "first-step"


class Desk:
    """What the issuer's endpoints have at hand. They run in worker threads; verbs run through `run`."""

    def __init__(self, kit: Kit, pages: Pages) -> None:
        self.kit = kit
        self.pages = pages
        self.settings = kit.settings

    @contextmanager
    def call(self, request: Request) -> Iterator[Call]:
        """A call without a hromada; committed unless something is raised."""
        caller = Caller("", address=request.client.host if request.client else "")
        opening = self.kit.chain.call(caller, None, request.state.language.code)
        call: Call = run(opening.__aenter__)
        try:
            yield call
        except BaseException as error:
            run(opening.__aexit__, type(error), error, error.__traceback__)
            raise
        run(opening.__aexit__, None, None, None)

    def told(self, request: Request, reason: str, **values: object) -> str:
        """The text of a reason, in the person's language."""
        return self.kit.catalogue.text(reason, request.state.language.code, **values)

    def kept(self, request: Request) -> str:
        """What the browser keeps of its sign-in."""
        return request.cookies.get(self.pages.safety.cookie_name(_COOKIE), "")

    def keep(self, secret: str, seconds: int) -> str:
        """The header that makes the browser keep it, or forget it."""
        return self.pages.safety.cookie(_COOKIE, secret, seconds=seconds)

    def after_password(self, request: Request, person_id: UUID, now: datetime) -> str:
        """The header that makes the browser keep for a while whose password was right."""
        until = int((now + proofs.FIRST_STEP_LASTS).timestamp())
        sealed = self.kit.keys.seal(_FIRST_STEP, f"{person_id} {until}".encode(), request.state.visitor)
        return self.pages.safety.cookie(
            _FIRST_STEP,
            urlsafe_b64encode(sealed).decode().rstrip("="),
            seconds=int(proofs.FIRST_STEP_LASTS.total_seconds()),
        )

    def whose_password(self, request: Request, now: datetime) -> UUID | None:
        """Whose password was right in this browser, not long ago."""
        kept = request.cookies.get(self.pages.safety.cookie_name(_FIRST_STEP), "")
        try:
            sealed = urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
            person, until = self.kit.keys.open(_FIRST_STEP, sealed, request.state.visitor).decode().split()
        except ValueError:
            return None
        return UUID(person) if int(until) > now.timestamp() else None

    def admit(self, request: Request, person_id: UUID, methods: Sequence[str]) -> Response:
        """Signs the person in, in this browser, and sends them where they wanted to go."""
        with self.call(request) as call:
            earlier = run(actions.current, call, self.kept(request))
            if earlier is not None:
                run(actions.end, call, earlier.id)
            device = proofs.device_of(request.headers.get("user-agent", ""))
            secret = run(actions.begin, call, person_id, methods, device)
        welcome = RedirectResponse(self.onward(request), 303)
        welcome.headers.append("set-cookie", self.keep(secret, int(rules.SIGN_IN_LASTS.total_seconds())))
        welcome.headers.append("set-cookie", self.pages.safety.cookie(_FIRST_STEP, "", seconds=0))
        return welcome

    def onward(self, request: Request) -> str:
        """Where a person wanted to go when they were asked to sign in."""
        asked = parse_qsl(request.url.query, keep_blank_values=True, errors="replace")
        if not any(name == "client_id" for name, _ in asked):
            return "/account"
        again = urlencode([(name, value) for name, value in asked if name not in {"prompt", "max_age"}])
        return f"/authorize?{again}"

    def home(self, request: Request) -> Action:
        """The way to the portals."""
        return Action(request.state.language.gettext("На головну"), self.settings.web_url)

    def misled(self, request: Request) -> Response:
        """The page for a request that leads nowhere safe: it is not answered with a redirect."""
        say = request.state.language.gettext
        return self.pages.state(
            request,
            400,
            title=say("Тут увійти не вийде"),
            text=say("Сторінка, з якої ви прийшли, просить про вхід не так, як слід. Почніть з головної сторінки."),
            actions=[self.home(request)],
        )

    def away(self, request: Request, refusal: Refusal) -> Response:
        """The page while something that the issuer stands on does not answer."""
        return self.pages.state(
            request,
            503,
            picture="offline",
            title=request.state.language.gettext("Зачекайте хвилину"),
            text=self.told(request, refusal.reason),
            actions=[Action(request.state.language.gettext("Спробувати ще раз"), request.url.path)],
            retry_after=5,
        )
