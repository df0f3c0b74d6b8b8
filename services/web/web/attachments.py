"""Files on an appeal: what a form brought, on its way to reception, and what reception has, as pages show it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from kit.errors import Refused
from kit.files.kinds import plain_name
from kit.files.receiving import judged
from kit.localisation import Catalogue
from kit.names import last
from kit.pages import Form, Language, Sent
from kit.rpc.client import Failure
from spilno.reception.v1 import attachments_pb2 as pb
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from web import appeals
from web.portal import Web, is_away
from web.sizes import measured

FORMS = (
    "/{slug}/appeals/new",
    "/{slug}/appeals/status/files",
    "/{slug}/office/appeals/new",
    "/{slug}/office/appeals/{appeal}/files",
    "/{slug}/hazards/new",
    "/{slug}/office/hazards/new",
    "/{slug}/office/hazards/{hazard}/photos",
    "/{slug}/office/cameras/{camera}/signs",
    "/{slug}/office/referrals/letters/{language}",
)
"""Where files may come with a form."""
FIELD = "files"
MOST_AT_ONCE = 5
SECONDS = 120.0
"""For one file, on its way to reception."""
_CHUNK = 128 * 1024
_TEXTS = Catalogue(["kit"])
GUARDED = {
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "content-encoding": "identity",  # it is packed already, and its length is told
}


@dataclass(frozen=True)
class Told:
    """A file as a page shows it."""

    id: str
    name: str
    size: str
    when: str
    who: str
    has_thumbnail: bool
    is_removed: bool
    etag: str


async def judge(form: Form) -> None:
    """Objects to files that reception would refuse by their first look, before anything is registered: what was typed
    stays on the page, and the files are asked for again."""
    _ = form.language.gettext
    if len(form.files) > MOST_AT_ONCE:
        form.refuse(FIELD, _("За один раз можна додати до %(n)s файлів") % {"n": MOST_AT_ONCE})
    for sent in form.files:
        try:
            await asyncio.to_thread(judged, sent.file, sent.size, FIELD)
        except Refused as refused:
            words = _TEXTS.text(refused.reason, form.language.code, **refused.values)
            form.refuse(FIELD, about(sent, words))


async def take(form: Form, send: Callable[[], Awaitable[list[str]]]) -> None:
    """A form that only adds files: objects to what is not taken, and to there being none."""
    if not form.files:
        form.refuse(FIELD, form.language.gettext("Виберіть файл"))
    await judge(form)
    if form.is_refused:
        return
    for objection in await send():
        form.refuse(FIELD, objection)


async def upload(web: Web, form: Form, appeal: str) -> list[str]:
    """Adds a form's files to an appeal, for the office; tells of each that was not taken, why."""
    return await send_all(
        form, web.attachments.UploadAttachment, pb.UploadAttachmentRequest, {"parent": appeal}, appeals.request_id(form)
    )


async def submit(web: Web, form: Form, parent: str, code: str) -> list[str]:
    """Adds a form's files to the appeal of a code, for a resident; tells of each that was not taken, why."""
    address = {"parent": parent, "code": code}
    return await send_all(
        form, web.attachments.SubmitAttachment, pb.SubmitAttachmentRequest, address, appeals.request_id(form)
    )


async def send_all(form: Form, method: Any, request: Any, address: dict[str, str], request_id: str) -> list[str]:
    """The same form sent again adds nothing twice: a file's request is known by the form and by what it holds."""
    objections = []
    for sent in form.files:
        digest = await asyncio.to_thread(digest_of, sent)
        first = request(
            **address,
            request_id=str(uuid.uuid5(uuid.UUID(request_id), digest.hex())),
            filename=sent.name[:1000],
            size=sent.size,
            sha256=digest,
        )
        try:
            await method(messages_of(first, sent), timeout=SECONDS)
        except Failure as failure:
            objections.append(about(sent, words_of(failure, form.language)))
    return objections


def digest_of(sent: Sent) -> bytes:
    digest = sha256()
    sent.file.seek(0)
    while chunk := sent.file.read(_CHUNK):
        digest.update(chunk)
    return digest.digest()


async def messages_of(first: Any, sent: Sent) -> AsyncIterator[Any]:
    yield first
    await asyncio.to_thread(sent.file.seek, 0)
    while chunk := await asyncio.to_thread(sent.file.read, _CHUNK):
        yield type(first)(chunk=chunk)


def about(sent: Sent, words: str) -> str:
    return f"{plain_name(sent.name) or '…'}: {words}"


def words_of(failure: Failure, language: Language) -> str:
    if failure.fields:
        return next(iter(failure.fields.values()))
    if is_away(failure):
        return language.gettext("Служба не відповідає. Додайте файл ще раз за хвилину.")
    return failure.message or language.gettext("Файл не вдалося додати.")


def kept(objections: list[str]) -> str:
    """As a keepsake holds them."""
    return json.dumps(objections)


def recalled(held: str | None) -> list[str]:
    objections: list[str] = json.loads(held or "[]")
    return objections


def told(found: Iterable[pb.Attachment], language: Language) -> list[Told]:
    """The files of an appeal, for the office."""
    _ = language.gettext
    who = {
        pb.ATTACHMENT_SOURCE_RESIDENT: _("мешканець"),
        pb.ATTACHMENT_SOURCE_OFFICE: _("офіс"),
        pb.ATTACHMENT_SOURCE_INTEGRATION: _("міська система"),
    }
    return [
        Told(
            id=last(each.name),
            name=each.filename,
            size=measured(each.size, language),
            when=language.short(appeals.moment(each.create_time)),
            who=who.get(each.source, ""),
            has_thumbnail=each.has_thumbnail,
            is_removed=each.HasField("delete_time"),
            etag=each.etag,
        )
        for each in found
    ]


async def given(web: Web, request: pb.DownloadAttachmentRequest) -> Response:
    """A file on its way to a browser: as a download, which no browser opens as our page; a thumbnail as a picture.

    Raises:
        Failure: there is none, or it cannot be had now.
    """
    stream = aiter(web.attachments.DownloadAttachment(request, timeout=SECONDS))
    attachment = (await anext(stream)).attachment
    return passed_on(stream, attachment, is_thumbnail=request.view == pb.ATTACHMENT_VIEW_THUMBNAIL)


async def given_waiting(web: Web, request: pb.DownloadSubmissionAttachmentRequest) -> Response:
    """The same, of a file on what nobody has sorted yet."""
    stream = aiter(web.attachments.DownloadSubmissionAttachment(request, timeout=SECONDS))
    attachment = (await anext(stream)).attachment
    return passed_on(stream, attachment, is_thumbnail=request.view == pb.ATTACHMENT_VIEW_THUMBNAIL)


def passed_on(stream: AsyncIterator[Any], what: Any, *, is_thumbnail: bool) -> Response:
    """The rest of a stream as a browser is given it; what it is was told by its first message."""

    async def chunks() -> AsyncIterator[bytes]:
        async for message in stream:
            yield message.chunk

    if is_thumbnail:
        return StreamingResponse(chunks(), media_type="image/jpeg", headers=GUARDED)
    headers = {
        **GUARDED,
        "content-disposition": disposition(what.filename),
        "content-length": str(what.size),
    }
    return StreamingResponse(chunks(), media_type=what.media_type, headers=headers)


def disposition(filename: str) -> str:
    """A file's name as browsers take it, old ones in Latin letters (RFC 6266)."""
    ending = filename.rpartition(".")[2] if filename.isascii() or "." in filename else ""
    plain = filename if filename.isascii() else f"file.{ending}"
    safe = "".join(letter for letter in plain if letter.isalnum() or letter in " ._-()")
    return f"attachment; filename=\"{safe}\"; filename*=UTF-8''{quote(filename, safe='')}"


async def listed(web: Web, request: Request, appeal: str) -> list[Told] | None:
    """The files of an appeal; None while they cannot be had, so that the case is read all the same."""
    try:
        found = await web.attachments.ListAttachments(pb.ListAttachmentsRequest(parent=appeal))
    except Failure as failure:
        if is_away(failure):
            return None
        raise
    return told(found.attachments, request.state.language)


async def submitted(web: Web, parent: str, code: str, language: Language) -> list[tuple[str, str]] | None:
    """Names and sizes of what a resident has added; None while that cannot be had."""
    try:
        found = await web.attachments.ListSubmittedAttachments(
            pb.ListSubmittedAttachmentsRequest(parent=parent, code=code)
        )
    except Failure as failure:
        if is_away(failure):
            return None
        raise
    return [(each.filename, measured(each.size, language)) for each in found.attachments]
