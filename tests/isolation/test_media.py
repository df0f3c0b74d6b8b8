"""Media: another hromada's path, a pass shared with a colleague, and a colleague who works here no more."""

import time
from hashlib import sha256
from uuid import uuid4

import httpx
import pytest
from cctv_gateway.media.application import COOKIE
from spilno.cctv.v1 import views_pb2
from spilno.identity.v1 import members_pb2

from tests.world import OTHER, OWN, World, as_whom

MINE, COLLEAGUE_S = "mine", "a colleague's"


@pytest.fixture
async def passes(world: World) -> views_pb2.ViewPasses:
    """The head looks at a camera of their own."""
    camera = await world.camera(OWN, lit=True)
    request = views_pb2.StartViewRequest(
        parent=f"hromadas/{OWN}",
        cameras=[camera.name],
        reason=views_pb2.VIEW_REASON_CHECK,
        browser=sha256(MINE.encode()).hexdigest(),
        request_id=str(uuid4()),
    )
    with as_whom(world.tokens[f"head:{OWN}"]):
        started: views_pb2.ViewPasses = await world.views.StartView(request)
    return started


async def status(world: World, path: str, cookie: str) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
        answer = await browser.get(
            f"{world.house.media_url.split()[0]}{path}", headers={"cookie": f"{COOKIE}={cookie}"}
        )
    return answer.status_code


@pytest.mark.parametrize("file", ["index.m3u8", "main/index.m3u8", "main/0.mp4", "sub/index.m3u8", "picture.jpg"])
async def test_a_pass_is_good_in_its_own_browser_and_hromada_alone(
    world: World, passes: views_pb2.ViewPasses, file: str
) -> None:
    path = f"{passes.passes[0].path}/{file}"
    assert await status(world, path, MINE) == 200
    assert await status(world, path, COLLEAGUE_S) == 403
    assert await status(world, path.replace(OWN, OTHER), MINE) == 403
    assert await status(world, path.replace("/live/", "/archive/"), MINE) == 404


async def test_who_is_revoked_while_watching_is_cut_within_seconds(world: World, passes: views_pb2.ViewPasses) -> None:
    name, token = await world.invite(OWN, "Черговий волонтер", members_pb2.ROLE_DUTY_VOLUNTEER)
    request = views_pb2.StartViewRequest(
        parent=f"hromadas/{OWN}",
        cameras=[passes.passes[0].camera],
        reason=views_pb2.VIEW_REASON_DUTY,
        browser=sha256(MINE.encode()).hexdigest(),
        request_id=str(uuid4()),
    )
    with as_whom(token):
        mine = await world.views.StartView(request)
    path = f"{mine.passes[0].path}/main/index.m3u8"
    assert await status(world, path, MINE) == 200
    with as_whom(world.tokens[f"head:{OWN}"]):
        listed = await world.members.ListMembers(
            members_pb2.ListMembersRequest(parent=f"hromadas/{OWN}", page_size=100)
        )
        etag = next(each.etag for each in listed.members if each.name == name)
        await world.members.RevokeMember(members_pb2.RevokeMemberRequest(name=name, etag=etag))
    deadline = time.monotonic() + 20
    while await status(world, path, MINE) != 410:
        assert time.monotonic() < deadline
    assert await status(world, f"{passes.passes[0].path}/main/index.m3u8", MINE) == 200
