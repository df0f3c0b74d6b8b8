"""The pages that web and identity's sign-in share: look, languages, forms and their safety.

A service makes one `Pages`, installs it into its FastAPI application and shows templates:

    pages = Pages(
        base_url="http://127.0.0.1:7101",       # https makes cookies Secure with the __Host- prefix
        secret=settings.secret.get_secret_value(),  # keys the proof that a form is ours
        templates=HERE / "templates",            # found before the kit's own
        locale=HERE / "locale",                  # en.po, uk.po: merged over the kit's own
        form_targets=["http://127.0.0.1:8080"],  # other origins that a form's redirect may lead to (CSP form-action)
    )
    app = FastAPI(openapi_url=None)
    pages.install(app)                           # /static, headers, limits, language, error pages

    @app.get("/sign-in")
    def ask(request: Request) -> Response:
        return pages.show(request, "sign-in.html", form=Form())

    @app.post("/sign-in")
    def answer(request: Request, form: Submitted) -> Response:      # sync and async endpoints alike
        if not known(form["email"], form["password"]):
            form.refuse("email", form.language.gettext("Пошта або пароль не збігаються"))
            return pages.show(request, "sign-in.html", form=form)   # 422 by itself when the form is refused
        return RedirectResponse("…", 303)

`Submitted` has read the body within the limit, refused invalid UTF-8, NUL bytes and a missing or foreign form
token, and stripped the values (not of passwords): a page that takes a POST takes a `Submitted`. Its
machine neighbours (token, jwks) in the same application do not ask for it. A form of `enctype="multipart/form-data"`
with `p.files(form, "files", _("…"))` brings `form.files`: each a `Sent` with a file that has no name on the disk.

A template extends a shell and fills `title` and `main`; the macros are in `parts.html`:

    {% extends "plain.html" %}            {# plain: no hromada; resident, office, operator: web's own portals #}
    {% import "parts.html" as p with context %}
    {% block title %}{{ _("Вхід") }}{% endblock %}
    {% block main %}<div class="wrap sp-main"><div class="signin card card--flush">…
      {{ p.error_summary(form) }}
      <form method="post" novalidate>{{ csrf }}
        {{ p.text(form, "email", _("Пошта"), type="email", autocomplete="username") }}
        {{ p.text(form, "password", _("Пароль"), type="password", autocomplete="current-password") }}
        {{ p.button(_("Увійти"), wide=True) }}
      </form>{% endblock %}

Every template knows: `_`, `ngettext`, `{% trans %}` (Ukrainian source text is the message id; newstyle: `_("… %(n)s",
n=1)`, a percent sign is `%%`), `language` (`.code`, `.day(d)`, `.date(d)`, `.moment(t)`, `.stamp(t)`, `.number(n)`),
`csrf`, `static("app.css")`, `icon("check")`, `picture("404")`, `mark()`, `request`, `title_prefix`.

No inline styles or scripts: the policy forbids them. A whole-page message, such as a link that was used already:

    return pages.state(request, 410, picture="expired", title=…, text=…, actions=[Action(label, href)])

or `raise Trouble(410, picture=…, title=…, text=…)` from anywhere below an endpoint, `raise HTTPException(404)` for
the usual ones.
"""

from kit.pages.forms import Form, Submitted
from kit.pages.language import Language
from kit.pages.render import Pages
from kit.pages.troubles import Action, Trouble
from kit.pages.uploads import Sent

__all__ = ["Action", "Form", "Language", "Pages", "Sent", "Submitted", "Trouble"]
