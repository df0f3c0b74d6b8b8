"""The verbs of provisioning. Each can be repeated; none undoes what another did."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kit.call import Call
from kit.database import Session
from kit.errors import Denied, Missing
from spilno.identity.v1 import events_pb2 as events
from sqlmodel import col, exists, or_, select

from identity import settings
from identity.authority import states
from identity.hromadas import actions as hromadas
from identity.hromadas.model import Hromada, State
from identity.members.actions import Enrolled
from identity.provisioning.model import Announcement, Provisioning, ProvisioningStep, Trouble
from identity.templates import actions as templates
from identity.templates.model import Template


@dataclass(frozen=True, slots=True)
class Applied:
    """Which template a service gave the hromada."""

    name: str
    edition: int
    digest: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a hromada has come."""

    hromada: Hromada
    provisioning: Provisioning
    template: Template | None
    steps: Sequence[ProvisioningStep]


@dataclass(frozen=True, slots=True)
class Work:
    """One hromada's open steps, and what is needed to do them."""

    hromada: Hromada
    provisioning: Provisioning
    steps: Sequence[ProvisioningStep]
    announced: dict[str, Announcement]
    texts: dict[str, str]
    """The chosen template's parts, by service."""

    @property
    def waiting(self) -> list[ProvisioningStep]:
        return [step for step in self.steps if step.finished_at is None]


async def bring(
    call: Call, draft: hromadas.Draft, template: str, head_name: str, head_email: str
) -> tuple[Hromada, Enrolled]:
    """Makes the hromada, invites its head, and begins its provisioning: all of it or nothing.

    Raises:
        Refused: the code is not a hromada's, or there is no such template.
        AlreadyThere: the slug or the code is taken.
    """
    chosen = await templates.named(call, template) if template else None
    hromada, enrolled = await hromadas.create(call, draft, head_name, head_email)
    provisioning = Provisioning(hromada_id=hromada.id, template_id=chosen.id if chosen else None, started_at=call.now)
    call.db.add(provisioning)
    present = {one.service for one in await call.db.all(select(Announcement))}
    for service in sorted(present | set(settings.own(call.settings).template_services)):
        call.db.add(ProvisioningStep(provisioning_id=provisioning.id, service=service))
    return hromada, enrolled


async def announce(call: Call, said: Announcement) -> None:
    """A service is there. One that is new gives its template to every hromada that came before it; one whose template
    is newer gives it to those who come. The same said again writes nothing.

    Raises:
        Denied: a service speaks for another.
    """
    if said.service != call.caller.service:
        raise Denied
    known = await call.db.one_or_none(select(Announcement).where(col(Announcement.service) == said.service))
    if known is None:
        call.db.add(said)
        await call.db.flush()
        await _await_everywhere(call, said.service)
        return
    row = await call.db.lock(Announcement, known.id)
    changing = ("address", "name", "edition", "digest", "text")
    if any(getattr(row, field) != getattr(said, field) for field in changing):
        for field in (*changing, "announced_at"):
            setattr(row, field, getattr(said, field))


async def _await_everywhere(call: Call, service: str) -> None:
    has_it = exists().where(
        col(ProvisioningStep.provisioning_id) == Provisioning.id, col(ProvisioningStep.service) == service
    )
    for provisioning in await call.db.all(select(Provisioning).where(~has_it)):
        call.db.add(ProvisioningStep(provisioning_id=provisioning.id, service=service))


async def progress(call: Call, slug: str) -> Progress:
    """How far the hromada has come.

    Raises:
        Missing: there is no such hromada.
    """
    hromada = await hromadas.find(call.db, slug)
    provisioning = await _of(call.db, hromada)
    template = await call.db.get(Template, provisioning.template_id) if provisioning.template_id else None
    return Progress(hromada, provisioning, template, await _steps(call.db, provisioning))


async def unfinished(db: Session) -> list[Hromada]:
    """The hromadas with something left to do, the oldest first."""
    step_waits = exists().where(
        col(ProvisioningStep.provisioning_id) == Provisioning.id, col(ProvisioningStep.finished_at).is_(None)
    )
    found = (
        select(Hromada)
        .join(Provisioning, col(Provisioning.hromada_id) == Hromada.id)
        .where(or_(col(Provisioning.finished_at).is_(None), step_waits), col(Hromada.state) != State.ERASING)
        .order_by(col(Provisioning.started_at))
    )
    return await db.all(found)


async def work(db: Session, hromada: Hromada) -> Work:
    """What is to be done for the hromada now."""
    provisioning = await _of(db, hromada)
    parts = await templates.parts(db, provisioning.template_id) if provisioning.template_id else []
    return Work(
        hromada=hromada,
        provisioning=provisioning,
        steps=await _steps(db, provisioning),
        announced={one.service: one for one in await db.all(select(Announcement))},
        texts={part.service: part.text for part in parts},
    )


async def finish_step(call: Call, step_id: UUID, applied: Applied) -> None:
    """The service has done its step."""
    step = await call.db.lock(ProvisioningStep, step_id)
    if step.finished_at is None:
        step.name, step.edition, step.digest = applied.name, applied.edition, applied.digest
        step.trouble, step.finished_at = Trouble.NONE, call.now


async def tell_trouble(call: Call, step_id: UUID, trouble: Trouble) -> None:
    """Something is in the way of the step."""
    step = await call.db.lock(ProvisioningStep, step_id)
    step.trouble = trouble


async def open_door(call: Call, provisioning_id: UUID) -> None:
    """Every service is ready and keeps the hromada apart: it is open. One that was suspended meanwhile stays shut until
    it is resumed."""
    provisioning = await call.db.lock(Provisioning, provisioning_id)
    if provisioning.finished_at is not None:
        return
    provisioning.isolated_at = provisioning.finished_at = call.now
    hromada = await call.db.lock(Hromada, provisioning.hromada_id)
    hromada.ready_at = call.now
    if hromada.state is State.PROVISIONING:
        hromada.state = State.ACTIVE
    await call.db.flush()
    call.emit(events.HromadaProvisioned(hromada=hromadas.event(hromada)))
    states.share(call, states.of_hromada(hromada))


async def _of(db: Session, hromada: Hromada) -> Provisioning:
    found = await db.one_or_none(select(Provisioning).where(col(Provisioning.hromada_id) == hromada.id))
    if found is None:
        raise Missing
    return found


async def _steps(db: Session, provisioning: Provisioning) -> list[ProvisioningStep]:
    of_it = col(ProvisioningStep.provisioning_id) == provisioning.id
    return await db.all(select(ProvisioningStep).where(of_it).order_by(col(ProvisioningStep.service)))
