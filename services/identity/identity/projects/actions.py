"""What happens to projects: entered, changed."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kit.call import Call
from kit.errors import Refused
from spilno.identity.v1 import events_pb2 as events
from sqlmodel import col, select

from identity.organisations import actions as organisations
from identity.organisations.model import Organisation
from identity.projects import rules
from identity.projects.model import Project


@dataclass(frozen=True, slots=True)
class Draft:
    """A project as it is to be."""

    title: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Funded:
    """A project with its donor."""

    project: Project
    donor: Organisation


async def enter(call: Call, draft: Draft, donor_id: UUID) -> Funded:
    """Enters a project.

    Raises:
        Refused: it ends before it starts, or there is no such donor.
    """
    rules.check_project(draft.starts_on, draft.ends_on)
    donor = (await organisations.by_id(call.db, [donor_id])).get(donor_id)
    if donor is None:
        raise Refused("donor", "project.no-such-donor")
    project = Project(
        title=draft.title,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        donor_id=donor.id,
        created_at=call.now,
    )
    call.db.add(project)
    await call.db.flush()
    call.emit(events.ProjectEntered(project=_event(call, project)))
    return Funded(project, donor)


async def get(call: Call, id: UUID) -> Funded:
    """The project and its donor.

    Raises:
        Missing: there is none.
    """
    project = await call.db.get(Project, id)
    return Funded(project, await organisations.find(call, project.donor_id))


async def hold(call: Call, id: UUID, etag: str) -> Project:
    """The project, held to be changed.

    Raises:
        Missing: there is none.
        Stale: it changed since the caller read it.
    """
    return await call.db.lock(Project, id, etag)


async def change(call: Call, project: Project, draft: Draft) -> Funded:
    """Makes a held project what the draft says.

    Raises:
        Refused: it would end before it starts.
    """
    rules.check_project(draft.starts_on, draft.ends_on)
    project.title, project.starts_on, project.ends_on = draft.title, draft.starts_on, draft.ends_on
    await call.db.flush()
    call.emit(events.ProjectChanged(project=_event(call, project)))
    return Funded(project, await organisations.find(call, project.donor_id))


async def page(call: Call, after: UUID | None, size: int) -> list[Funded]:
    """All projects with their donors, in the order in which they were entered."""
    found = select(Project)
    if after is not None:
        found = found.where(col(Project.id) > after)
    projects = await call.db.all(found.order_by(col(Project.id)).limit(size))
    donors = await organisations.by_id(call.db, {each.donor_id for each in projects})
    return [Funded(each, donors[each.donor_id]) for each in projects]


def _event(call: Call, project: Project) -> events.ProjectEvent:
    return events.ProjectEvent(name=f"{call.hromada.name}/projects/{project.id}", version=project.version)
