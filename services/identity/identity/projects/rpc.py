"""Translates: projects."""

from uuid import UUID

from kit.call import Call, Hromada
from kit.days import day, day_or_none, written
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.masks import judge, merged
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from spilno.identity.v1 import projects_pb2 as pb

from identity.projects import actions


class Projects(Servicer, contract=pb.DESCRIPTOR.services_by_name["Projects"]):
    async def CreateProject(self, request: pb.CreateProjectRequest, call: Call) -> pb.Project:
        funded = await actions.enter(call, _draft(request.project), uid(request.donor, "donor"))
        return _message(call.hromada, funded)

    async def GetProject(self, request: pb.GetProjectRequest, call: Call) -> pb.Project:
        return _message(call.hromada, await actions.get(call, uid(request.name)))

    async def ListProjects(self, request: pb.ListProjectsRequest, call: Call) -> pb.ListProjectsResponse:
        size = request.page_size or DEFAULT_SIZE
        start = start_of(call, request, request.page_token)
        found = await actions.page(call, UUID(start[0]) if start else None, size + 1)
        shown = found[:size]
        more = token_for(call, request, [str(shown[-1].project.id)]) if len(found) > size else ""
        return pb.ListProjectsResponse(projects=[_message(call.hromada, each) for each in shown], next_page_token=more)

    async def UpdateProject(self, request: pb.UpdateProjectRequest, call: Call) -> pb.Project:
        held = await actions.hold(call, uid(request.name), request.etag)
        kept = pb.ProjectDraft(title=held.title, starts_on=written(held.starts_on), ends_on=written(held.ends_on))
        draft = merged(kept, request.project, request.update_mask)
        donor = f"{call.hromada.name}/organisations/{held.donor_id}"
        judge(pb.CreateProjectRequest(parent=call.hromada.name, project=draft, donor=donor, request_id=str(held.id)))
        return _message(call.hromada, await actions.change(call, held, _draft(draft)))


def _draft(message: pb.ProjectDraft) -> actions.Draft:
    return actions.Draft(
        title=message.title,
        starts_on=day(message.starts_on, "project.starts_on"),
        ends_on=day_or_none(message.ends_on, "project.ends_on"),
    )


def _message(hromada: Hromada, funded: actions.Funded) -> pb.Project:
    project, donor = funded.project, funded.donor
    return pb.Project(
        name=f"{hromada.name}/projects/{project.id}",
        title=project.title,
        starts_on=written(project.starts_on),
        ends_on=written(project.ends_on),
        donor=f"{hromada.name}/organisations/{donor.id}",
        donor_title=donor.title,
        etag=project.etag,
    )
