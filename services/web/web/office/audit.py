"""The office's trail, for its head and its auditor: who saw and changed what, and whether nothing was taken out."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import grpc
from fastapi import APIRouter
from kit.names import last
from kit.pages import Form
from kit.rpc.client import Failure
from spilno.identity.v1 import trail_pb2 as pb
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from web import appeals, trail
from web.office.staff import Reading
from web.portal import TheWeb, Web

PAGE = 50
_MOST_RECORDS = 3

router = APIRouter(prefix="/{slug}/office/audit")


@router.get("")
async def show(
    request: Request, web: TheWeb, staff: Reading, day: str = "", member: str = "", record: str = "", page: str = ""
) -> Response:
    staff.require("trail.read")
    say, language = request.state.language.gettext, request.state.language
    form = Form({"day": day, "member": member, "record": record.strip()}, language)
    asked = pb.ListEntriesRequest(
        parent=staff.office.parent,
        page_size=PAGE,
        page_token=page,
        day=day,
        member=f"{staff.office.parent}/members/{member}" if _is_uuid(member) else "",
        record=record.strip(),
    )
    listed, status = await _entries(web, asked, form)
    seals = await web.trail.GetSeals(pb.GetSealsRequest(parent=staff.office.parent))
    filters = urlencode({name: value for name, value in form.values.items() if value})
    here = f"/{staff.office.slug}/office/audit"
    return web.pages.show(
        request,
        "office/audit.html",
        form=form,
        status=status,
        rows=[_row(each, request) for each in listed.entries],
        people=[("", say("Усі")), *((last(each.member), each.display_name) for each in listed.people)],
        is_filtered=bool(filters),
        first_href=f"{here}?{filters}" if page else "",
        next_href=f"{here}?{filters}&{urlencode({'page': listed.next_page_token})}" if listed.next_page_token else "",
        faults=[trail.fault(say, each) for each in seals.faults],
        sealed_at=language.moment(appeals.moment(seals.seals[0].at)) if seals.seals else "",
        seal=seals.seals[0] if seals.seals else None,
        checked=language.number(seals.checked_entries),
    )


@router.get("/export")
async def export(request: Request, web: TheWeb, staff: Reading) -> Response:
    """The sealed trail as a file. Its first part is awaited, so that a refusal is still a page."""
    staff.require("trail.read")
    parts = aiter(web.trail.ExportTrail(pb.ExportTrailRequest(parent=staff.office.parent)))
    first = await anext(parts, pb.TrailPart())

    async def lines() -> AsyncIterator[bytes]:
        yield first.lines
        async for part in parts:
            yield part.lines

    name = f"trail-{staff.office.slug}.jsonl"
    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=_as_file(name))


@router.get("/key")
async def key(request: Request, web: TheWeb, staff: Reading) -> Response:
    """The public key, to be kept apart from the platform."""
    staff.require("trail.read")
    seals = await web.trail.GetSeals(pb.GetSealsRequest(parent=staff.office.parent))
    name = f"trail-{staff.office.slug}.pem"
    return Response(seals.public_key, media_type="application/x-pem-file", headers=_as_file(name))


async def _entries(web: Web, asked: pb.ListEntriesRequest, form: Form) -> tuple[pb.ListEntriesResponse, int | None]:
    """What was asked for; nothing, with the fault at its field, when it cannot be asked so."""
    try:
        return await web.trail.ListEntries(asked), None
    except Failure as failure:
        if failure.code is not grpc.StatusCode.INVALID_ARGUMENT or "day" not in failure.fields:
            raise
        form.refuse_all(failure.fields, {"day": "day"})
        return pb.ListEntriesResponse(), 422


def _row(entry: pb.Entry, request: Request) -> dict[str, Any]:
    language = request.state.language
    say = language.gettext
    numbers = [each.number for each in entry.records if each.number]
    return {
        "at": language.stamp(appeals.moment(entry.at)),
        "who": trail.actor(say, entry),
        "what": trail.deed(say, entry.method),
        "records": ", ".join(numbers[:_MOST_RECORDS]),
        "more": len(entry.records) - min(len(numbers), _MOST_RECORDS) if len(entry.records) > 1 else 0,
        "purpose": entry.purpose,
        "is_denied": entry.outcome == pb.OUTCOME_DENIED,
        "is_repeated": entry.outcome == pb.OUTCOME_REPEATED,
        "is_sealed": entry.sealed,
    }


def _as_file(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
