"""An office is handed over: exported from one house, taken by another, compared, opened, and erased where it was."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import nats
import pytest
from kit.rpc.client import Failure, dial
from kit.servers.postgres import database_name
from kit.testing.pictures import picture
from machine import demo, pages
from machine.house import House
from machine.services import Ports
from spilno.identity.v1 import archives_pb2 as pb
from spilno.identity.v1 import hromadas_pb2, members_pb2, trail_pb2
from spilno.reception.v1 import appeals_pb2, attachments_pb2
from sqlalchemy import func, select, table

from tests.prepared import copied
from tests.world import KATOTTH, OTHER, PASSWORD, World, as_whom, office
from tests.world import OWN as TATARBUNARY

APPEALS, VISITS = 40, 4
PART = 400 * 1024
OWN = "tatarbunary-office"
"""Not the name of a template, so that it can be looked for everywhere."""
NAME = f"hromadas/{OWN}"


@pytest.fixture(autouse=True)
def tokens_that_last() -> None:
    """Both houses are made for this test, and their tokens with them."""


@asynccontextmanager
async def standing(house: House) -> AsyncIterator[World]:
    """A house in which nothing has happened yet."""
    async with house as built:
        world = World(built)
        for name in ("identity", "reception"):
            world.channels[name] = dial(built.grpc_address(name), None)
        try:
            world.tokens["operator"] = await demo.token(built, *built.operator)
            yield world
        finally:
            for channel in world.channels.values():
                await channel.close()


async def open_office(world: World, slug: str) -> None:
    email = f"head@{slug}.example.org"
    with as_whom(world.tokens["operator"]):
        opened = await world.hromadas.CreateHromada(
            hromadas_pb2.CreateHromadaRequest(
                hromada_id=slug,
                katotth=KATOTTH[TATARBUNARY if slug == OWN else slug],
                office=office(f"Громада {slug}"),
                head=members_pb2.MemberDraft(display_name="Керівник офісу", email=email),
                request_id=str(uuid4()),
            )
        )
    await pages.accept_invitation(opened.invitation.url, PASSWORD)
    await demo.until_ready(world.channels["identity"], slug, world.tokens["operator"])
    world.tokens[f"head:{slug}"] = await demo.token(world.house, email, PASSWORD, slug)
    _, world.tokens[f"officer:{slug}"] = await world.invite(
        slug, "Дільничний офіцер, дільниця 1", members_pb2.ROLE_DISTRICT_OFFICER, mailbox="officer"
    )


async def live(world: World, slug: str) -> None:
    """A life with people, officers, beats, appeals and visits, none of them real."""
    for place in range(3):
        officer = await world.officer(slug, f"Офіцер {place}")
        await world.beat(slug, f"вул. Центральна {place * 20 + 1}-{place * 20 + 19}", officer=officer.name)
    for _ in range(VISITS):
        await world.visit(slug)
    await asyncio.gather(*(world.appeal(slug, f"Ліхтар №{place} не світить 🏮\n«двічі»") for place in range(APPEALS)))


async def suspend(world: World, slug: str) -> None:
    with as_whom(world.tokens["operator"]):
        found = await world.hromadas.GetHromada(hromadas_pb2.GetHromadaRequest(name=f"hromadas/{slug}"))
        await world.hromadas.SuspendHromada(
            hromadas_pb2.SuspendHromadaRequest(name=found.name, etag=found.etag, reason="Передаємо офіс громаді")
        )


async def resume(world: World, slug: str) -> None:
    with as_whom(world.tokens["operator"]):
        found = await world.hromadas.GetHromada(hromadas_pb2.GetHromadaRequest(name=f"hromadas/{slug}"))
        await world.hromadas.ResumeHromada(hromadas_pb2.ResumeHromadaRequest(name=found.name, etag=found.etag))


async def settled(world: World, archive: Any) -> Any:
    """The archive, once the worker is done with it."""
    async with asyncio.timeout(60):
        while archive.state in {pb.ARCHIVE_STATE_IN_WORK, pb.ARCHIVE_STATE_COMING}:
            await asyncio.sleep(0.2)
            archive = await world.archives.GetArchive(pb.GetArchiveRequest(name=archive.name))
    return archive


async def exported(world: World, recipient: str) -> tuple[Any, bytes]:
    with as_whom(world.tokens["operator"]):
        begun = await world.archives.BeginExport(
            pb.BeginExportRequest(name=NAME, recipient=recipient, request_id=str(uuid4()))
        )
        made = await settled(world, begun)
        asked = [pb.GetArchivePartRequest(name=made.name, number=number + 1) for number in range(made.parts)]
        return made, b"".join([(await world.archives.GetArchivePart(each)).body for each in asked])


async def imported(world: World, body: bytes, *, killed: bool = False) -> Any:
    """How taking an archive ended; meanwhile the services may have been killed."""
    with as_whom(world.tokens["operator"]):
        begun = await world.archives.BeginImport(pb.BeginImportRequest(request_id=str(uuid4())))
        parts = [body[start : start + PART] for start in range(0, len(body), PART)]
        for number, part in enumerate(parts, 1):
            await world.archives.PutArchivePart(pb.PutArchivePartRequest(name=begun.name, number=number, body=part))
        coming = await world.archives.FinishUpload(pb.FinishUploadRequest(name=begun.name, parts=len(parts)))
        if killed:
            await kill(world)
        return await settled(world, coming)


async def kill(world: World) -> None:
    """kill -9 of both services, in the middle of whatever they do."""
    for name in ("identity", "reception"):
        world.house.service(name).kill()
    await asyncio.gather(*(world.house.service(name).start() for name in ("identity", "reception")))


async def receiving_key(world: World) -> str:
    with as_whom(world.tokens["operator"]):
        return str((await world.archives.GetReceivingKey(pb.GetReceivingKeyRequest())).recipient)


async def holdings(world: World) -> Any:
    with as_whom(world.tokens["operator"]):
        return await world.archives.GetHoldings(pb.GetHoldingsRequest(name=NAME))


async def places_with(world: World, *needles: str) -> dict[str, int]:
    """Every table and every subject of the bus in which one of the words stands, under logins that see everything."""
    found = dict[str, int]()
    for service in world.house.services:
        connection = await asyncpg.connect(world.house.postgres.url(database=database_name(service.name)))
        try:
            for row in await connection.fetch(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            ):
                looked_for = [f"%{needle}%" for needle in needles]
                named = table(row["relname"])
                counted = await connection.fetchval(
                    str(select(func.count()).select_from(named)) + " t WHERE t::text LIKE ANY($1)", looked_for
                )
                if counted:
                    found[f"{service.name}.{row['relname']}"] = counted
        finally:
            await connection.close()
    client = await nats.connect(world.house.nats.url())
    try:
        stream = client.jetstream()
        for info in await stream.streams_info():
            name = str(info.config.name)
            state = info.state
            for sequence in range(max(1, state.first_seq), state.last_seq + 1):
                try:
                    message = await stream.get_msg(name, sequence)
                except nats.js.errors.NotFoundError:
                    continue
                said = f"{message.subject} {json.dumps(message.headers or {})} {message.data!r}"
                if any(needle in said for needle in needles):
                    found[f"{name} {message.subject}"] = found.get(f"{name} {message.subject}", 0) + 1
    finally:
        await client.close()
    return found


@pytest.mark.asyncio(loop_scope="session")
async def test_an_office_is_handed_over(tmp_path: Path, record_property: Any) -> None:
    handed_over, taken = (
        await copied(tmp_path / "ngo", durable=False),
        House(tmp_path / "council", Ports.free(), "test"),
    )
    async with standing(handed_over) as ngo, standing(taken) as council:
        await asyncio.gather(open_office(ngo, OWN), open_office(ngo, OTHER))
        await live(ngo, OWN)
        await ngo.appeal(OTHER)
        registered = await ngo.appeal(OWN, "Звернення з кодом")
        photo = await add_photo(ngo, registered.appeal.name)
        street = picture(size=(120, 90))
        hazard = await ngo.photo(OWN, street)
        with as_whom(ngo.tokens[f"officer:{OWN}"]):
            seen = await ngo.hazard_photo(hazard.photos[0].name)
        code = registered.code
        await signed_in_at_web(ngo)
        await suspend(ngo, OWN)
        before = await holdings(ngo)
        began = time.monotonic()
        archive, body = await exported(ngo, await receiving_key(council))
        took_export = time.monotonic() - began
        assert (archive.state, archive.trouble) == (pb.ARCHIVE_STATE_READY, 0)
        assert b"\xd0\x9b\xd1\x96\xd1\x85\xd1\x82\xd0\xb0\xd1\x80" not in body

        damaged = bytearray(body)
        damaged[len(body) // 2] ^= 1
        refused = await imported(council, bytes(damaged))
        assert refused.trouble == pb.ARCHIVE_TROUBLE_DAMAGED
        assert (await imported(ngo, body)).trouble == pb.ARCHIVE_TROUBLE_NOT_FOR_US

        began = time.monotonic()
        taken = await imported(council, body, killed=True)
        took_import = time.monotonic() - began
        assert (taken.state, taken.trouble, taken.place) == (pb.ARCHIVE_STATE_READY, 0, "")
        there, here = await holdings(council), await holdings(ngo)
        assert there.digest == here.digest == archive.holdings.digest
        assert there.digest != before.digest
        assert (await imported(council, body)).trouble == pb.ARCHIVE_TROUBLE_ALREADY_HERE

        await resume(council, OWN)
        with as_whom(council.tokens["operator"]):
            asked = pb.CreateHeadLinksRequest(name=NAME, request_id=str(uuid4()))
            links = (await council.archives.CreateHeadLinks(asked)).links
        assert [link.display_name for link in links] == ["Керівник офісу"]
        await pages.accept_invitation(links[0].url, PASSWORD)
        council.tokens[f"head:{OWN}"] = head = await demo.token(council.house, f"head@{OWN}.example.org", PASSWORD, OWN)
        with as_whom(head):
            listed = await council.members.ListMembers(members_pb2.ListMembersRequest(parent=NAME))
            officer = next(each for each in listed.members if each.email.startswith("officer@"))
            link = await council.members.CreateRecoveryLink(
                members_pb2.CreateRecoveryLinkRequest(name=officer.name, request_id=str(uuid4()))
            )
        await pages.accept_invitation(link.url, PASSWORD)
        council.tokens[f"officer:{OWN}"] = token = await demo.token(
            council.house, f"officer@{OWN}.example.org", PASSWORD, OWN
        )
        with as_whom(token):
            found = await council.appeals.ListAppeals(appeals_pb2.ListAppealsRequest(parent=NAME, page_size=100))
            kept = await council.download(photo.name)
            assert await council.hazard_photo(hazard.photos[0].name) == seen
        assert len(found.appeals) == APPEALS + 1
        assert (len(kept), sha256(kept).digest()) == (photo.size, photo.sha256)
        followed = await council.appeals.FollowAppeal(
            appeals_pb2.FollowAppealRequest(parent=NAME, code=code), metadata=await council.through_web()
        )
        assert followed.state == appeals_pb2.APPEAL_STATE_REGISTERED
        await council.appeal(OWN, "Перше звернення на новому місці")
        with as_whom(head):
            async with asyncio.timeout(60):
                while True:  # until what was done here is sealed
                    seals = await council.trail.GetSeals(trail_pb2.GetSealsRequest(parent=NAME))
                    if len(seals.seals) > 1:
                        break
                    await asyncio.sleep(0.5)
        assert list(seals.faults) == []

        with as_whom(ngo.tokens["operator"]):
            with pytest.raises(Failure) as wrong:
                await ngo.erasures.BeginErasure(
                    pb.BeginErasureRequest(name=NAME, confirmation=OWN, digest=before.digest, request_id=str(uuid4()))
                )
            assert "digest" in wrong.value.fields
            ids = await ngo_id(ngo)
            assert len(files_of(ngo, ids)) == 4
            began = time.monotonic()
            erasure = await ngo.erasures.BeginErasure(
                pb.BeginErasureRequest(name=NAME, confirmation=OWN, digest=there.digest, request_id=str(uuid4()))
            )
            await kill(ngo)
            async with asyncio.timeout(60):
                while not erasure.HasField("ended_at"):
                    await asyncio.sleep(0.2)
                    erasure = await ngo.erasures.GetErasure(pb.GetErasureRequest(name=erasure.name))
        took_erasure = time.monotonic() - began
        rows = sum(step.rows for step in erasure.steps)
        told = {"identity.erasure": 1, f"EV_IDENTITY ev.identity.{OWN}.hromada.erased": 1}
        left = await places_with(ngo, OWN, ids)
        async with asyncio.timeout(60):
            while left != told and "web.session" in left:
                await asyncio.sleep(1)
                left = await places_with(ngo, OWN, ids)
        assert left == told
        assert files_of(ngo, ids) == []
        assert len(files_of(council, ids)) == 4
        record_property(
            "figures",
            f"handed over: {rows} rows, archive of {len(body) // 1024} KiB; exported in {took_export:.1f} s, "
            f"imported in {took_import:.1f} s, erased in {took_erasure:.1f} s",
        )


async def add_photo(world: World, appeal: str) -> attachments_pb2.Attachment:
    data = picture()
    with as_whom(world.tokens[f"officer:{OWN}"]):
        asked = attachments_pb2.UploadAttachmentRequest(
            parent=appeal, request_id=str(uuid4()), filename="ліхтар.jpg", size=len(data), sha256=sha256(data).digest()
        )
        photo: attachments_pb2.Attachment = await world.attach(asked, data)
    return photo


def files_of(world: World, hromada: str) -> list[Path]:
    """What of a hromada lies in the folders of files, whatever the service."""
    return [each for each in (world.house.folder / "files").glob(f"*/{hromada}/**/*") if each.is_file()]


async def signed_in_at_web(world: World) -> None:
    """Somebody's browser is signed in to the office."""
    connection = await asyncpg.connect(world.house.database_url("web", "migrator"))
    try:
        await connection.execute(
            "INSERT INTO session (id, version, digest, place, subject, sealed, access_until, used_at, ends_at) "
            "VALUES (gen_random_uuid(), 1, 'd', $1, 's', '', now(), now(), now() + interval '1 day')",
            OWN,
        )
    finally:
        await connection.close()


async def ngo_id(world: World) -> str:
    connection = await asyncpg.connect(world.house.database_url("identity", "migrator"))
    try:
        return str(await connection.fetchval("SELECT id FROM hromada WHERE slug = $1", OWN))
    finally:
        await connection.close()
