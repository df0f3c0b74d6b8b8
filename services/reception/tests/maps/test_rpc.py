"""The hromada's map over gRPC."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc.aio
import pytest
import pytest_asyncio
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.reception.v1 import maps_pb2 as pb
from spilno.reception.v1.maps_pb2_grpc import MapsStub

STREET = {
    "type": "Feature",
    "properties": {"kind": "street", "name": "вул. Центральна"},
    "geometry": {"type": "LineString", "coordinates": [[29.61, 45.84], [29.62, 45.85]]},
}
MAP = json.dumps({"type": "FeatureCollection", "features": [STREET]}, ensure_ascii=False)


@contextmanager
def as_whom(token: str) -> Iterator[None]:
    before = acting.set(Acting(token, "uk"))
    try:
        yield
    finally:
        acting.reset(before)


@pytest_asyncio.fixture
async def maps(reception: Ground) -> AsyncIterator[Any]:
    async with reception.channel() as channel:
        yield MapsStub(channel)


@pytest_asyncio.fixture
async def slug(opened: Callable[[], Awaitable[str]]) -> str:
    return await opened()


@pytest.fixture
def head(reception: Ground, slug: str) -> str:
    return reception.staff(slug, "beats.manage")[1]


async def bring(maps: Any, slug: str, token: str, **changes: Any) -> pb.Map:
    with as_whom(token):
        brought: pb.Map = await maps.UpdateMap(
            pb.UpdateMapRequest(**{"parent": f"hromadas/{slug}", "features": MAP, "etag": "0", **changes})
        )
    return brought


async def test_a_map_is_brought_and_read(maps: Any, reception: Ground, slug: str, head: str) -> None:
    await bring(maps, slug, head, attribution="© OpenStreetMap contributors")
    with as_whom(reception.issuer.integrator(slug, "portal")):
        kept = await maps.GetMap(pb.GetMapRequest(parent=f"hromadas/{slug}"))
    assert (list(kept.streets), kept.attribution) == (["вул. Центральна"], "© OpenStreetMap contributors")


async def test_another_map_takes_its_place(maps: Any, slug: str, head: str) -> None:
    first = await bring(maps, slug, head)
    second = await bring(maps, slug, head, features=MAP.replace("Центральна", "Нова"), etag=first.etag)
    assert list(second.streets) == ["вул. Нова"]


async def test_a_stale_one_is_told(maps: Any, slug: str, head: str) -> None:
    await bring(maps, slug, head)
    with pytest.raises(Failure) as failure:
        await bring(maps, slug, head)
    assert failure.value.code is grpc.StatusCode.ABORTED


async def test_of_two_first_maps_one_stays(maps: Any, slug: str, head: str) -> None:
    done = await asyncio.gather(*(bring(maps, slug, head) for _ in range(2)), return_exceptions=True)
    refused = [each for each in done if isinstance(each, Failure)]
    assert [each.code for each in refused] in (
        [grpc.StatusCode.ABORTED],
        [grpc.StatusCode.ALREADY_EXISTS],
    )


async def test_what_is_no_map_is_refused_at_its_field_and_the_old_one_stays(
    maps: Any, reception: Ground, slug: str, head: str
) -> None:
    first = await bring(maps, slug, head)
    with pytest.raises(Failure) as failure:
        await bring(maps, slug, head, features="карта", etag=first.etag)
    assert set(failure.value.fields) == {"features"}
    with as_whom(reception.issuer.integrator(slug, "portal")):
        assert await maps.GetMap(pb.GetMapRequest(parent=f"hromadas/{slug}")) == first
