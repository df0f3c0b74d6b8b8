""" "Твій дільничний": who serves which street, as a list, and what the hromada hands out of it."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from kit.names import last
from kit.pages import Language
from spilno.reception.v1 import leaflets_pb2 as pb
from spilno.reception.v1 import officers_pb2, prints_pb2
from starlette.requests import Request
from starlette.responses import Response

from web import areas, plans, words
from web.portal import Office, TheWeb, Web
from web.resident.routes import TheOffice, hours_of

router = APIRouter(prefix="/{slug}")


@router.get("/officers")
async def officers(request: Request, web: TheWeb, office: TheOffice, place: str = "") -> Response:
    listed = await _beats(web, office)
    settlements = sorted({each for beat in listed for each in beat.settlements})
    shown = [beat for beat in listed if place not in settlements or place in beat.settlements]
    plan = await plans.plan(web, office, [(f"№ {beat.number}", beat.area, False) for beat in shown])
    return web.pages.show(
        request,
        "resident/officers.html",
        beats=[told(beat, request.state.language) for beat in shown],
        settlements=[("", request.state.language.gettext("Уся громада")), *((each, each) for each in settlements)],
        place=place if place in settlements else "",
        drawing=areas.drawing([(str(beat.number), beat.area) for beat in shown]),
        plan=plan,
        scripts=plan is not None,
    )


@router.get("/officers/booklet")
async def booklet(request: Request, web: TheWeb, office: TheOffice) -> Response:
    """The booklet as a page to print from the browser."""
    return web.pages.show(
        request,
        "resident/booklet.html",
        beats=[told(beat, request.state.language) for beat in await _beats(web, office)],
        hours=await hours_of(request, web, office),
        today=web.clock.now(),
    )


@router.get("/officers/booklet.pdf")
async def booklet_file(web: TheWeb, office: TheOffice) -> Response:
    return file(await web.leaflets.PrintBooklet(pb.PrintBookletRequest(parent=office.parent, office=line(web, office))))


@router.get("/officers/{officer_id}/cards.pdf")
async def cards_file(web: TheWeb, office: TheOffice, officer_id: UUID) -> Response:
    name = f"{office.parent}/officers/{officer_id}"
    return file(await web.leaflets.PrintCards(pb.PrintCardsRequest(name=name, office=line(web, office))))


@router.get("/reception.pdf")
async def poster_file(web: TheWeb, office: TheOffice) -> Response:
    return file(await web.leaflets.PrintPoster(pb.PrintPosterRequest(parent=office.parent, office=line(web, office))))


def line(web: Web, office: Office) -> pb.OfficeLine:
    """The office, as it stands on what is handed out."""
    return pb.OfficeLine(
        title=office.title,
        address=office.address,
        directions=office.directions,
        phones=office.phones,
        link=f"{web.settings.web_url.rstrip('/')}/{office.slug}",
    )


def told(beat: officers_pb2.ServedBeat, language: Language) -> dict[str, Any]:
    """A beat as the directory shows it."""
    say = language.gettext
    has_officer = beat.HasField("officer")
    return {
        "number": beat.number,
        "title": beat.title,
        "settlements": list(beat.settlements),
        "streets": list(beat.streets),
        "officer": beat.officer if has_officer else None,
        "officer_id": last(beat.officer.name) if has_officer else "",
        "kind": words.word(words.officer_kinds(say), beat.officer.kind).text if has_officer else "",
        "report": _day(beat.last_report_on, language),
        "next_report": _day(beat.next_report_on, language),
        "meeting": _day(beat.last_meeting_on, language),
    }


def _day(day: str, language: Language) -> str:
    return language.date(date.fromisoformat(day)) if day else ""


async def _beats(web: Web, office: Office) -> list[officers_pb2.ServedBeat]:
    found = await web.beats.GetDirectory(officers_pb2.GetDirectoryRequest(parent=office.parent))
    return list(found.beats)


def file(document: prints_pb2.Document) -> Response:
    """What everybody may have, made of what stands now."""
    headers = {"content-disposition": f'inline; filename="{document.file_name}"', "cache-control": "no-cache"}
    return Response(document.content, media_type=document.content_type, headers=headers)
