"""The operator's desk: who may sit at it, and how a hromada is shown there. No data of hromadas."""

from typing import Annotated, Any

from fastapi import Depends
from kit.names import last
from kit.pages import Form, Submitted
from kit.rpc.client import Acting, acting
from spilno.identity.v1 import hromadas_pb2 as pb
from starlette.requests import Request

from web.portal import SignInNeeded, TheWeb, Web, address
from web.sign_in.routes import OPERATOR


async def _reading(request: Request, web: TheWeb) -> str:
    return await _at_desk(request, web, None)


async def _writing(request: Request, web: TheWeb, form: Submitted) -> str:
    return await _at_desk(request, web, form)


async def _at_desk(request: Request, web: Web, form: Form | None) -> str:
    session = await web.sessions.find(web.cookie(request))
    if session is None or session.place != OPERATOR:
        raise SignInNeeded(OPERATOR, request.url.path.removesuffix("/resume"), form)
    acting.set(Acting(session.access, request.state.language.code, address(request)))
    request.state.surroundings = {"shell": "operator/shell.html"}
    return session.subject


Reading = Annotated[str, Depends(_reading)]
Writing = Annotated[str, Depends(_writing)]


def hromada_row(hromada: pb.Hromada, request: Request) -> dict[str, Any]:
    """A hromada as the operator sees it."""
    return {
        "slug": last(hromada.name),
        "title": hromada.title,
        "katotth": hromada.katotth,
        "is_active": hromada.state == pb.HROMADA_STATE_ACTIVE,
        "is_suspended": hromada.state in {pb.HROMADA_STATE_SUSPENDED, pb.HROMADA_STATE_ERASING},
        "is_erasing": hromada.state == pb.HROMADA_STATE_ERASING,
        "created": request.state.language.stamp(hromada.created_at.ToDatetime()).partition(",")[0],
        "etag": hromada.etag,
    }
