"""What is shown to whoever may be in danger at home, and what everybody may know in numbers."""

from fastapi import APIRouter
from kit.clock import kyiv_date
from kit.pages import Language
from spilno.reception.v1 import figures_pb2 as pb
from starlette.requests import Request
from starlette.responses import Response

from web import words
from web.portal import TheWeb
from web.resident.routes import TheOffice

router = APIRouter()


@router.get("/{slug}/safe")
async def safe(request: Request, web: TheWeb, office: TheOffice) -> Response:
    return web.pages.show(request, "resident/safe.html", scripts=True)


@router.get("/{slug}/figures")
async def figures(request: Request, web: TheWeb, office: TheOffice, year: int = 0) -> Response:
    language: Language = request.state.language
    say = language.gettext
    year = year if year in range(2000, 2201) else kyiv_date(web.clock.now()).year
    told = await web.figures.GetPublicFigures(pb.GetPublicFiguresRequest(parent=office.parent, year=year))

    def count(said: pb.PublicCount) -> str:
        return say("не показуємо") if said.suppressed else language.number(said.count)

    areas, states = words.areas(say), words.states(say)
    return web.pages.show(
        request,
        "resident/figures.html",
        year=year,
        total=count(told.total),
        tables=[
            ("areas", say("Чого стосувалися"), [(words.word(areas, x.area).text, count(x.count)) for x in told.areas]),
            ("states", say("Що з ними"), [(words.word(states, x.state).text, count(x.count)) for x in told.states]),
            ("kept", say("Окремо"), [(say("Справи з обмеженим доступом"), count(told.sensitive))]),
        ],
    )
