"""The verbs of archives and erasures: begun by an operator, carried on by the worker."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.database import Session, table_of
from kit.errors import Missing, WrongState
from spilno.identity.v1 import events_pb2 as events
from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from identity.authority import states
from identity.hromadas import actions as hromadas
from identity.hromadas.model import Hromada
from identity.hromadas.model import State as Door
from identity.tenancy import rules
from identity.tenancy.model import Archive, ArchivePart, Erasure, ErasureStep, State, Trouble

SHOWN = 100


async def begin_export(call: Call, slug: str, recipient: str) -> Archive:
    """Begins the archive of a hromada that is still: suspended, so that nothing changes while it is made. From here on
    the transaction is the hromada's.

    Raises:
        Missing: there is no such hromada.
        WrongState: it is not suspended.
        Refused: the recipient is mistyped.
    """
    rules.check_recipient(recipient)
    hromada = await hromadas.find(call.db, slug)
    if hromada.state is not Door.SUSPENDED:
        raise WrongState("archive.not-suspended")
    await call.db.enter(hromada.id)
    archive = Archive(
        hromada_id=hromada.id,
        slug=slug,
        recipient=recipient,
        asked_by=call.caller.pseudonym,
        began_at=call.now,
    )
    call.db.add(archive)
    return archive


async def begin_import(call: Call) -> Archive:
    """Makes room for an archive of another installation."""
    archive = Archive(brought=True, state=State.COMING, asked_by=call.caller.pseudonym, began_at=call.now)
    call.db.add(archive)
    return archive


async def put_part(call: Call, id: UUID, number: int, body: bytes) -> None:
    """Keeps a piece of an archive that is being brought.

    Raises:
        Missing: there is no such archive.
        WrongState: it has come already.
    """
    if (await call.db.get(Archive, id)).state is not State.COMING:
        raise WrongState("archive.not-coming")
    await add_part(call.db, id, number, body)


async def add_part(db: Session, id: UUID, number: int, body: bytes) -> None:
    row = {"id": uuid7(), "version": 1, "archive_id": id, "number": number, "body": body}
    fresh = insert(table_of(ArchivePart)).values(row)
    again = fresh.on_conflict_do_update(index_elements=["archive_id", "number"], set_={"body": fresh.excluded.body})
    await db.records(again)


async def finish_upload(call: Call, id: UUID, parts: int) -> Archive:
    """All pieces are here.

    Raises:
        Missing: there is no such archive.
        WrongState: it has come already, or a piece is missing.
    """
    archive = await call.db.lock(Archive, id)
    if archive.state is not State.COMING:
        raise WrongState("archive.not-coming")
    counted = select(
        func.count().label("parts"),
        func.coalesce(func.max(col(ArchivePart.number)), 0).label("last"),
        func.coalesce(func.sum(func.length(col(ArchivePart.body))), 0).label("bytes"),
    ).where(col(ArchivePart.archive_id) == id)
    found = (await call.db.records(counted))[0]
    if (found["parts"], found["last"]) != (parts, parts):
        raise WrongState("archive.part-missing")
    archive.parts, archive.bytes, archive.state = parts, int(found["bytes"]), State.IN_WORK
    return archive


async def part(db: Session, id: UUID, number: int) -> bytes:
    """A piece of an archive.

    Raises:
        Missing: there is none.
    """
    its = select(ArchivePart).where(col(ArchivePart.archive_id) == id, col(ArchivePart.number) == number)
    found = await db.one_or_none(its)
    if found is None:
        raise Missing
    return found.body


async def made_part(call: Call, id: UUID, number: int) -> bytes:
    """A piece of an archive that was made here, once all of it was.

    Raises:
        Missing: there is none.
    """
    archive = await call.db.get(Archive, id)
    if archive.brought or archive.state is not State.READY:
        raise Missing
    return await part(call.db, id, number)


async def drop_parts(db: Session, id: UUID) -> None:
    await db.records(delete(ArchivePart).where(col(ArchivePart.archive_id) == id))


async def drop_old_parts(db: Session, before: datetime) -> None:
    """Of archives that ended, and of those whose bringing was given up, nothing lies about."""
    given_up = (col(Archive.state) == State.COMING) & (col(Archive.began_at) < before)
    await db.records(delete(Archive).where(given_up))
    ended = select(col(Archive.id)).where(col(Archive.ended_at) < before)
    await db.records(delete(ArchivePart).where(col(ArchivePart.archive_id).in_(ended)))


async def archives(db: Session, slug: str = "") -> list[Archive]:
    """The newest first; those of a hromada if one is named."""
    found = select(Archive).order_by(col(Archive.id).desc()).limit(SHOWN)
    return await db.all(found.where(col(Archive.slug) == slug) if slug else found)


async def in_work(db: Session) -> list[Archive]:
    """What the worker has to do, the oldest first."""
    return await db.all(select(Archive).where(col(Archive.state) == State.IN_WORK).order_by(col(Archive.id)))


async def tell_trouble(call: Call, id: UUID, trouble: Trouble, place: str = "") -> None:
    """Something is in the way; it goes on once that is over."""
    archive = await call.db.lock(Archive, id)
    archive.trouble, archive.place = trouble, place


async def refuse(call: Call, id: UUID, trouble: Trouble, place: str = "") -> None:
    """Nothing was made, or taken, and nothing of it is kept."""
    archive = await call.db.lock(Archive, id)
    archive.state, archive.trouble, archive.place, archive.ended_at = State.REFUSED, trouble, place, call.now
    archive.parts = archive.bytes = 0
    await drop_parts(call.db, id)


async def begin_erasure(
    call: Call, slug: str, confirmation: str, digest: str, now: str, services: Sequence[str]
) -> Erasure:
    """Shuts a hromada for good and begins to erase it. From here on the transaction is the hromada's.

    Args:
        call: in no hromada yet.
        slug: the hromada's.
        confirmation: its slug, as the operator typed it.
        digest: of its archive, as the operator has it from where the archive was brought.
        now: the digest of everything that is here now.
        services: who must erase.

    Raises:
        Missing: there is no such hromada.
        WrongState: it is not suspended; no archive of it says what is here now.
        Refused: the slug or the digest is another.
    """
    found = await hromadas.find(call.db, slug)
    hromada = await call.db.lock(Hromada, found.id)
    if hromada.state is not Door.SUSPENDED:
        raise WrongState("erasure.not-suspended")
    ready = select(Archive).where(col(Archive.hromada_id) == hromada.id, col(Archive.state) == State.READY)
    archived = frozenset(str(each.holdings["digest"]) for each in await call.db.all(ready))
    rules.check_erasure(slug, confirmation, digest, now, archived)
    await call.db.enter(hromada.id)
    hromada.state = Door.ERASING
    erasure = Erasure(slug=slug, was=hromada.id, digest=now, asked_by=call.caller.pseudonym, began_at=call.now)
    call.db.add(erasure)
    await call.db.flush()
    for service in services:
        call.db.add(ErasureStep(erasure_id=erasure.id, service=service))
    await call.db.flush()
    states.share(call, states.of_hromada(hromada))
    return erasure


async def erasures(db: Session) -> list[Erasure]:
    """The newest first."""
    return await db.all(select(Erasure).order_by(col(Erasure.id).desc()).limit(SHOWN))


async def unfinished(db: Session) -> list[Erasure]:
    return await db.all(select(Erasure).where(col(Erasure.ended_at).is_(None)).order_by(col(Erasure.id)))


async def steps(db: Session, erasure: UUID) -> list[ErasureStep]:
    its = select(ErasureStep).where(col(ErasureStep.erasure_id) == erasure)
    return await db.all(its.order_by(col(ErasureStep.service)))


async def finish_step(call: Call, id: UUID, rows: int) -> None:
    """A service has erased what it had."""
    step = await call.db.lock(ErasureStep, id)
    step.rows, step.ended_at = rows, call.now


async def erased(call: Call) -> list[str]:
    """The slugs of hromadas that were erased lately, or are being erased."""
    lately = col(Erasure.began_at) > call.now - rules.ERASED_TOLD
    found = select(Erasure).where(lately, col(Erasure.returned_at).is_(None), col(Erasure.erased_at).is_not(None))
    return [each.slug for each in await call.db.all(found)]


async def came_back(db: Session, slug: str, id: UUID, now: datetime) -> None:
    """Of a hromada that returns from its archive nothing has to be remembered as erased."""
    its = (col(Erasure.slug) == slug) & (col(Erasure.was) == id) & col(Erasure.returned_at).is_(None)
    await db.records(update(Erasure).where(its).values(returned_at=now))


def event(slug: str, version: int) -> events.HromadaErased:
    """What the other services are told last of a hromada."""
    return events.HromadaErased(hromada=events.HromadaEvent(name=f"hromadas/{slug}", version=version))


def written(holdings: dict[str, Any], archive: Archive, size: int, parts: int, now: datetime) -> None:
    """An archive is there."""
    archive.holdings, archive.bytes, archive.parts = holdings, size, parts
    archive.state, archive.trouble, archive.place, archive.ended_at = State.READY, Trouble.NONE, "", now
