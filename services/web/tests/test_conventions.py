import re
from pathlib import Path

import web
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from fastapi.routing import APIRoute
from kit.pages.forms import read
from web.office.agreements import router as agreements
from web.office.attachments import router as attachments
from web.office.cameras import router as cameras
from web.office.hazards import router as office_hazards
from web.office.notices import router as notices
from web.office.organisations import router as organisations
from web.office.partners import router as partners
from web.office.processing import router as processing
from web.office.projects import router as projects
from web.office.routes import router as office
from web.office.venues import router as venues
from web.operator.arrivals import router as arrivals
from web.operator.routes import router as operator
from web.operator.templates import router as templates
from web.resident.hazards import router as hazards
from web.resident.routes import router as resident
from web.sign_in.routes import router as sign_in

from kit import pages

HERE = Path(web.__file__).parent


def test_every_text_has_its_english() -> None:
    said = {
        text[0] if isinstance(text, tuple) else text
        for _, _, text, _, _ in extract_from_dir(
            HERE,
            [("**.py", "python"), ("**.html", "jinja2")],
            options_map={"**.html": {"trimmed": "true"}},
            keywords={"_": None, "say": None, "gettext": None, "ngettext": (1, 2)},
        )
    }
    translated = set()
    for folder in (HERE, Path(pages.__file__).parent):
        with (folder / "locale/en.po").open("rb") as source:
            for message in read_po(source, locale="en"):
                if message.id and message.string:
                    translated.add(message.id if isinstance(message.id, str) else message.id[0])
    assert said - translated == set()


def test_templates_have_nothing_inline() -> None:
    inline = re.compile(r"""\sstyle=|<script(?! src=)|<style|\son[a-z]+=|javascript:""", re.IGNORECASE)
    for path in HERE.rglob("*.html"):
        assert not inline.search(path.read_text()), path


def test_every_post_reads_a_form_that_proves_it_is_ours() -> None:
    posts = [
        route
        for router in (
            *(sign_in, operator, arrivals, templates, office, attachments, cameras, notices),
            *(partners, organisations, agreements, projects, venues, processing, resident, hazards, office_hazards),
        )
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    ]
    assert len(posts) >= 9
    for route in posts:
        assert any(dependency.call is read for dependency in route.dependant.dependencies), route.path
