"""Provisioning over gRPC, with a service of our own that hromadas come to: it may be away, and refuse."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import grpc.aio
import pytest
import pytest_asyncio
from identity.hromadas.model import Hromada
from identity.provisioning.model import Announcement, Provisioning, ProvisioningStep
from identity.testing import Identity, an_office, as_whom, ready
from kit.rpc.client import Failure
from kit.servers.postgres import Postgres
from kit.testing.ground import PASSWORD
from spilno.identity.v1 import hromadas_pb2, members_pb2
from spilno.identity.v1 import provisioning_pb2 as pb
from spilno.tenancy.v1 import tenancy_pb2, tenancy_pb2_grpc
from sqlmodel import col, select

TEXT = "name: tatarbunary\nversion: 1\n"


@dataclass
class Tenant(tenancy_pb2_grpc.TenancyServicer):
    """A service that hromadas come to."""

    applied: list[tuple[str, str]] = field(default_factory=list)
    refuses: grpc.StatusCode | None = None
    open_tables: list[str] = field(default_factory=list)
    address: str = ""

    Export: Any = None
    Digest: Any = None
    Usage: Any = None
    BeginImport: Any = None
    PutPart: Any = None
    FinishImport: Any = None
    Erase: Any = None

    async def Apply(self, request: tenancy_pb2.ApplyRequest, context: Any) -> tenancy_pb2.ApplyResponse:
        if self.refuses is not None:
            await context.abort(self.refuses, "told to")
        self.applied.append((request.name, request.text))
        template = tenancy_pb2.AppliedTemplate(name="tatarbunary", version=1, digest="d")
        return tenancy_pb2.ApplyResponse(template=template, written=["register"])

    async def CheckTemplate(
        self, request: tenancy_pb2.CheckTemplateRequest, context: Any
    ) -> tenancy_pb2.AppliedTemplate:
        said = dict(line.split(": ") for line in request.text.splitlines())
        return tenancy_pb2.AppliedTemplate(name=said["name"], version=int(said["version"]), digest="d2")

    async def CheckIsolation(
        self, request: tenancy_pb2.CheckIsolationRequest, context: Any
    ) -> tenancy_pb2.CheckIsolationResponse:
        return tenancy_pb2.CheckIsolationResponse(open_tables=self.open_tables)


async def announced(identity: Identity, address: str, **changes: Any) -> None:
    said: dict[str, Any] = {"service": "reception", "text": TEXT, "name": "tatarbunary", "version": 1, "digest": "d"}
    with as_whom(await identity.client_token("svc.reception", PASSWORD)):
        await identity.provisionings.Announce(
            pb.AnnounceRequest(address=address, template=pb.TemplatePart(**{**said, **changes}))
        )


@pytest_asyncio.fixture
async def tenant(identity: Identity, postgres: Postgres) -> AsyncIterator[Tenant]:
    """A service that has announced itself, and that identity forgets afterwards."""
    tenant = Tenant()
    server = grpc.aio.server()
    tenancy_pb2_grpc.add_TenancyServicer_to_server(tenant, server)
    tenant.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    await announced(identity, tenant.address)
    yield tenant
    await forget(postgres)
    await server.stop(0)


async def forget(postgres: Postgres) -> None:
    """No service is there any more: those who serve hromadas may not take that back themselves."""
    migrator = await asyncpg.connect(postgres.url("identity_migrator", PASSWORD, "identity"))
    await migrator.execute("DELETE FROM provisioning_step; DELETE FROM announcement")
    await migrator.close()


async def begun(identity: Identity, **changes: Any) -> hromadas_pb2.Hromada:
    with as_whom(await identity.operator()):
        made = await identity.hromadas.CreateHromada(an_office(**changes))
    hromada: hromadas_pb2.Hromada = made.hromada
    return hromada


async def progress(identity: Identity, hromada: hromadas_pb2.Hromada) -> pb.Provisioning:
    with as_whom(await identity.operator()):
        found: pb.Provisioning = await identity.provisionings.GetProvisioning(
            pb.GetProvisioningRequest(name=f"{hromada.name}/provisioning")
        )
    return found


async def troubled(identity: Identity, hromada: hromadas_pb2.Hromada, trouble: int) -> pb.Provisioning:
    """Waits until the step tells that trouble."""
    async with asyncio.timeout(60):
        found = await progress(identity, hromada)
        while [step.trouble for step in found.steps if step.service] != [trouble]:
            await asyncio.sleep(0.1)
            found = await progress(identity, hromada)
    return found


async def state(identity: Identity, hromada: hromadas_pb2.Hromada) -> "hromadas_pb2.HromadaState.ValueType":
    with as_whom(await identity.operator()):
        return (await identity.hromadas.GetHromada(hromadas_pb2.GetHromadaRequest(name=hromada.name))).state


async def test_a_hromada_begins_on_its_way_and_opens_once_its_service_is_ready(
    identity: Identity, tenant: Tenant
) -> None:
    hromada = await begun(identity)
    assert hromada.state == hromadas_pb2.HROMADA_STATE_PROVISIONING
    await ready(identity, hromada.name.removeprefix("hromadas/"), await identity.operator())
    found = await progress(identity, hromada)
    assert await state(identity, hromada) == hromadas_pb2.HROMADA_STATE_ACTIVE
    assert [each for each in tenant.applied if each[0] == hromada.name] == [(hromada.name, "")]
    assert all(step.HasField("finished_at") for step in found.steps)
    assert [(step.service, step.template, step.template_version) for step in found.steps if step.service] == [
        ("reception", "tatarbunary", 1)
    ]
    assert list(found.missing_services) == []


async def test_while_a_service_is_away_it_is_named_and_calls_are_asked_to_come_back(
    identity: Identity, tenant: Tenant
) -> None:
    tenant.refuses = grpc.StatusCode.UNAVAILABLE
    hromada = await begun(identity)
    found = await troubled(identity, hromada, pb.PROVISIONING_TROUBLE_AWAY)
    assert (found.done, list(found.missing_services)) == (False, ["reception"])
    carried = (("spilno-service", f"Bearer {await identity.client_token('svc.web', PASSWORD)}"),)
    with pytest.raises(Failure) as refused:
        await identity.hromadas.GetOffice(hromadas_pb2.GetOfficeRequest(name=hromada.name), metadata=carried)
    assert (refused.value.code, refused.value.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "hromada.provisioning")
    assert refused.value.retry_after is not None
    tenant.refuses = None
    await ready(identity, hromada.name.removeprefix("hromadas/"), await identity.operator())
    assert await identity.hromadas.GetOffice(hromadas_pb2.GetOfficeRequest(name=hromada.name), metadata=carried)


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, pb.PROVISIONING_TROUBLE_TEMPLATE),
        (grpc.StatusCode.INTERNAL, pb.PROVISIONING_TROUBLE_REFUSED),
    ],
)
async def test_a_refusal_is_told_and_tried_again(
    identity: Identity, tenant: Tenant, code: grpc.StatusCode, trouble: int
) -> None:
    tenant.refuses = code
    hromada = await begun(identity)
    await troubled(identity, hromada, trouble)
    tenant.refuses = None
    await ready(identity, hromada.name.removeprefix("hromadas/"), await identity.operator())


async def test_a_hromada_that_is_not_kept_apart_stays_shut(identity: Identity, tenant: Tenant) -> None:
    tenant.open_tables = ["appeal"]
    hromada = await begun(identity)
    found = await troubled(identity, hromada, pb.PROVISIONING_TROUBLE_OPEN_TABLES)
    assert not found.done
    assert await state(identity, hromada) == hromadas_pb2.HROMADA_STATE_PROVISIONING
    tenant.open_tables = []
    await ready(identity, hromada.name.removeprefix("hromadas/"), await identity.operator())


async def test_one_suspended_on_its_way_stays_shut_until_it_is_resumed(identity: Identity, tenant: Tenant) -> None:
    tenant.refuses = grpc.StatusCode.UNAVAILABLE
    hromada = await begun(identity)
    operator = await identity.operator()
    with as_whom(operator):
        shut = await identity.hromadas.SuspendHromada(
            hromadas_pb2.SuspendHromadaRequest(name=hromada.name, etag=hromada.etag, reason="Помилка в назві")
        )
        back = await identity.hromadas.ResumeHromada(
            hromadas_pb2.ResumeHromadaRequest(name=hromada.name, etag=shut.etag)
        )
        assert back.state == hromadas_pb2.HROMADA_STATE_PROVISIONING
        again = await identity.hromadas.SuspendHromada(
            hromadas_pb2.SuspendHromadaRequest(name=hromada.name, etag=back.etag, reason="Помилка в назві")
        )
    tenant.refuses = None
    etag = await ready(identity, hromada.name.removeprefix("hromadas/"), operator)
    assert again.state == await state(identity, hromada) == hromadas_pb2.HROMADA_STATE_SUSPENDED
    with as_whom(operator):
        opened = await identity.hromadas.ResumeHromada(hromadas_pb2.ResumeHromadaRequest(name=hromada.name, etag=etag))
    assert opened.state == hromadas_pb2.HROMADA_STATE_ACTIVE


async def test_a_service_that_is_new_gives_its_template_to_those_who_came_before(
    identity: Identity, postgres: Postgres
) -> None:
    hromada = await begun(identity)
    await ready(identity, hromada.name.removeprefix("hromadas/"), await identity.operator())
    tenant = Tenant()
    server = grpc.aio.server()
    tenancy_pb2_grpc.add_TenancyServicer_to_server(tenant, server)
    await announced(identity, f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
    assert not (await progress(identity, hromada)).done
    assert await state(identity, hromada) == hromadas_pb2.HROMADA_STATE_ACTIVE
    await server.start()
    await ready(identity, hromada.name.removeprefix("hromadas/"), await identity.operator())
    assert (hromada.name, "") in tenant.applied
    await forget(postgres)
    await server.stop(0)


async def test_the_same_announcement_writes_nothing_and_a_newer_template_is_for_those_who_come(
    identity: Identity, tenant: Tenant
) -> None:
    async def kept() -> tuple[int, int]:
        async with identity.call() as call:
            row = await call.db.one_or_none(select(Announcement))
        assert row is not None
        return row.version, row.edition

    before = await kept()
    await announced(identity, tenant.address)
    assert await kept() == before
    hromada = await begun(identity)
    await ready(identity, hromada.name.removeprefix("hromadas/"), await identity.operator())
    await announced(identity, tenant.address, version=2, digest="e")
    assert await kept() == (before[0] + 1, 2)
    await asyncio.sleep(0.6)
    assert tenant.applied.count((hromada.name, "")) == 1


async def test_no_service_speaks_for_another(identity: Identity) -> None:
    with pytest.raises(Failure) as refused:
        await announced(identity, "127.0.0.1:1", service="web")
    assert refused.value.code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_repeated_request_writes_nothing(identity: Identity, tenant: Tenant) -> None:
    request = an_office()
    with as_whom(await identity.operator()):
        first = await identity.hromadas.CreateHromada(request)
        await ready(identity, request.hromada_id, await identity.operator())
        before = await rows(identity)
        second = await identity.hromadas.CreateHromada(request)
    await asyncio.sleep(0.6)
    assert (first, await rows(identity)) == (second, before)


async def rows(identity: Identity) -> list[int]:
    async with identity.call() as call:
        return [
            len(await call.db.all(select(Hromada))),
            len(await call.db.all(select(Provisioning))),
            sum(step.version for step in await call.db.all(select(ProvisioningStep))),
        ]


async def test_an_operators_template_is_read_by_its_service_and_then_given(identity: Identity, tenant: Tenant) -> None:
    text = f"name: t-{uuid4().hex[:8]}\nversion: 4\n"
    with as_whom(await identity.operator()):
        published = await identity.templates.PublishTemplate(
            pb.PublishTemplateRequest(parts=[pb.TemplatePart(service="reception", text=text)], request_id=str(uuid4()))
        )
        listed = await identity.templates.ListTemplates(pb.ListTemplatesRequest())
    assert published.name in {one.name for one in listed.templates}
    assert (listed.standard.title, listed.standard.parts[0].text) == ("tatarbunary", TEXT)
    hromada = await begun(identity, template=published.name)
    await ready(identity, hromada.name.removeprefix("hromadas/"), await identity.operator())
    assert (hromada.name, text) in tenant.applied
    assert (await progress(identity, hromada)).template == published.name


@pytest.mark.parametrize(
    ("parts", "field", "code"),
    [
        ([("reception", TEXT)], "parts.reception.version", grpc.StatusCode.ALREADY_EXISTS),
        ([("nobody", TEXT)], "parts.nobody", grpc.StatusCode.INVALID_ARGUMENT),
        ([("reception", TEXT), ("reception", TEXT)], "parts.reception", grpc.StatusCode.INVALID_ARGUMENT),
        ([], "parts", grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_a_template_that_cannot_be_kept_is_refused_at_its_part(
    identity: Identity, tenant: Tenant, parts: list[tuple[str, str]], field: str, code: grpc.StatusCode
) -> None:
    request = pb.PublishTemplateRequest(
        parts=[pb.TemplatePart(service=service, text=text) for service, text in parts], request_id=str(uuid4())
    )
    with as_whom(await identity.operator()), pytest.raises(Failure) as refused:
        await identity.templates.PublishTemplate(request)
    assert (refused.value.code, list(refused.value.fields)) == (code, [field])


async def test_an_unknown_template_is_refused_at_its_field(identity: Identity) -> None:
    with as_whom(await identity.operator()), pytest.raises(Failure) as refused:
        await identity.hromadas.CreateHromada(an_office(template="templates/no-such-1"))
    assert list(refused.value.fields) == ["template"]


async def test_the_head_accepts_while_the_office_is_made_ready(identity: Identity, tenant: Tenant) -> None:
    tenant.refuses = grpc.StatusCode.UNAVAILABLE
    request = an_office()
    with as_whom(await identity.operator()):
        made = await identity.hromadas.CreateHromada(request)
    (await identity.visitor().accept(made.invitation.url, "a long enough phrase")).raise_for_status()
    async with identity.call() as call:
        found = await call.db.one_or_none(select(Hromada).where(col(Hromada.slug) == request.hromada_id))
    assert found is not None
    assert not found.is_ready
    assert members_pb2.ROLE_HEAD in made.invitation.member.roles


async def test_an_error_with_one_hromada_holds_up_no_other(
    identity: Identity, tenant: Tenant, postgres: Postgres
) -> None:
    tenant.refuses = grpc.StatusCode.UNAVAILABLE
    broken = await begun(identity)
    await troubled(identity, broken, pb.PROVISIONING_TROUBLE_AWAY)
    slug = broken.name.removeprefix("hromadas/")
    migrator = await asyncpg.connect(postgres.url("identity_migrator", PASSWORD, "identity"))
    id = await migrator.fetchval("SELECT id FROM hromada WHERE slug = $1", slug)
    stays = f"CHECK (finished_at IS NULL OR hromada_id <> '{id}') NOT VALID"
    await migrator.execute(f"ALTER TABLE provisioning ADD CONSTRAINT broken {stays}")
    tenant.refuses = None
    other = await begun(identity)
    await ready(identity, other.name.removeprefix("hromadas/"), await identity.operator())
    assert await state(identity, broken) == hromadas_pb2.HROMADA_STATE_PROVISIONING
    await migrator.execute("ALTER TABLE provisioning DROP CONSTRAINT broken")
    await migrator.close()
    await ready(identity, slug, await identity.operator())
