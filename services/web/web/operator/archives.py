"""How hromadas are handed over: an archive leaves, one comes, two installations are compared, one is erased. Of what is
in them the operator sees counts and digests."""

from collections.abc import AsyncIterator
from datetime import UTC
from typing import Any
from uuid import UUID, uuid4

import grpc
from fastapi import APIRouter, HTTPException
from kit.names import last
from kit.pages import Form, Submitted
from kit.pages.security import PROOF
from kit.rpc.client import Acting, Failure, acting
from spilno.identity.v1 import archives_pb2 as pb
from spilno.identity.v1 import hromadas_pb2
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from web import appeals
from web.operator.arrivals import service_name
from web.operator.desk import Reading, Writing, hromada_row
from web.portal import Slug, TheWeb, Web, address, restore_draft
from web.sizes import measured
from web.words import Say

UPLOAD = "/operator/archives/upload"
LARGEST = 8 * 1024**3
PART = 512 * 1024
REFRESH_SECONDS = 3
_JUDGED = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.UNAVAILABLE}

router = APIRouter(prefix="/operator")


@router.get("/hromadas/{slug}/handover")
async def handover(request: Request, web: TheWeb, subject: Reading, slug: Slug, digest: str = "") -> Response:
    form = await restore_draft(request, subject) or appeals.blank(request.state.language)
    form.values["digest"] = digest
    return await _handover(request, web, slug, form)


@router.post("/hromadas/{slug}/handover")
async def export(request: Request, web: TheWeb, form: Submitted, subject: Writing, slug: Slug) -> Response:
    asked = pb.BeginExportRequest(
        name=f"hromadas/{slug}", recipient=form["recipient"], request_id=appeals.request_id(form)
    )
    try:
        begun = await web.archives.BeginExport(asked)
    except Failure as failure:
        _take_refusal(form, failure)
        return await _handover(request, web, slug, form)
    return RedirectResponse(f"/operator/archives/{last(begun.name)}", 303)


@router.get("/hromadas/{slug}/erase")
async def ask_to_erase(request: Request, web: TheWeb, subject: Reading, slug: Slug) -> Response:
    form = await restore_draft(request, subject) or appeals.blank(request.state.language)
    return await _erase_form(request, web, slug, form)


@router.post("/hromadas/{slug}/erase")
async def erase(request: Request, web: TheWeb, form: Submitted, subject: Writing, slug: Slug) -> Response:
    if not form["confirmation"]:
        form.refuse("confirmation", form.language.gettext("Введіть адресу громади"))
    if not form["digest"]:
        form.refuse("digest", form.language.gettext("Введіть відбиток з нового місця"))
    if form.is_refused:
        return await _erase_form(request, web, slug, form)
    asked = pb.BeginErasureRequest(
        name=f"hromadas/{slug}",
        confirmation=form["confirmation"],
        digest=form["digest"],
        request_id=appeals.request_id(form),
    )
    try:
        begun = await web.erasures.BeginErasure(asked, timeout=60)
    except Failure as failure:
        _take_refusal(form, failure)
        return await _erase_form(request, web, slug, form)
    return RedirectResponse(f"/operator/erasures/{last(begun.name)}", 303)


@router.post("/hromadas/{slug}/heads")
async def let_heads_in(request: Request, web: TheWeb, form: Submitted, subject: Writing, slug: Slug) -> Response:
    """One-time links for the heads of an office that came: shown now, and nowhere else."""
    asked = pb.CreateHeadLinksRequest(name=f"hromadas/{slug}", request_id=str(uuid4()))
    links = (await web.archives.CreateHeadLinks(asked)).links
    return web.pages.show(request, "operator/heads.html", slug=slug, links=links)


@router.get("/archives")
async def archives(request: Request, web: TheWeb, subject: Reading) -> Response:
    return await _archives(request, web, appeals.blank(request.state.language))


@router.post("/archives/upload")
async def upload(request: Request, web: TheWeb, subject: Reading) -> Response:
    """Takes an archive. Its bytes are encrypted, whatever disk they pass over on the way."""
    async with request.form(max_files=1, max_fields=5) as sent:
        request.app.state.safety.check(request, str(sent.get(PROOF, "")))
        file, form = sent.get("file"), appeals.blank(request.state.language)
        if not isinstance(file, UploadFile) or not file.size:
            form.refuse("file", form.language.gettext("Виберіть файл архіву"))
            return await _archives(request, web, form)
        begun = await web.archives.BeginImport(pb.BeginImportRequest(request_id=str(uuid4())))
        number = 0
        while part := await file.read(PART):
            number += 1
            await _stay_signed_in(request, web)
            await web.archives.PutArchivePart(pb.PutArchivePartRequest(name=begun.name, number=number, body=part))
    await web.archives.FinishUpload(pb.FinishUploadRequest(name=begun.name, parts=number))
    return RedirectResponse(f"/operator/archives/{last(begun.name)}", 303)


@router.get("/archives/{id}")
async def archive(request: Request, web: TheWeb, subject: Reading, id: UUID, digest: str = "") -> Response:
    """Where an archive stands; the page comes anew by itself until it is done."""
    found = await web.archives.GetArchive(pb.GetArchiveRequest(name=f"archives/{id}"))
    form = Form({"digest": digest}, request.state.language)
    shown = _archive(found, request)
    page = web.pages.show(
        request,
        "operator/archive.html",
        form=form,
        archive=shown,
        services=_services(found.holdings, request),
        total=found.holdings.digest,
        comparison=_comparison(digest, found.holdings.digest),
    )
    if shown["is_under_way"]:
        page.headers["refresh"] = str(REFRESH_SECONDS)
    return page


@router.get("/archives/{id}/file")
async def download(request: Request, web: TheWeb, subject: Reading, id: UUID) -> Response:
    name = f"archives/{id}"
    found = await web.archives.GetArchive(pb.GetArchiveRequest(name=name))
    if found.brought or not found.parts or found.state != pb.ARCHIVE_STATE_READY:
        raise HTTPException(404)
    first = await web.archives.GetArchivePart(pb.GetArchivePartRequest(name=name, number=1))

    async def parts() -> AsyncIterator[bytes]:
        yield first.body
        for number in range(2, found.parts + 1):
            await _stay_signed_in(request, web)
            yield (await web.archives.GetArchivePart(pb.GetArchivePartRequest(name=name, number=number))).body

    day = found.began_at.ToDatetime(UTC).date().isoformat()
    headers = {
        "content-disposition": f'attachment; filename="{last(found.hromada)}-{day}.tar.gz.age"',
        "content-length": str(found.bytes),
        "content-encoding": "identity",  # what is encrypted grows no smaller, and the browser shows how far it is
    }
    return StreamingResponse(parts(), media_type="application/octet-stream", headers=headers)


@router.get("/erasures/{id}")
async def erasure(request: Request, web: TheWeb, subject: Reading, id: UUID) -> Response:
    found = await web.erasures.GetErasure(pb.GetErasureRequest(name=f"erasures/{id}"))
    shown = _erasure(found, request)
    page = web.pages.show(request, "operator/erasure.html", erasure=shown)
    if not shown["ended"]:
        page.headers["refresh"] = str(REFRESH_SECONDS)
    return page


async def _handover(request: Request, web: Web, slug: str, form: Form) -> Response:
    name = f"hromadas/{slug}"
    hromada = await web.hromadas.GetHromada(hromadas_pb2.GetHromadaRequest(name=name))
    holdings = await web.archives.GetHoldings(pb.GetHoldingsRequest(name=name), timeout=60)
    made = await web.archives.ListArchives(pb.ListArchivesRequest(hromada=name))
    return web.pages.show(
        request,
        "operator/handover.html",
        form=form,
        hromada=hromada_row(hromada, request),
        services=_services(holdings, request),
        total=holdings.digest,
        missing=[service_name(service, request.state.language.gettext) for service in holdings.missing_services],
        comparison=_comparison(form["digest"], holdings.digest),
        archives=[_archive(each, request) for each in made.archives],
    )


async def _erase_form(request: Request, web: Web, slug: str, form: Form) -> Response:
    hromada = await web.hromadas.GetHromada(hromadas_pb2.GetHromadaRequest(name=f"hromadas/{slug}"))
    return web.pages.show(request, "operator/erase.html", form=form, hromada=hromada_row(hromada, request))


async def _archives(request: Request, web: Web, form: Form) -> Response:
    key = await web.archives.GetReceivingKey(pb.GetReceivingKeyRequest())
    listed = await web.archives.ListArchives(pb.ListArchivesRequest())
    erasures = await web.erasures.ListErasures(pb.ListErasuresRequest())
    return web.pages.show(
        request,
        "operator/archives.html",
        form=form,
        key=key.recipient,
        archives=[_archive(each, request) for each in listed.archives],
        erasures=[_erasure(each, request) for each in erasures.erasures],
    )


async def _stay_signed_in(request: Request, web: Web) -> None:
    """A large file takes longer than an access token lasts."""
    session = await web.sessions.find(web.cookie(request))
    if session is not None:
        acting.set(Acting(session.access, request.state.language.code, address(request)))


def _comparison(digest: str, total: str) -> str:
    """Whether a digest from elsewhere is this one: empty if there is none to compare."""
    told = "".join(digest.split()).lower()
    if not told or not total:
        return ""
    return "equal" if told == total else "other"


def _services(holdings: pb.HromadaHoldings, request: Request) -> list[dict[str, Any]]:
    language = request.state.language
    return [
        {
            "title": _service(each.service, language.gettext),
            "nouns": [
                {"title": noun.title, "rows": language.number(noun.rows), "size": measured(noun.bytes, language)}
                for noun in each.nouns
                if noun.rows
            ],
        }
        for each in holdings.services
    ]


def _service(service: str, say: Say) -> str:
    match service:
        case "platform":
            return say("Громада, її люди й ключі журналу")
        case "identity":
            return say("Офіс: працівники, партнери, журнал")
        case _:
            return service_name(service, say)


def _archive(archive: pb.Archive, request: Request) -> dict[str, Any]:
    language = request.state.language
    return {
        "id": last(archive.name),
        "slug": last(archive.hromada),
        "is_brought": archive.brought,
        "is_coming": archive.state == pb.ARCHIVE_STATE_COMING,
        "is_under_way": archive.state == pb.ARCHIVE_STATE_IN_WORK,
        "is_ready": archive.state == pb.ARCHIVE_STATE_READY,
        "is_refused": archive.state == pb.ARCHIVE_STATE_REFUSED,
        "trouble": _trouble(archive, language.gettext),
        "recipient": archive.recipient,
        "size": measured(archive.bytes, language),
        "began": language.moment(appeals.moment(archive.began_at)),
        "digest": archive.holdings.digest,
    }


def _trouble(archive: pb.Archive, say: Say) -> str:
    texts: dict[int, str] = {
        pb.ARCHIVE_TROUBLE_AWAY: say("Служба не відповідає. Щойно вона відповість, робота піде далі сама."),
        pb.ARCHIVE_TROUBLE_TRAIL: say("Чекаємо, доки буде запечатано останні записи журналу."),
        pb.ARCHIVE_TROUBLE_CHANGED: say("Поки архів складався, дані змінилися. Складаємо ще раз."),
        pb.ARCHIVE_TROUBLE_NOT_FOR_US: say("Цей файл зашифровано не для цієї платформи, або це не архів."),
        pb.ARCHIVE_TROUBLE_DAMAGED: say("Архів пошкоджено: %(place)s. Нічого не взято."),
        pb.ARCHIVE_TROUBLE_OTHER_SCHEMA: say(
            "Архів зробила інша версія служби %(place)s. Спершу оновіть обидві платформи."
        ),
        pb.ARCHIVE_TROUBLE_ALREADY_HERE: say("Ця громада вже тут. Нічого не змінено."),
        pb.ARCHIVE_TROUBLE_SLUG_TAKEN: say("Адресу цієї громади тут має інша громада."),
        pb.ARCHIVE_TROUBLE_KATOTTH_TAKEN: say("Громада з таким кодом КАТОТТГ тут уже є."),
        pb.ARCHIVE_TROUBLE_SERVICE_MISSING: say("Тут немає служби %(place)s, дані якої є в архіві."),
        pb.ARCHIVE_TROUBLE_REFUSED: say("Служба %(place)s відмовилася взяти дані. Нічого не взято."),
    }
    return texts.get(archive.trouble, "") % {"place": archive.place or say("на початку")}


def _erasure(erasure: pb.Erasure, request: Request) -> dict[str, Any]:
    language = request.state.language
    return {
        "id": last(erasure.name),
        "slug": erasure.slug,
        "digest": erasure.digest,
        "began": language.moment(appeals.moment(erasure.began_at)),
        "ended": language.moment(appeals.moment(erasure.ended_at)) if erasure.HasField("ended_at") else "",
        "backups": language.date(appeals.moment(erasure.backups_until).date())
        if erasure.HasField("backups_until")
        else "",
        "steps": [
            {
                "title": _service(step.service, language.gettext),
                "is_done": step.HasField("ended_at"),
                "rows": language.number(step.rows),
            }
            for step in erasure.steps
        ],
    }


def _take_refusal(form: Form, failure: Failure) -> None:
    if failure.code not in _JUDGED:
        raise failure
    if failure.fields:
        form.refuse_all(failure.fields, {"recipient": "recipient", "confirmation": "confirmation", "digest": "digest"})
    else:
        form.refuse("", failure.message)
