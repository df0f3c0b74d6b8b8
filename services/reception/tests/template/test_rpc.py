"""Reception's Tenancy over gRPC: what identity asks when a hromada comes."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import PASSWORD, Ground
from reception.receptions.model import ReceptionSchedule
from reception.template import template
from spilno.tenancy.v1 import tenancy_pb2 as pb
from spilno.tenancy.v1.tenancy_pb2_grpc import TenancyStub
from sqlmodel import select


@pytest.fixture
def hromada(reception: Ground) -> str:
    """A hromada that reception has not heard of."""
    return reception.hromada(f"h-{uuid4().hex[:12]}").name


Asked = Callable[..., Any]


@pytest.fixture
async def tenancy(reception: Ground) -> AsyncIterator[Asked]:
    """Reception's Tenancy, as a service of the platform calls it: identity, if no other is named."""
    channel = reception.channel()

    def called(service: str = "identity") -> Any:
        acting.set(Acting(reception.issuer.service(service), "en"))
        return TenancyStub(channel)

    yield called
    await channel.close()


async def refused(call: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        await call
    return failure.value


async def test_the_template_is_given_once_and_the_second_run_writes_nothing(tenancy: Asked, hromada: str) -> None:
    first = await tenancy().Apply(pb.ApplyRequest(name=hromada))
    second = await tenancy().Apply(pb.ApplyRequest(name=hromada))
    assert (list(first.written), list(first.kept)) == (["register", "schedule", "calendar", "hazards"], [])
    assert (list(second.written), list(second.kept)) == ([], ["register", "schedule", "calendar", "hazards"])
    assert (first.template.name, first.template.version, first.template.digest) == (
        "tatarbunary",
        1,
        template.own.digest,
    )


async def test_a_chosen_template_is_given_instead_of_the_own(tenancy: Asked, reception: Ground, hromada: str) -> None:
    text = template.text.replace("slot_minutes: 20", "slot_minutes: 30").replace("version: 1", "version: 7")
    given = await tenancy().Apply(pb.ApplyRequest(name=hromada, text=text))
    assert given.template.version == 7
    async with reception.call(hromada.removeprefix("hromadas/")) as call:
        schedule = await call.db.one_or_none(select(ReceptionSchedule))
    assert schedule is not None
    assert schedule.slot_minutes == 30


async def test_what_the_hromada_changed_stays_its_own(tenancy: Asked, reception: Ground, hromada: str) -> None:
    await tenancy().Apply(pb.ApplyRequest(name=hromada))
    async with reception.call(hromada.removeprefix("hromadas/")) as call:
        found = await call.db.one_or_none(select(ReceptionSchedule))
        assert found is not None
        (await call.db.lock(ReceptionSchedule, found.id)).slot_minutes = 45
    await tenancy().Apply(pb.ApplyRequest(name=hromada))
    async with reception.call(hromada.removeprefix("hromadas/")) as call:
        kept = await call.db.one_or_none(select(ReceptionSchedule))
    assert kept is not None
    assert (kept.slot_minutes, kept.version) == (45, 2)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (("slot_minutes: 20", "slot_minutes: 2"), "schedule.slot_minutes"),
        (("slot_minutes: 20", "slot_minutes: 20\n  lunch: yes"), "schedule.lunch"),
        (("tuesday", "tyesday"), "schedule.week[0].day"),
        (("closes: 12:00", "closes: 09:00"), "schedule.week[0]"),
        (("closes: 12:00", "closes: 10:10"), "schedule.week"),
        (("friday", "tuesday"), "schedule.week"),
    ],
)
async def test_a_fault_comes_back_at_its_path_in_words(tenancy: Asked, change: tuple[str, str], path: str) -> None:
    text = template.text.replace(*change, 1)
    failure = await refused(tenancy().CheckTemplate(pb.CheckTemplateRequest(text=text)))
    assert (failure.code, list(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, [f"text.{path}"])
    said = failure.fields[f"text.{path}"]
    assert said.startswith(f"{path}: ")
    assert "template." not in said
    assert "schedule.hours" not in said.removeprefix(path)


async def test_a_faulty_template_gives_nothing(tenancy: Asked, hromada: str) -> None:
    failure = await refused(tenancy().Apply(pb.ApplyRequest(name=hromada, text="name: x")))
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    given = await tenancy().Apply(pb.ApplyRequest(name=hromada))
    assert list(given.written) == ["register", "schedule", "calendar", "hazards"]


async def test_a_provisioned_hromada_is_kept_apart(tenancy: Asked, reception: Ground, hromada: str) -> None:
    neighbour = reception.hromada(f"h-{uuid4().hex[:12]}").name
    for name in (hromada, neighbour):
        await tenancy().Apply(pb.ApplyRequest(name=name))
    found = await tenancy().CheckIsolation(pb.CheckIsolationRequest(name=hromada))
    assert list(found.open_tables) == []


async def test_a_table_that_shows_a_neighbours_row_is_named(tenancy: Asked, reception: Ground, hromada: str) -> None:
    await tenancy().Apply(pb.ApplyRequest(name=reception.hromada(f"h-{uuid4().hex[:12]}").name))
    migrator = await asyncpg.connect(reception.postgres.url("reception_migrator", PASSWORD, "reception"))
    await migrator.execute("ALTER TABLE register DISABLE ROW LEVEL SECURITY")
    try:
        found = await tenancy().CheckIsolation(pb.CheckIsolationRequest(name=hromada))
    finally:
        await migrator.execute("ALTER TABLE register ENABLE ROW LEVEL SECURITY")
        await migrator.close()
    assert list(found.open_tables) == ["register"]


@pytest.mark.parametrize("service", ["web", "reception"])
async def test_only_identity_leads_hromadas_here(tenancy: Asked, hromada: str, service: str) -> None:
    for call in (
        tenancy(service).Apply(pb.ApplyRequest(name=hromada)),
        tenancy(service).CheckTemplate(pb.CheckTemplateRequest(text=template.text)),
        tenancy(service).CheckIsolation(pb.CheckIsolationRequest(name=hromada)),
    ):
        assert (await refused(call)).code is grpc.StatusCode.PERMISSION_DENIED
