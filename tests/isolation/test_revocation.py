"""How long a revocation takes to be felt in another service, and what happens while the bus is away."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
import pytest_asyncio
from kit.rpc.client import Failure
from spilno.identity.v1 import members_pb2
from spilno.reception.v1 import appeals_pb2

from tests.world import OWN, World, as_whom, living

PARENT = f"hromadas/{OWN}"
ROUNDS = 20
PATIENCE_SECONDS = 30


@pytest_asyncio.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A house of its own: its NATS is restarted."""
    async with living(tmp_path_factory.mktemp("revocation")) as world:
        yield world


async def revoked(world: World, name: str) -> None:
    with as_whom(world.tokens[f"head:{OWN}"]):
        listed = await world.members.ListMembers(members_pb2.ListMembersRequest(parent=PARENT, page_size=500))
        etag = next(member.etag for member in listed.members if member.name == name)
        await world.members.RevokeMember(members_pb2.RevokeMemberRequest(name=name, etag=etag))


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


async def test_a_revocation_is_felt_at_once(world: World, record_property: Any) -> None:
    took = []
    for _ in range(ROUNDS):
        name, token = await world.invite(OWN, "Координатор на хвилину", members_pb2.ROLE_COORDINATOR)
        assert await is_let_in(world, token)
        await revoked(world, name)
        took.append(await felt_after(world, token))
    told = ", ".join(f"{each:.0f}" for each in sorted(took)[-3:])
    figures = f"revocation felt in reception: median of {ROUNDS} {statistics.median(took):.0f} ms, slowest {told} ms"
    record_property("figures", figures)


async def test_a_revocation_across_a_restart_of_nats_is_felt_within_seconds(world: World, record_property: Any) -> None:
    name, token = await world.invite(OWN, "Координатор на хвилину", members_pb2.ROLE_COORDINATOR)
    assert await is_let_in(world, token)
    world.house.nats.kill()
    await revoked(world, name)
    await world.house.nats.start()
    took = await felt_after(world, token)
    record_property("figures", f"revocation across a NATS restart: felt {took:.0f} ms after the bus was back")


async def test_while_the_bus_is_away_identity_is_asked(world: World) -> None:
    name, token = await world.invite(OWN, "Координатор на хвилину", members_pb2.ROLE_COORDINATOR)
    world.house.nats.kill()
    try:
        await asyncio.sleep(6)
        assert await is_let_in(world, token)
        await revoked(world, name)
        await felt_after(world, token)
    finally:
        await world.house.nats.start()


async def test_the_first_look_at_a_new_house_needs_no_question(world: World) -> None:
    """What the replica holds is what identity holds: reconciliation finds nothing to put right."""
    await world.house.service("identity").restart()
    log = (world.house.logs / "identity.log").read_text().splitlines()
    for _ in range(50):
        if any('"put_right": 0' in line for line in log[-50:]):
            return
        await asyncio.sleep(0.2)
        log = (world.house.logs / "identity.log").read_text().splitlines()
    pytest.fail("reconciliation put something right, or never ran")
