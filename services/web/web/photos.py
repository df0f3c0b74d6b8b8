"""Photos of a hazard: sent as soon as the form comes, so that what was typed and what was taken stay on the page; and
given out as pictures."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from kit.names import last
from kit.pages import Form, Language
from kit.rpc.client import Failure
from spilno.reception.v1 import photos_pb2 as pb
from starlette.responses import Response, StreamingResponse

from web import appeals, attachments
from web.portal import Web
from web.words import Say, Word, word

MOST = 3
FIELD = attachments.FIELD
_TICKETS = "photos"
_MARK = "photo-"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_MARKED = 10
SECONDS = attachments.SECONDS


@dataclass(frozen=True)
class Told:
    """A photo as the office's page shows it."""

    id: str
    state: Word
    is_here: bool
    is_shown: bool
    source: str
    why: str


def states(_: Say) -> list[Word]:
    return [
        Word(pb.HAZARD_PHOTO_STATE_COMING, "coming", _("Завантажуємо"), "hourglass", "work"),
        Word(pb.HAZARD_PHOTO_STATE_KEPT_OUT, "kept-out", _("Не взято"), "x", "plain"),
        Word(pb.HAZARD_PHOTO_STATE_WAITING, "waiting", _("Чекає на перевірку"), "hourglass", "new"),
        Word(pb.HAZARD_PHOTO_STATE_SHOWN, "shown", _("Бачать усі"), "circle-check", "done"),
        Word(pb.HAZARD_PHOTO_STATE_WITHHELD, "withheld", _("Лише для офісу"), "lock", "plain"),
    ]


def _objections(_: Say) -> "dict[pb.HazardPhotoObjection.ValueType, str]":
    return {
        pb.HAZARD_PHOTO_OBJECTION_NOT_ALLOWED: _("Адреса веде не в інтернет, тож ми туди не ходили."),
        pb.HAZARD_PHOTO_OBJECTION_UNREACHABLE: _("За адресою немає файлу, або вона не відповіла вчасно."),
        pb.HAZARD_PHOTO_OBJECTION_REDIRECTED: _("Адреса веде далі, на іншу."),
        pb.HAZARD_PHOTO_OBJECTION_TOO_LARGE: _("Файл більший за 10 МБ."),
        pb.HAZARD_PHOTO_OBJECTION_NO_PHOTO: _("За адресою не фото, яке ми приймаємо."),
        pb.HAZARD_PHOTO_OBJECTION_NO_ROOM: _("У громади скінчилося місце для файлів."),
    }


def tickets(form: Form) -> list[str]:
    """Of the photos that were taken in with the form so far."""
    return form[_TICKETS].split()[:MOST]


def chosen(form: Form) -> list[str]:
    """The ids of the photos that the moderator has marked."""
    marked = (name.removeprefix(_MARK) for name, value in form.values.items() if name.startswith(_MARK) and value)
    return [each for each in marked if _ID.fullmatch(each)][:_MOST_MARKED]


async def take(web: Web, form: Form, parent: str) -> None:
    """Sends a form's photos, and keeps their tickets in it; objects to what is not taken, at the field of the files.

    The same form sent again sends nothing twice: a photo is known by the form and by what it holds.
    """
    _ = form.language.gettext
    taken = [] if form["drop_photos"] else tickets(form)
    form.values[_TICKETS] = " ".join(taken)
    if len(taken) + len(form.files) > MOST:
        form.refuse(FIELD, _("Можна додати до %(n)s фото") % {"n": MOST})
        return
    await attachments.judge(form)
    if FIELD in form.errors:
        return
    request_id = uuid.UUID(appeals.request_id(form))
    for sent in form.files:
        digest = await asyncio.to_thread(attachments.digest_of, sent)
        first = pb.SubmitHazardPhotoRequest(
            parent=parent, request_id=str(uuid.uuid5(request_id, digest.hex())), size=sent.size, sha256=digest
        )
        try:
            answer = await web.photos.SubmitHazardPhoto(attachments.messages_of(first, sent), timeout=SECONDS)
        except Failure as failure:
            form.refuse(FIELD, attachments.about(sent, attachments.words_of(failure, form.language)))
            continue
        taken = [*taken, *({answer.ticket} - set(taken))]
    form.values[_TICKETS] = " ".join(taken)


def told(photos: Any, language: Language) -> list[Told]:
    """A hazard's photos, for the office."""
    say = language.gettext
    return [
        Told(
            id=last(each.name),
            state=word(states(say), each.state),
            is_here=each.state not in {pb.HAZARD_PHOTO_STATE_COMING, pb.HAZARD_PHOTO_STATE_KEPT_OUT},
            is_shown=each.state == pb.HAZARD_PHOTO_STATE_SHOWN,
            source=each.source,
            why=_objections(say).get(each.objection, ""),
        )
        for each in photos
    ]


async def given(stream: Any) -> Response:
    """A photo on its way to a browser, as the picture that it is.

    Raises:
        Failure: there is none, or it cannot be had now.
    """
    messages = aiter(stream)
    head = await anext(messages)

    async def chunks() -> AsyncIterator[bytes]:
        async for message in messages:
            yield message.chunk

    length = {"content-length": str(head.size)} if head.size else {}
    return StreamingResponse(chunks(), media_type=head.media_type, headers={**attachments.GUARDED, **length})
