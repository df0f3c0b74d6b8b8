"""How long a revocation takes to be felt in another service, and what happens while the bus is away."""

import asyncio
import re
import statistics
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
import pytest_asyncio
from kit.names import last
from kit.rpc.client import Failure
from spilno.identity.v1 import members_pb2
from spilno.reception.v1 import appeals_pb2

from tests.isolation.minting import mint_all
from tests.world import OWN, World, as_whom

PARENT = f"hromadas/{OWN}"
ONE_BY_ONE, ACROSS = 200, 20
"""How many are revoked while the bus is well, and how many while it is away."""
FELT_MILLISECONDS, FELT_ACROSS_MILLISECONDS = 250, 5_000
PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works in the office until they are revoked."""

    name: str
    etag: str
    token: str


@pytest_asyncio.fixture(scope="module")
async def members(world: World) -> list[Member]:
    """Coordinators enough to revoke. That they came in is written for them: as many passwords would take minutes."""
    asked_in = list[str]()
    with as_whom(world.tokens[f"head:{OWN}"]):
        for number in range(ONE_BY_ONE + ACROSS):
            draft = members_pb2.MemberDraft(display_name="Координатор", email=f"c{number}@{OWN}.example.org")
            asked = members_pb2.InviteMemberRequest(parent=PARENT, member=draft, roles=[members_pb2.ROLE_COORDINATOR])
            asked.request_id = str(uuid4())
            asked_in.append(last((await world.members.InviteMember(asked)).member.name))
    database = await asyncpg.connect(world.house.database_url("identity", "migrator"))
    came = await database.fetch(
        "UPDATE membership SET accepted_at = now() WHERE id = ANY($1::uuid[]) RETURNING id, person_id", asked_in
    )
    await database.close()
    await world.house.service("identity").restart()
    tokens = await mint_all(world, [str(row["person_id"]) for row in came], OWN)
    etags = await etags_once_back(world)
    names = [f"{PARENT}/members/{row['id']}" for row in came]
    found = [Member(name, etags[name], token) for name, token in zip(names, tokens, strict=True)]
    async with asyncio.timeout(PATIENCE_SECONDS):
        for each in found:
            await until_let_in(world, each)
    return found


async def until_let_in(world: World, member: Member) -> None:
    while True:
        if await is_let_in(world, member.token):
            return
        await asyncio.sleep(0.1)


async def etags_of(world: World) -> dict[str, str]:
    """Every member's, by name."""
    found, page = dict[str, str](), ""
    with as_whom(world.tokens[f"head:{OWN}"]):
        while True:
            listed = await world.members.ListMembers(
                members_pb2.ListMembersRequest(parent=PARENT, page_size=200, page_token=page)
            )
            found.update({member.name: member.etag for member in listed.members})
            page = listed.next_page_token
            if not page:
                return found


async def etags_once_back(world: World) -> dict[str, str]:
    """The same, from an identity that was started anew: the channel finds it within a second."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                return await etags_of(world)
            except Failure as failure:
                if failure.code is not grpc.StatusCode.UNAVAILABLE:
                    raise
            await asyncio.sleep(0.1)


async def invited(world: World) -> Member:
    name, token = await world.invite(OWN, "Координатор на хвилину", members_pb2.ROLE_COORDINATOR)
    return Member(name, (await etags_of(world))[name], token)


async def revoke(world: World, member: Member) -> None:
    with as_whom(world.tokens[f"head:{OWN}"]):
        await world.members.RevokeMember(members_pb2.RevokeMemberRequest(name=member.name, etag=member.etag))


async def is_let_in(world: World, token: str) -> bool:
    with as_whom(token):
        try:
            await world.appeals.ListAppeals(appeals_pb2.ListAppealsRequest(parent=PARENT, page_size=1), timeout=5)
        except Failure as failure:
            if failure.code is grpc.StatusCode.PERMISSION_DENIED:
                return False
            raise
    return True


async def felt_after(world: World, token: str) -> float:
    """Milliseconds from now until reception denies; fails when it never does."""
    began = time.perf_counter()
    while await is_let_in(world, token):
        assert time.perf_counter() - began < PATIENCE_SECONDS, "the revocation is not felt"
    return (time.perf_counter() - began) * 1000


@pytest.mark.alone
async def test_a_revocation_is_felt_at_once(world: World, members: list[Member], record_property: Any) -> None:
    took = []
    for member in members[:ONE_BY_ONE]:
        assert await is_let_in(world, member.token)
        await revoke(world, member)
        took.append(await felt_after(world, member.token))
    worst = statistics.quantiles(took, n=100)[98]
    record_property(
        "figures",
        f"revocation felt in reception: median of {ONE_BY_ONE} {statistics.median(took):.0f} ms, p99 {worst:.0f} ms, "
        f"slowest {max(took):.0f} ms",
    )
    assert worst <= FELT_MILLISECONDS


@pytest.mark.alone
async def test_a_revocation_across_a_restart_of_nats_is_felt_within_seconds(
    world: World, members: list[Member], record_property: Any
) -> None:
    left = members[ONE_BY_ONE:]
    world.house.nats.kill()
    for member in left:
        await revoke(world, member)
    await world.house.nats.start()
    took = await asyncio.gather(*(felt_after(world, member.token) for member in left))
    record_property(
        "figures",
        f"revocation across a NATS restart: {len(left)} felt at most {max(took):.0f} ms after the bus was back",
    )
    assert max(took) <= FELT_ACROSS_MILLISECONDS


async def test_while_the_bus_is_away_identity_is_asked(world: World) -> None:
    member = await invited(world)
    world.house.nats.kill()
    try:
        await asyncio.sleep(6)
        assert await is_let_in(world, member.token)
        await revoke(world, member)
        await felt_after(world, member.token)
    finally:
        await world.house.nats.start()


async def all_told(world: World) -> None:
    """Waits until everything that identity has committed has left for the bus."""
    database = await asyncpg.connect(world.house.database_url("identity", "migrator"))
    deadline = time.monotonic() + 60
    while await database.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    await database.close()


async def test_the_first_look_of_a_new_process_needs_no_question(world: World) -> None:
    """What the replica holds is what identity holds: reconciliation finds nothing to put right."""
    await all_told(world)
    log = world.house.logs / "identity.log"
    known = log.stat().st_size
    await world.house.service("identity").restart()
    deadline = time.monotonic() + 60
    while not (found := re.search(rb'"put_right": (\d+)', log.read_bytes()[known:])):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
    assert int(found[1]) == 0
