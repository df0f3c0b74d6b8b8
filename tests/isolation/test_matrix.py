"""Every method of the contract × everyone who might call it. A method that has no row fails the run."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

import grpc
import grpc.aio
import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc import StatusCode as Code
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from kit.rpc.access import rule_of
from kit.rpc.client import SERVICE, Failure
from spilno.reception.v1 import appeals_pb2

from tests.isolation.minting import claims_of, mint
from tests.isolation.rows import BY_SIZE, HEAD, ROWS, str_of
from tests.isolation.rows.declared import parent
from tests.world import MARKER, OTHER, OWN, SUSPENDED, World, appeal_draft

Metadata = tuple[tuple[str, str], ...]
Carries = Callable[[str, str], Awaitable[Metadata]]
"""What an actor's call carries; the second argument says whose token is the row's own."""
_NOT_OF_A_HROMADA = ("Offices", "Signatories", "Notices", "Erased", "Views", "ListFootage")
"""Lists of what all may see, or of what belongs to one record."""
NOT_OURS = {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}
ACTORS = (
    "own",
    "other hromada",
    "suspended",
    "no hromada",
    "two hromadas",
    "operator",
    "revoked",
    "foreign integrator",
    "expired",
    "anonymous",
)

STRANGERS = {
    "other hromada": Code.NOT_FOUND,
    "suspended": Code.NOT_FOUND,
    "no hromada": Code.PERMISSION_DENIED,
    "two hromadas": Code.PERMISSION_DENIED,
    "operator": Code.PERMISSION_DENIED,
    "revoked": Code.PERMISSION_DENIED,
    "foreign integrator": Code.NOT_FOUND,
    "expired": Code.UNAUTHENTICATED,
    "anonymous": Code.UNAUTHENTICATED,
}
OUTSIDERS = {
    **dict.fromkeys(STRANGERS, Code.PERMISSION_DENIED),
    "expired": Code.UNAUTHENTICATED,
    "anonymous": Code.UNAUTHENTICATED,
}
EXPECTED: dict[str, dict[str, Code]] = {
    "permission": STRANGERS,
    "signed_in": STRANGERS,
    "public": STRANGERS,
    "platform": {name: code for name, code in OUTSIDERS.items() if name != "operator"},
    "service": OUTSIDERS,
}
"""What each is answered, by what the method declares. A public method is for web and for the hromada's integrators."""


async def served(world: World) -> dict[str, tuple[str, MethodDescriptor]]:
    """Every method that the running services serve, by their own reflection: its service and its descriptor.

    What several serve is asked of reception.
    """
    found = {}
    for service in sorted(world.channels, key=lambda name: name == "reception"):
        stub = reflection_pb2_grpc.ServerReflectionStub(grpc.aio.insecure_channel(world.house.grpc_address(service)))
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        async for answer in stub.ServerReflectionInfo(iter([ask])):
            for listed in answer.list_services_response.service:
                if listed.name not in NOT_OURS:
                    contract = descriptor_pool.Default().FindServiceByName(listed.name)
                    found.update({one.full_name: (service, one) for one in contract.methods})
    return found


async def metadata(world: World, actor: str, own: str) -> Metadata:
    """What the actor's call carries."""
    match actor:
        case "own" if own in {"web", "reception", "identity"}:
            return ((SERVICE, f"Bearer {await world.service_token(own)}"),)
        case "own":
            token = world.tokens[own]
        case "other hromada":
            token = world.tokens[f"head:{OTHER}"]
        case "suspended":
            token = world.tokens[f"head:{SUSPENDED}"]
        case "no hromada":
            token = await mint(world, subject=str(uuid4()))
        case "two hromadas":
            token = await mint(world, subject=_subject(world.tokens[HEAD]), hromadas=(OWN, OTHER))
        case "operator":
            token = world.tokens["operator"]
        case "revoked":
            token = world.tokens[f"revoked:{OWN}"]
        case "foreign integrator":
            token = world.tokens[f"int:{OTHER}"]
        case "expired":
            token = await mint(world, subject=_subject(world.tokens[HEAD]), hromadas=(OWN,), lasts=-60)
        case _:
            return ()
    return (("authorization", f"Bearer {token}"),)


def _subject(token: str) -> str:
    return str(claims_of(token)["sub"])


async def answer(
    world: World, channel: grpc.aio.Channel, method: MethodDescriptor, request: Message, carried: Metadata
) -> Any:
    """The answer, or the first message of a stream."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    serialise, read = type(request).SerializeToString, GetMessageClass(method.output_type).FromString
    if method.client_streaming:
        sending = channel.stream_unary(path, serialise, read)
        return await sending(_and_its_chunks(request), metadata=carried, timeout=15)
    if not method.server_streaming:
        call = channel.unary_unary(path, serialise, read)
        return await call(request, metadata=carried, timeout=15)
    stream = channel.unary_stream(path, serialise, read)(request, metadata=carried, timeout=15)
    first = asyncio.ensure_future(anext(aiter(stream)))
    while not (await asyncio.wait([first], timeout=0.5))[0]:  # what happens before it is heard is not told
        await world.appeal(OWN)
    return await first


async def _and_its_chunks(request: Any) -> AsyncIterator[Any]:
    """The first message of an upload, and the file that it declares."""
    yield request
    yield type(request)(chunk=BY_SIZE[request.size])


async def judge(world: World, name: str, channel: grpc.aio.Channel, carries: Carries) -> None:
    """Holds a method against its row: each stranger is refused as is due, its own caller is shown what they miss."""
    method, row = descriptor_pool.Default().FindMethodByName(name), ROWS[name]
    expected = EXPECTED[str(rule_of(method).access.WhichOneof("who"))]
    request = await row.request(world)
    got: dict[str, Code] = {}
    for actor in ACTORS:
        if actor not in expected:
            continue
        with pytest.raises(Failure) as refused:
            await answer(world, channel, method, request, await carries(actor, row.own))
        got[actor] = refused.value.code
    assert got == expected
    assert row.shows(await answer(world, channel, method, request, await carries("own", row.own)))


async def test_every_method_has_a_row_and_every_row_a_method(world: World) -> None:
    assert set(ROWS) == set(await served(world))


@pytest.mark.parametrize("name", sorted(ROWS))
async def test_each_actor_gets_what_is_due(world: World, name: str) -> None:
    service, _ = (await served(world))[name]
    await judge(world, name, world.channels[service], partial(metadata, world))


LISTS = sorted(name for name in ROWS if (".List" in name or ".Search" in name) and not name.endswith(_NOT_OF_A_HROMADA))


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_of_one_hromada_holds_nothing_of_another(world: World, name: str) -> None:
    service, method = (await served(world))[name]
    row = ROWS[name]
    if row.own == "operator":
        return
    request: Any = await row.request(world)
    request.parent = request.parent.replace(parent(OWN), parent(OTHER))
    neighbour = await metadata(world, "own", row.own.replace(OWN, OTHER))
    try:
        shown = await answer(world, world.channels[service], method, request, neighbour)
    except Failure as failure:
        if failure.code is not Code.NOT_FOUND:
            raise
        return  # a list of what belongs to one record, which the neighbour does not have
    written = str_of(shown)
    assert MARKER not in written
    assert OWN not in written


async def test_staff_of_a_suspended_hromada_are_told_so(world: World) -> None:
    carried = (("authorization", f"Bearer {world.tokens[f'officer:{SUSPENDED}']}"),)
    with pytest.raises(Failure) as refused:
        await world.appeals.ListAppeals(appeals_pb2.ListAppealsRequest(parent=parent(SUSPENDED)), metadata=carried)
    assert (refused.value.code, refused.value.reason) == (Code.FAILED_PRECONDITION, "hromada.suspended")


async def test_residents_of_a_suspended_hromada_are_told_so(world: World) -> None:
    request = appeals_pb2.SubmitAppealRequest(parent=parent(SUSPENDED), appeal=appeal_draft(), request_id=str(uuid4()))
    with pytest.raises(Failure) as refused:
        await world.appeals.SubmitAppeal(request, metadata=await world.through_web())
    assert refused.value.reason == "hromada.suspended"


async def test_the_count_of_methods_and_actors_is_told(world: World, record_property: Any) -> None:
    methods = len(await served(world))
    record_property("figures", f"isolation matrix: {methods} methods × {len(ACTORS)} actors")
    assert methods * len(ACTORS) == len(ROWS) * len(ACTORS)
