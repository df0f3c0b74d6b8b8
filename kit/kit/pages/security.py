"""What stands between a browser and the pages: headers, limits, the proof that a form is ours, the last catch."""

import hmac
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.keys import Keys
from kit.localisation import LOCALES
from kit.pages.language import FOREVER, Language, choose
from kit.pages.troubles import ForeignForm, TooLarge

PROOF = "proof"
FORM_LIMIT = 256 * 1024
# What is sent beyond the limit is still read, up to here, so that the browser stays to hear why it was refused.
PATIENCE = 32 * 1024 * 1024
FILES_LIMIT = 256 * 1024 * 1024
"""For a path whose form takes files along. Of one file no more is put down than may be taken; the rest is read so that
the form can be shown again, with what was typed."""

_VISITOR = re.compile(r"[A-Za-z0-9_-]{32}")
_log = structlog.get_logger("kit.pages")


class Respond(Protocol):
    def __call__(self, request: Request, problem: Exception) -> Response: ...


class Safety:
    """What one application promises about its cookies, forms and headers."""

    def __init__(self, *, base_url: str, secret: str, form_targets: Sequence[str], large: Mapping[str, int]) -> None:
        self._large = [(compile_path(path)[0], most) for path, most in large.items()]
        self._keys = Keys(secret)
        address = urlsplit(base_url)
        self.is_secure = address.scheme == "https"
        self._port = address.port
        self.headers = {
            "content-security-policy": "; ".join(
                (
                    "default-src 'none'",
                    "style-src 'self'",
                    "img-src 'self' data:",
                    "font-src 'self'",
                    " ".join(("form-action 'self'", *map(_origin, form_targets))),
                    "base-uri 'none'",
                    "frame-ancestors 'none'",
                )
            ),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=()",
        }
        policy = self.headers["content-security-policy"]
        self.with_scripts = {"content-security-policy": f"{policy}; script-src 'self'; connect-src 'self'"}
        """For the few pages that run our own script files, which may ask us for more and nobody else."""
        self._policy = policy
        if self.is_secure:
            self.headers["strict-transport-security"] = "max-age=31536000"

    def with_media(self, origins: str) -> dict[str, str]:
        """For the few pages whose scripts play media of other origins, with spaces between: there and home they may
        ask, nowhere else."""
        sockets = " ".join("ws" + each.removeprefix("http") for each in origins.split())
        policy = self._policy.replace("img-src 'self' data:", f"img-src 'self' data: {origins}")
        also = ("script-src 'self'", f"connect-src 'self' {origins} {sockets}", "media-src blob:")
        return {"content-security-policy": "; ".join((policy, *also))}

    def most(self, path: str) -> int:
        """How much may be sent to a path: what is told of it, if files are taken there; else what a form may have."""
        return next((most for pattern, most in self._large if pattern.match(path)), FORM_LIMIT)

    def cookie_name(self, name: str) -> str:
        """On https the browser itself guards the cookie; on http, ports of one machine must not share it."""
        return f"__Host-{name}" if self.is_secure else f"{name}-{self._port or 80}"

    def cookie(self, name: str, value: str, *, seconds: int | None = None) -> str:
        """A Set-Cookie header that scripts and other sites' forms cannot use."""
        parts = [f"{self.cookie_name(name)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
        if self.is_secure:
            parts.append("Secure")
        if seconds is not None:
            parts.append(f"Max-Age={seconds}")
        return "; ".join(parts)

    def prove(self, request: Request) -> str:
        """A proof for one form, fresh in each response, so that a compressed page tells nothing about it."""
        nonce = secrets.token_urlsafe(12)
        return f"{nonce}.{self._sign(nonce, request.state.visitor)}"

    def check(self, request: Request, proof: str) -> None:
        nonce, _, signature = proof.partition(".")
        foreign = request.headers.get("sec-fetch-site") == "cross-site"
        if foreign or not hmac.compare_digest(signature.encode(), self._sign(nonce, request.state.visitor).encode()):
            raise ForeignForm

    def _sign(self, nonce: str, visitor: str) -> str:
        return self._keys.digest("form", nonce, visitor).hex()


class Guard:
    """The outermost layer of an application with pages.

    Sets `request.state.language` and `request.state.visitor` (a random id of this browser, in a cookie that no script
    reads), puts the headers on every response, and turns what nobody caught into a page and a log line.
    """

    def __init__(self, app: ASGIApp, *, safety: Safety, languages: dict[str, Language], respond: Respond) -> None:
        self._app = app
        self._safety = safety
        self._languages = languages
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request = Request(scope)
        cookies = _cookies(request)
        visitor = cookies.get(self._safety.cookie_name("visitor"), "")
        is_new = not _VISITOR.fullmatch(visitor)
        request.state.visitor = secrets.token_urlsafe(24) if is_new else visitor
        language = choose(cookies.get("language", ""), request.headers.get("accept-language", ""))
        request.state.language = self._languages[language]
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._safety.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                is_page = headers.get("content-type", "").startswith("text/html")
                if is_page:
                    headers["content-language"] = request.state.language.code
                    headers.add_vary_header("accept-language")
                if is_new and (is_page or "location" in headers):
                    headers.append("set-cookie", self._safety.cookie("visitor", request.state.visitor))
            await send(message)

        try:
            if (chosen := self._choice_of_language(request)) is not None:
                await chosen(scope, receive, answer)
            else:
                await self._app(scope, _limited(receive, self._safety.most(scope["path"])), answer)
        except Exception as problem:
            _log.exception("page failed", method=request.method, route=_route(scope))
            if status:
                raise
            await self._respond(request, problem)(scope, receive, answer)
        finally:
            _log.info(
                "request",
                method=request.method,
                route=_route(scope),
                status=status,
                milliseconds=round((time.perf_counter() - began) * 1000, 1),
            )

    def _choice_of_language(self, request: Request) -> Response | None:
        """A link with ?lang=en remembers the choice and leads back to the same page without it."""
        asked = request.query_params.get("lang")
        if request.method != "GET" or asked not in LOCALES:
            return None
        rest = [
            pair for pair in parse_qsl(request.url.query, keep_blank_values=True, errors="replace") if pair[0] != "lang"
        ]
        path = "/" + request.scope["path"].lstrip("/")
        response = RedirectResponse(f"{path}?{urlencode(rest)}" if rest else path, 303)
        secure = "; Secure" if self._safety.is_secure else ""
        response.headers.append("set-cookie", f"language={asked}; Path=/; Max-Age={FOREVER}; SameSite=Lax{secure}")
        return response


def _limited(receive: Receive, most: int) -> Receive:
    taken = 0

    async def take() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken <= most:
            return message
        while message.get("more_body") and taken <= PATIENCE:
            message = await receive()
            taken += len(message.get("body", b""))
        raise TooLarge

    return take


def has_files(headers: Headers) -> bool:
    """Whether the body is a form of the kind that can hold files."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data"


def _cookies(request: Request) -> dict[str, str]:
    try:
        parsed: SimpleCookie = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in parsed.items()}


def _origin(url: str) -> str:
    address = urlsplit(url)
    return f"{address.scheme}://{address.netloc}"


def _route(scope: Scope) -> str:
    """The route's pattern: what a person's address holds beyond it stays out of the log."""
    if scope["path"].startswith("/static/"):
        return "/static"
    return str(getattr(scope.get("route"), "path", "unmatched"))
