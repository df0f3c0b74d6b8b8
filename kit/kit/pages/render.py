"""Templates, pages and the answers to what goes wrong."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import CodeType
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kit import phones
from kit.files.kinds import ACCEPTED
from kit.pages import language as languages
from kit.pages.forms import Form
from kit.pages.packing import Packing
from kit.pages.security import PROOF, Guard, Safety
from kit.pages.static import Static
from kit.pages.troubles import Action, ForeignForm, TooLarge, Trouble, UnreadableForm, explain

HERE = Path(__file__).parent


class Pages:
    """The templates of one application, in each language, and the answers to what goes wrong."""

    def __init__(
        self,
        *,
        base_url: str,
        secret: str,
        templates: Path,
        locale: Path,
        form_targets: Sequence[str] = (),
        static: Sequence[Path] = (),
        large: Mapping[str, int] | None = None,
    ) -> None:
        self.safety = Safety(base_url=base_url, secret=secret, form_targets=form_targets, large=large or {})
        self._languages = languages.load([HERE / "locale", locale])
        self._static = Static([HERE / "static", *static], [HERE / "templates", templates])
        self._environments = {
            language.code: self._environment([templates, HERE / "templates"], language)
            for language in self._languages.values()
        }

    def install(self, app: FastAPI) -> None:
        """Serves the static files and makes every answer of the application a guarded one, errors included."""
        app.state.safety = self.safety
        app.router.routes.append(Route("/static/{key:path}", self._static.serve))
        for kind in (HTTPException, RequestValidationError, Trouble, UnreadableForm, ForeignForm, TooLarge):
            app.add_exception_handler(kind, self.problem)
        app.add_middleware(Packing)
        app.add_middleware(Guard, safety=self.safety, languages=self._languages, respond=self.problem)

    def show(
        self,
        request: Request,
        template: str,
        *,
        form: Form | None = None,
        status: int | None = None,
        scripts: bool = False,
        media: str = "",
        **context: Any,
    ) -> Response:
        """The page in the person's language. A refused form makes it a 422. Only a page that asks may run scripts, or
        with them play media of other origins."""
        form = form or Form(language=request.state.language)
        if status is None:
            status = 422 if form.is_refused else 200
        environment = self._environments[request.state.language.code]
        page = environment.get_template(template).render(
            {
                "request": request,
                "form": form,
                "csrf": self._proof(request),
                "title_prefix": request.state.language.gettext("Помилка: ") if form.is_refused else "",
                "other_language_href": _in_other_language(request),
                **self._surroundings(request),
                **context,
            }
        )
        policy = self.safety.with_media(media) if media else self.safety.with_scripts if scripts else None
        return HTMLResponse(page, status, policy)

    def state(
        self,
        request: Request,
        status: int,
        *,
        title: str,
        text: str,
        picture: str = "404",
        actions: Sequence[Action] = (),
        retry_after: int | None = None,
    ) -> Response:
        """A whole page for one plain message: a picture, the cause, a way on."""
        home = Action(request.state.language.gettext("На головну"), "/")
        response = self.show(
            request,
            "state.html",
            status=status,
            title=title,
            text=text,
            picture_name=picture,
            actions=actions or [home],
        )
        if retry_after is not None:
            response.headers["retry-after"] = str(retry_after)
        return response

    def problem(self, request: Request, problem: Exception) -> Response:
        """The page for what went wrong."""
        told = explain(problem, request.state.language.gettext)
        return self.state(
            request,
            told.status,
            title=told.title,
            text=told.text,
            picture=told.picture,
            actions=told.actions,
            retry_after=told.retry_after,
        )

    def _proof(self, request: Request) -> Markup:
        return Markup('<input type="hidden" name="{}" value="{}">').format(PROOF, self.safety.prove(request))

    @staticmethod
    def _surroundings(request: Request) -> dict[str, Any]:
        """What the application knows about the page's place, such as the office in the header."""
        known: dict[str, Any] = getattr(request.state, "surroundings", {})
        return known

    def _environment(self, folders: Iterable[Path], language: languages.Language) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(list(folders)),
            extensions=["jinja2.ext.i18n"],
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=_COMPILED,
        )
        environment.policies["ext.i18n.trimmed"] = True
        i18n: Any = environment  # the extension adds its methods to the environment
        i18n.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)
        drawings: Any = environment.get_template("drawings.html").module
        environment.globals.update(
            language=language,
            static=self._static.address,
            icon=drawings.icon,
            picture=drawings.picture,
            mark=drawings.mark,
            accepted_files=ACCEPTED,
        )
        environment.filters["phone"] = phones.written
        return environment


class _Compiled(BytecodeCache):
    """What became of each template, for every language: a page is compiled once a process."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._known.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._known[bucket.key] = bucket.checksum, bucket.code


_COMPILED = _Compiled()


def _in_other_language(request: Request) -> str:
    url = request.url if request.method == "GET" else request.url.replace(query="")
    asked = url.include_query_params(lang=request.state.language.other)
    return f"{asked.path}?{asked.query}"
