"""Where residents come to, and what awaits them on the way in."""

from fastapi import APIRouter
from spilno.identity.v1 import venues_pb2 as pb
from starlette.requests import Request
from starlette.responses import Response

from web import partners
from web.portal import TheWeb
from web.resident.routes import TheOffice

router = APIRouter()


@router.get("/{slug}/about")
async def about(request: Request, web: TheWeb, office: TheOffice) -> Response:
    listed = await web.venues.ListOpenVenues(pb.ListOpenVenuesRequest(parent=office.parent))
    language = request.state.language
    is_english = language.code == "en"
    return web.pages.show(
        request,
        "resident/about.html",
        venues=[
            {
                "one": each,
                "title": (is_english and each.title_en) or each.title,
                "address": language.bound((is_english and each.address_en) or each.address),
                "answers": partners.accessibility(each, language),
            }
            for each in listed.venues
        ],
    )
