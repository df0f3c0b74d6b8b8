"""What happens to hromadas: opened by the NGO's operator, suspended, resumed, shown to residents."""

from dataclasses import dataclass

from kit.call import Call
from kit.database import Session
from kit.errors import AlreadyThere, Missing, WrongState
from spilno.identity.v1 import events_pb2 as events
from sqlmodel import col, select

from identity.authority import states
from identity.hromadas.model import Hromada, State
from identity.hromadas.rules import katotth_of_hromada
from identity.members.actions import Draft as Membership
from identity.members.actions import Enrolled, enrol
from identity.members.rules import Role
from identity.tenancy.model import Erasure


@dataclass(frozen=True, slots=True)
class Office:
    """The office as residents see it."""

    title: str
    title_en: str
    address: str
    address_en: str
    directions: str
    directions_en: str
    phones: list[str]
    email: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A hromada to be."""

    slug: str
    katotth: str
    office: Office


async def create(call: Call, draft: Draft, head_name: str, head_email: str) -> tuple[Hromada, Enrolled]:
    """Gives a hromada its place and invites its first head, both or neither. From here on the transaction is its own.

    Raises:
        Refused: the code is not a hromada's.
        AlreadyThere: the slug or the code is taken, or the slug was that of a hromada that was erased.
    """
    code, slug, office = katotth_of_hromada(draft.katotth), draft.slug, draft.office
    for row in await call.db.all(select(Hromada).where((col(Hromada.slug) == slug) | (col(Hromada.katotth) == code))):
        if row.slug == slug:
            raise AlreadyThere("hromada.slug-taken", field="hromada_id")
        raise AlreadyThere("hromada.katotth-taken", field="katotth")
    erased = select(Erasure).where(col(Erasure.slug) == slug, col(Erasure.returned_at).is_(None))
    if await call.db.one_or_none(erased) is not None:
        raise AlreadyThere("hromada.slug-erased", field="hromada_id")
    hromada = Hromada(
        slug=slug,
        katotth=code,
        title=office.title,
        title_en=office.title_en,
        address=office.address,
        address_en=office.address_en,
        directions=office.directions,
        directions_en=office.directions_en,
        phones=office.phones,
        email=office.email,
        created_at=call.now,
    )
    call.db.add(hromada)
    await call.db.flush()
    await call.db.enter(hromada.id)
    call.emit(events.HromadaCreated(hromada=event(hromada)))
    states.share(call, states.of_hromada(hromada))
    head = Membership(head_name, head_email, (Role.HEAD,), not_before=call.now, until=None)
    return hromada, await enrol(call, hromada.as_called(), head, "head.email")


async def page(call: Call, after: str, size: int) -> list[Hromada]:
    """Hromadas by slug, after one."""
    return await call.db.all(select(Hromada).where(col(Hromada.slug) > after).order_by(col(Hromada.slug)).limit(size))


async def open_offices(call: Call) -> list[Hromada]:
    """The offices that residents may walk into."""
    return await call.db.all(select(Hromada).where(col(Hromada.state) == State.ACTIVE).order_by(col(Hromada.slug)))


async def find(db: Session, slug: str) -> Hromada:
    """The hromada of a slug.

    Raises:
        Missing: there is none.
    """
    found = await db.one_or_none(select(Hromada).where(col(Hromada.slug) == slug))
    if found is None:
        raise Missing
    return found


async def suspend(call: Call, slug: str, etag: str, reason: str) -> Hromada:
    """Closes the hromada's door; nothing is erased."""
    hromada = await call.db.lock(Hromada, (await find(call.db, slug)).id, etag)
    if hromada.is_suspended:
        raise WrongState("hromada.already-suspended")
    hromada.state, hromada.suspended_for = State.SUSPENDED, reason
    await _changed(call, hromada)
    call.emit(events.HromadaSuspended(hromada=event(hromada)))
    states.share(call, states.of_hromada(hromada))
    return hromada


async def resume(call: Call, slug: str, etag: str) -> Hromada:
    """Opens the door again; of one that was not ready yet, once it is."""
    hromada = await call.db.lock(Hromada, (await find(call.db, slug)).id, etag)
    if not hromada.is_suspended:
        raise WrongState("hromada.not-suspended")
    if hromada.state is State.ERASING:
        raise WrongState("hromada.erasing")
    hromada.state = State.ACTIVE if hromada.is_ready else State.PROVISIONING
    hromada.suspended_for = None
    await _changed(call, hromada)
    call.emit(events.HromadaResumed(hromada=event(hromada)))
    states.share(call, states.of_hromada(hromada))
    return hromada


async def _changed(call: Call, hromada: Hromada) -> None:
    """The event is the hromada's own, so that its feed has it."""
    await call.db.flush()
    await call.db.enter(hromada.id)


def event(hromada: Hromada) -> events.HromadaEvent:
    """What events tell of a hromada."""
    return events.HromadaEvent(name=hromada.name, version=hromada.version)
