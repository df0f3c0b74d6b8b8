"""The hromada's map, for the pages' script: public, and the same for everybody."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from web import plans
from web.portal import TheWeb
from web.resident.routes import TheOffice

router = APIRouter(prefix="/{slug}")

_KEPT = "public, max-age=60"


@router.get("/map.geojson")
async def features(request: Request, web: TheWeb, office: TheOffice) -> Response:
    found = await plans.kept(web, office)
    headers = {"etag": f'"{found.etag}"', "cache-control": _KEPT}
    if not found.features:
        return Response(status_code=404)
    if request.headers.get("if-none-match", "").removeprefix("W/") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(found.features, media_type="application/geo+json", headers=headers)
