"""The verbs of files on appeals."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from kit.call import Call
from kit.database import table_of
from kit.errors import Missing
from kit.files import Declared, make, received, remove
from kit.files.kinds import shown_name
from kit.files.making import chunks_of
from kit.rpc.chain import StreamCall
from sqlalchemy import ColumnElement, func, update
from sqlmodel import col, select

from reception.appeals import actions as appeals
from reception.appeals.model import Appeal
from reception.attachments import rules
from reception.attachments.model import Attachment, Source, State
from reception.triage.following import follow, open_confidences
from reception.triage.model import Submission

WHOLE, THUMBNAIL = "whole", "thumbnail"


@dataclass(frozen=True, slots=True)
class Coming:
    """What its sender says of a file before it comes."""

    filename: str
    size: int
    sha256: bytes


Keep = Callable[[Call], Awaitable[Attachment]]


@dataclass(frozen=True, slots=True)
class To:
    """What a file is added to: an appeal, or what waits to be sorted."""

    appeal: UUID | None = None
    submission: UUID | None = None


@asynccontextmanager
async def add(stream: StreamCall, to: To, coming: Coming, chunks: AsyncIterator[bytes]) -> AsyncIterator[Keep]:
    """Takes a file in and puts what is kept of it into the store; what is yielded enters it on the appeal.

    What ends here half way leaves nothing, unless the process dies: a blob that no row names is collected a day later.

    Raises:
        Missing: there is no such appeal for the caller.
        Refused, WrongState, TooMany: it is not a file that is taken, or the appeal may have no more.
        Away: the store does not answer, or is full.
    """
    declared = Declared(coming.size, coming.sha256, "chunk")
    async with stream.open() as call:
        await _check(call, to)
        await call.files.check_room(call.db, coming.size, "chunk")
    async with (
        received(declared, chunks) as came,
        make(came, "chunk") as made,
        stream.files.writing(stream.hromada.id, Attachment) as folder,
    ):
        whole = await folder.put(WHOLE, chunks_of(made.whole))
        thumbnail = await folder.put(THUMBNAIL, chunks_of(made.thumbnail)) if made.thumbnail else None

        async def keep(call: Call) -> Attachment:
            kept = whole.size + (thumbnail.size if thumbnail else 0)
            await call.files.take_room(call.db, kept, "chunk")
            await _hold(call, to)
            await _check(call, to)
            attachment = Attachment(
                id=folder.row,
                sealed_key=await call.files.seal(call, folder),
                kept=kept,
                appeal_id=to.appeal,
                submission_id=to.submission,
                filename=shown_name(coming.filename, made.kind),
                media_type=made.kind.value,
                sent_size=coming.size,
                size=whole.size,
                sha256=whole.sha256,
                thumbnail_size=thumbnail.size if thumbnail else 0,
                source=_source(call),
                uploaded_by=_who(call),
                created_at=call.now,
            )
            call.db.add(attachment)
            return attachment

        yield keep


@asynccontextmanager
async def add_by_code(
    stream: StreamCall, code: str, coming: Coming, chunks: AsyncIterator[bytes]
) -> AsyncIterator[Keep]:
    """A resident adds a file to the appeal of their code, or to what waits to be sorted.

    Raises:
        Missing: nothing of this hromada has that code.
        TooMany: too many wrong codes from the same place.
    """
    async with stream.open() as call:
        to = await _of_code(call, code)
    async with add(stream, to, coming, chunks) as keep:
        yield keep


async def of_appeal(call: Call, appeal: UUID) -> list[Attachment]:
    """The files of an appeal, the oldest first, those taken away among them.

    Raises:
        Missing: there is no such appeal for the caller.
    """
    await appeals.get(call, appeal)
    return await _of(call, To(appeal))


async def of_code(call: Call, code: str) -> list[Attachment]:
    """What was added to what a code leads to, other than by the office."""
    found = await _of(call, await _of_code(call, code))
    return [each for each in found if each.state is State.KEPT and each.source is not Source.OFFICE]


async def opened(
    call: Call, appeal: UUID, attachment_id: UUID, *, thumbnail: bool
) -> tuple[Attachment, AsyncIterator[bytes]]:
    """A file and its bytes, which may be read after the call.

    Raises:
        Missing: there is none, it was taken away, or it has no thumbnail.
    """
    await appeals.get(call, appeal)
    return await _opened(call, To(appeal), attachment_id, thumbnail=thumbnail)


async def opened_waiting(
    call: Call, submission: UUID, attachment_id: UUID, *, thumbnail: bool
) -> tuple[Attachment, AsyncIterator[bytes]]:
    """The same, of what waits to be sorted.

    Raises:
        Missing: there is none, it was sent in confidence and the caller is not the head, or it has no thumbnail.
    """
    await open_confidences(call)
    await call.db.get(Submission, submission)
    return await _opened(call, To(submission=submission), attachment_id, thumbnail=thumbnail)


async def _opened(
    call: Call, to: To, attachment_id: UUID, *, thumbnail: bool
) -> tuple[Attachment, AsyncIterator[bytes]]:
    attachment = _on(to, await call.db.get(Attachment, attachment_id))
    if thumbnail and not attachment.thumbnail_size:
        raise Missing
    folder = await call.files.folder(call, attachment)
    return attachment, folder.get(THUMBNAIL if thumbnail else WHOLE)


async def take_away(call: Call, appeal: UUID, attachment_id: UUID, etag: str) -> Attachment:
    """Takes a file away: what is left is that it was there."""
    await _hold(call, To(appeal))
    case = await appeals.get(call, appeal)
    attachment = _on(To(appeal), await call.db.lock(Attachment, attachment_id, etag))
    rules.take_away(case.state, is_kept=attachment.state is State.KEPT)
    attachment.state = State.REMOVED
    attachment.filename = ""
    attachment.removed_by, attachment.removed_at = _who(call), call.now
    await remove(call, attachment)
    return attachment


async def forget_files(call: Call, ids: Sequence[UUID]) -> None:
    """With what appeals said go their files."""
    await _forget(call, col(Attachment.appeal_id).in_(ids))


async def forget_waiting(call: Call, submission: UUID) -> None:
    """With what was sent go its files."""
    await _forget(call, col(Attachment.submission_id) == submission)


async def move(call: Call, submission: UUID, appeal: UUID) -> None:
    """What was added while it waited stays with the appeal that it became."""
    its = update(Attachment).where(col(Attachment.submission_id) == submission)
    await call.db.records(its.values(appeal_id=appeal, submission_id=None, version=Attachment.version + 1))


async def of_waiting(call: Call, submissions: Sequence[UUID]) -> list[Attachment]:
    """The files of what waits to be sorted, the oldest first."""
    its = select(Attachment).where(col(Attachment.submission_id).in_(submissions))
    return await call.db.all(its.order_by(col(Attachment.id)))


async def _forget(call: Call, its: ColumnElement[bool]) -> None:
    for each in await call.db.all(select(Attachment).where(its, col(Attachment.state) == State.KEPT)):
        attachment = await call.db.lock(Attachment, each.id)
        attachment.state, attachment.filename = State.REMOVED, ""
        attachment.removed_by, attachment.removed_at = _who(call), call.now
        await remove(call, attachment)


async def _of_code(call: Call, code: str) -> To:
    found = await follow(call, code)
    return To(found.id) if isinstance(found, Appeal) else To(submission=found.id)


async def _hold(call: Call, to: To) -> None:
    """Of two who add a file to one appeal at once, one waits for the other; who reads it does not."""
    table = table_of(Appeal if to.appeal else Submission)
    its = select(table.c.id).where(table.c.id == (to.appeal or to.submission))
    await call.db.records(its.with_for_update(key_share=True))


async def _check(call: Call, to: To) -> None:
    its = (_its(to), col(Attachment.state) == State.KEPT)
    [now] = await call.db.records(select(func.count().label("files")).where(*its))
    if to.appeal is not None:
        rules.add((await appeals.get(call, to.appeal)).state, now["files"])
    elif to.submission is not None:
        rules.add_waiting((await call.db.get(Submission, to.submission)).state, now["files"])


async def _of(call: Call, to: To) -> list[Attachment]:
    return await call.db.all(select(Attachment).where(_its(to)).order_by(col(Attachment.id)))


def _its(to: To) -> ColumnElement[bool]:
    if to.appeal is not None:
        return col(Attachment.appeal_id) == to.appeal
    return col(Attachment.submission_id) == to.submission


def _on(to: To, attachment: Attachment) -> Attachment:
    if (attachment.appeal_id, attachment.submission_id) != (to.appeal, to.submission):
        raise Missing
    return attachment


def _source(call: Call) -> Source:
    if not call.caller.subject:
        return Source.RESIDENT
    return Source.INTEGRATION if call.caller.integrator else Source.OFFICE


def _who(call: Call) -> str:
    return call.caller.pseudonym or call.caller.subject
