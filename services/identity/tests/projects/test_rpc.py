"""Projects and their donors over gRPC."""

from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from identity.testing import Office, Opened, as_whom
from kit.rpc.client import Failure
from spilno.identity.v1 import organisations_pb2
from spilno.identity.v1 import projects_pb2 as pb
from spilno.identity.v1.organisations_pb2_grpc import OrganisationsStub
from spilno.identity.v1.projects_pb2_grpc import ProjectsStub


def stub(office: Office) -> Any:
    return ProjectsStub(office.identity.channel)


async def donor(office: Office) -> str:
    stub: Any = OrganisationsStub(office.identity.channel)
    with as_whom(await office.as_head()):
        made = await stub.CreateOrganisation(
            organisations_pb2.CreateOrganisationRequest(
                parent=office.name,
                organisation=organisations_pb2.OrganisationDraft(
                    title="Міжнародний фонд «Відродження»", kind=organisations_pb2.ORGANISATION_KIND_NGO
                ),
                request_id=str(uuid4()),
            )
        )
    return str(made.name)


async def create(office: Office, donor: str, **changes: Any) -> pb.Project:
    said: dict[str, Any] = {"title": "Права людини і правосуддя", "starts_on": "2017-01-01", **changes}
    with as_whom(await office.as_head()):
        made: pb.Project = await stub(office).CreateProject(
            pb.CreateProjectRequest(
                parent=office.name, project=pb.ProjectDraft(**said), donor=donor, request_id=str(uuid4())
            )
        )
    return made


async def test_a_project_is_listed_with_its_donor(office: Office) -> None:
    made = await create(office, await donor(office))
    with as_whom(await office.as_head()):
        listed = await stub(office).ListProjects(pb.ListProjectsRequest(parent=office.name))
    assert list(listed.projects) == [made]
    assert made.donor_title == "Міжнародний фонд «Відродження»"


async def test_a_project_that_ends_before_it_starts_is_refused_at_its_end(office: Office) -> None:
    with pytest.raises(Failure) as failure:
        await create(office, await donor(office), ends_on="2016-01-01")
    assert set(failure.value.fields) == {"project.ends_on"}


async def test_another_offices_organisation_funds_nothing_here(office: Office, opened: Opened) -> None:
    theirs = (await donor(await opened())).rpartition("/")[2]
    with pytest.raises(Failure) as failure:
        await create(office, f"{office.name}/organisations/{theirs}")
    assert set(failure.value.fields) == {"donor"}


async def test_a_project_is_read_by_its_name_however_many_there_are(office: Office) -> None:
    whose = await donor(office)
    made = [await create(office, whose) for _ in range(26)]
    with as_whom(await office.as_head()):
        assert await stub(office).GetProject(pb.GetProjectRequest(name=made[-1].name)) == made[-1]


async def test_another_offices_project_is_missing(office: Office, opened: Opened) -> None:
    other = await opened()
    theirs = (await create(other, await donor(other))).name.rpartition("/")[2]
    with as_whom(await office.as_head()), pytest.raises(Failure, match="NOT_FOUND"):
        await stub(office).GetProject(pb.GetProjectRequest(name=f"{office.name}/projects/{theirs}"))


async def test_a_project_gets_its_end_by_the_mask(office: Office) -> None:
    made = await create(office, await donor(office))
    with as_whom(await office.as_head()):
        changed = await stub(office).UpdateProject(
            pb.UpdateProjectRequest(
                name=made.name,
                etag=made.etag,
                project=pb.ProjectDraft(ends_on="2020-01-01"),
                update_mask=FieldMask(paths=["ends_on"]),
            )
        )
    assert (changed.title, changed.ends_on, changed.donor) == (made.title, "2020-01-01", made.donor)
