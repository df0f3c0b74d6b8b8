"""Hromadas over gRPC: the operator opens, suspends and resumes; residents find the office."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import nats
import pytest
from identity.hromadas.model import Hromada
from identity.testing import Identity, Office, Opened, an_office, as_whom
from kit.rpc.client import Failure
from kit.servers.nats import Nats
from kit.servers.postgres import Postgres
from nats.aio.msg import Msg
from spilno.identity.v1 import hromadas_pb2 as pb
from spilno.identity.v1 import members_pb2
from sqlmodel import col, select


async def refused(identity: Identity, request: pb.CreateHromadaRequest, locale: str = "en") -> Failure:
    with as_whom(await identity.operator(), locale), pytest.raises(Failure) as failure:
        await identity.hromadas.CreateHromada(request)
    return failure.value


async def test_an_opened_office_is_in_the_operators_list(identity: Identity, office: Office) -> None:
    with as_whom(await identity.operator()):
        listed = await identity.hromadas.ListHromadas(pb.ListHromadasRequest(page_size=500))
    assert office.name in {each.name for each in listed.hromadas}


async def test_the_list_comes_page_by_page_without_gaps(identity: Identity, opened: Opened) -> None:
    ours = {(await opened()).name, (await opened()).name, (await opened()).name}
    seen: list[str] = []
    token = ""
    with as_whom(await identity.operator()):
        while True:
            page = await identity.hromadas.ListHromadas(pb.ListHromadasRequest(page_size=2, page_token=token))
            seen += [each.name for each in page.hromadas]
            token = page.next_page_token
            if not token:
                break
    assert ours <= set(seen)
    assert len(seen) == len(set(seen))


async def test_the_head_of_a_new_office_may_do_everything_in_it(office: Office) -> None:
    with as_whom(await office.as_head()):
        own = await office.identity.members.GetOwnMembership(members_pb2.GetOwnMembershipRequest(parent=office.name))
    assert list(own.roles) == [members_pb2.ROLE_HEAD]


async def test_a_repeated_request_opens_nothing_new(identity: Identity) -> None:
    request = an_office()
    with as_whom(await identity.operator()):
        first = await identity.hromadas.CreateHromada(request)
        second = await identity.hromadas.CreateHromada(request)
    assert first == second


async def test_a_taken_slug_is_refused_at_its_field(identity: Identity, office: Office) -> None:
    failure = await refused(identity, an_office(office.slug))
    assert (failure.code, set(failure.fields)) == (grpc.StatusCode.ALREADY_EXISTS, {"hromada_id"})


async def test_a_taken_code_is_refused_at_its_field(identity: Identity, office: Office) -> None:
    failure = await refused(identity, an_office(katotth=office.katotth))
    assert (failure.code, set(failure.fields)) == (grpc.StatusCode.ALREADY_EXISTS, {"katotth"})


async def test_a_citys_code_is_refused_in_the_callers_language(identity: Identity) -> None:
    failure = await refused(identity, an_office(katotth="UA51040250010015619"), "uk")
    assert failure.fields == {"katotth": "Це код населеного пункту або району міста. Потрібен код самої громади."}


async def test_of_two_operators_who_take_one_slug_at_once_one_wins(identity: Identity) -> None:
    slug = f"h-{uuid4().hex[:12]}"
    with as_whom(await identity.operator()):
        both = [identity.hromadas.CreateHromada(an_office(slug)) for _ in range(2)]
        answers = await asyncio.gather(*both, return_exceptions=True)
    failures = [each for each in answers if isinstance(each, Failure)]
    assert [each.code for each in failures] == [grpc.StatusCode.ALREADY_EXISTS]


async def test_a_refused_office_leaves_nothing_behind(identity: Identity, office: Office) -> None:
    request = an_office(katotth=office.katotth)
    await refused(identity, request)
    async with identity.call() as call:
        found = await call.db.all(select(Hromada).where(col(Hromada.slug) == request.hromada_id))
    assert found == []


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("hromada_id", {"hromada_id": "Татарбунари"}),
        ("hromada_id", {"hromada_id": "operator"}),
        ("katotth", {"katotth": "\0"}),
        ("head.display_name", {"head": members_pb2.MemberDraft(display_name="х" * 10_000, email="head@example.org")}),
        ("head.email", {"head": members_pb2.MemberDraft(display_name="Керівник", email="head")}),
        ("office.phones", {"office": pb.Office(title="Громада", address="вул. Нова, 1", phones=["12-34"])}),
        ("request_id", {"request_id": "1"}),
    ],
)
async def test_bad_input_is_refused_at_its_field(identity: Identity, field: str, changes: dict[str, Any]) -> None:
    failure = await refused(identity, an_office(**changes))
    assert (failure.code, set(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, {field})


async def test_a_head_opens_no_other_office(office: Office) -> None:
    with as_whom(await office.as_head()), pytest.raises(Failure) as failure:
        await office.identity.hromadas.CreateHromada(an_office())
    assert failure.value.code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_suspended_office_is_out_of_the_public_list(identity: Identity, office: Office) -> None:
    await suspend(identity, office)
    offices = await identity.hromadas.ListOffices(pb.ListOfficesRequest(), metadata=await identity.resident_of(office))
    assert office.name not in {each.name for each in offices.offices}


async def test_an_open_office_is_in_the_public_list(identity: Identity, office: Office) -> None:
    offices = await identity.hromadas.ListOffices(pb.ListOfficesRequest(), metadata=await identity.resident_of(office))
    assert office.name in {each.name for each in offices.offices}


async def test_residents_see_the_office_through_web(identity: Identity, office: Office) -> None:
    shown = await identity.hromadas.GetOffice(
        pb.GetOfficeRequest(name=office.name), metadata=await identity.resident_of(office)
    )
    assert (shown.title, list(shown.phones)) == ("Татарбунарська громада", ["+380484432124"])


async def test_a_resumed_office_is_active_again(identity: Identity, office: Office) -> None:
    suspended = await suspend(identity, office)
    with as_whom(await identity.operator()):
        resumed = await identity.hromadas.ResumeHromada(pb.ResumeHromadaRequest(name=office.name, etag=suspended.etag))
    assert (suspended.state, resumed.state) == (pb.HROMADA_STATE_SUSPENDED, pb.HROMADA_STATE_ACTIVE)


async def test_a_stale_etag_suspends_nothing(identity: Identity, office: Office) -> None:
    with as_whom(await identity.operator()), pytest.raises(Failure) as failure:
        await identity.hromadas.SuspendHromada(
            pb.SuspendHromadaRequest(name=office.name, etag="99", reason="нема оператора")
        )
    assert failure.value.code is grpc.StatusCode.ABORTED


async def test_what_does_not_exist_is_not_suspended(identity: Identity) -> None:
    with as_whom(await identity.operator()), pytest.raises(Failure) as failure:
        await identity.hromadas.SuspendHromada(
            pb.SuspendHromadaRequest(name="hromadas/nowhere", etag="1", reason="нема такої")
        )
    assert failure.value.code is grpc.StatusCode.NOT_FOUND


async def test_each_change_of_a_hromada_is_an_event_of_its_own(
    identity: Identity, postgres: Postgres, bus: Nats, office: Office
) -> None:
    suspended = await suspend(identity, office)
    with as_whom(await identity.operator()):
        await identity.hromadas.ResumeHromada(pb.ResumeHromadaRequest(name=office.name, etag=suspended.etag))
    told = await told_of(postgres, bus, office.slug)
    assert [each.rpartition(".")[2] for each in told if ".hromada." in each] == [
        "created",
        "provisioned",
        "suspended",
        "resumed",
    ]


async def test_the_first_head_is_told_of_as_invited(postgres: Postgres, bus: Nats, office: Office) -> None:
    assert f"ev.identity.{office.slug}.member.invited" in await told_of(postgres, bus, office.slug)


async def test_events_hold_no_personal_data(postgres: Postgres, bus: Nats, office: Office) -> None:
    bodies = b"".join([message.data for message in await told(postgres, bus, office.slug)])
    assert bodies
    assert office.head.email.encode() not in bodies
    assert "Керівник".encode() not in bodies


async def suspend(identity: Identity, office: Office) -> pb.Hromada:
    with as_whom(await identity.operator()):
        return await identity.hromadas.SuspendHromada(
            pb.SuspendHromadaRequest(name=office.name, etag=office.etag, reason="договір завершено")
        )


async def told_of(postgres: Postgres, bus: Nats, slug: str) -> list[str]:
    """The subjects of a hromada's events, in the order in which they left for the bus."""
    return [message.subject for message in await told(postgres, bus, slug)]


async def told(postgres: Postgres, bus: Nats, slug: str) -> list[Msg]:
    """A hromada's events, once all have left."""
    database = await asyncpg.connect(postgres.url(database="identity"))
    waits = "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL AND subject LIKE $1)"
    async with asyncio.timeout(60):
        while True:
            if not await database.fetchval(waits, f"ev.identity.{slug}.%"):
                break
            await asyncio.sleep(0.05)
    await database.close()
    client = await nats.connect(bus.url())
    stream = client.jetstream()
    about = await stream.stream_info("EV_IDENTITY", subjects_filter=f"ev.identity.{slug}.>")
    subscription = await stream.subscribe(f"ev.identity.{slug}.>", ordered_consumer=True)
    found = [await subscription.next_msg(timeout=60) for _ in range(sum((about.state.subjects or {}).values()))]
    await client.close()
    return found
