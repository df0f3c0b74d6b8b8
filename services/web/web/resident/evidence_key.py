"""The key by which anybody checks what the hromada signed as evidence."""

from fastapi import APIRouter
from spilno.cctv.v1 import evidence_pb2
from starlette.requests import Request
from starlette.responses import Response

from web.portal import TheWeb
from web.resident.routes import TheOffice

router = APIRouter(prefix="/{slug}")


@router.get("/evidence-key.pem")
async def key(request: Request, web: TheWeb, office: TheOffice) -> Response:
    found = await web.evidence.GetEvidenceKey(evidence_pb2.GetEvidenceKeyRequest(parent=office.parent))
    return Response(found.pem, media_type="application/x-pem-file", headers={"cache-control": "public, max-age=3600"})
