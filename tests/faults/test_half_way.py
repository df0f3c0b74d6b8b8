"""kill -9 of reception between a file's blob and the row that names it: neither stays, whether the office lives on, is
being erased, or is erased by then."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from kit.clock import KYIV
from kit.files import FILES
from kit.names import last
from kit.rpc.client import Failure
from kit.testing.pictures import picture
from machine import demo, pages
from spilno.identity.v1 import archives_pb2, hromadas_pb2, members_pb2
from spilno.reception.v1 import attachments_pb2
from spilno.reception.v1.attachments_pb2_grpc import AttachmentsStub

from tests.world import PASSWORD, World, as_whom, office

NOBODY_LOOKS_BEFORE = timedelta(hours=25)
LOOKED_AT = time(5)
"""In the morning, once files are looked through."""
PATIENCE_SECONDS = 60.0
UPLOAD_SECONDS = 180.0
UNHEARD_SECONDS = 7.0
"""After which a service no longer trusts what it last heard of who works where, and asks."""


@dataclass
class Hromada:
    """An office of its own, with a file that is there already."""

    world: World
    slug: str
    id: UUID
    kept: str
    database: "asyncpg.Connection[asyncpg.Record]"

    @property
    def parent(self) -> str:
        return f"hromadas/{self.slug}"

    @property
    def reception(self) -> Any:
        return self.world.house.service("reception")

    @property
    def officer(self) -> str:
        return self.world.tokens[f"officer:{self.slug}"]

    def blobs(self) -> dict[str, list[Path]]:
        """What lies in reception's store for the hromada, by the row that should name it."""
        found: dict[str, list[Path]] = {}
        for each in (self.world.house.folder / "files").glob(f"*/{self.id}/attachment/**/*"):
            if each.is_file():
                found.setdefault(each.parent.name, []).append(each)
        return found

    async def rows(self) -> set[str]:
        """The rows that name a blob."""
        found = await self.database.fetch(
            "SELECT id FROM attachment WHERE hromada_id = $1 AND sealed_key IS NOT NULL", self.id
        )
        return {str(each["id"]) for each in found}

    @asynccontextmanager
    async def nobody_enters_files(self) -> AsyncIterator[None]:
        """While inside, whoever has put a blob down waits before its row."""
        connection = await asyncpg.connect(self.world.house.database_url("reception", "migrator"))
        try:
            await connection.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", f"{self.id} {FILES}")
            yield
        finally:
            await connection.close()

    async def waiting(self, count: int) -> bool:
        """Whether so many of reception's transactions wait to enter a file, or to erase all of them."""
        counted = await self.database.fetchval(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
            "WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
        )
        return bool(counted == count)

    async def has_put_down(self) -> bool:
        return bool(self.blobs())

    async def has_nothing_without_the_other(self) -> bool:
        return set(self.blobs()) == await self.rows()

    async def begin_upload(self) -> "Upload":
        """A photo, of which the second half comes once it may; reception has looked where it is to go."""
        data = picture()
        appeal = (await self.world.appeal(self.slug)).appeal.name
        first = attachments_pb2.UploadAttachmentRequest(
            parent=appeal, request_id=str(uuid4()), filename="a.jpg", size=len(data), sha256=sha256(data).digest()
        )
        goes_on = asyncio.Event()
        before = await asyncio.to_thread(self._nameless)

        async def messages() -> AsyncIterator[attachments_pb2.UploadAttachmentRequest]:
            yield first
            yield attachments_pb2.UploadAttachmentRequest(chunk=data[: len(data) // 2])
            await goes_on.wait()
            yield attachments_pb2.UploadAttachmentRequest(chunk=data[len(data) // 2 :])

        stub: Any = AttachmentsStub(self.world.channels["reception"])
        with as_whom(self.officer):
            answer = asyncio.ensure_future(stub.UploadAttachment(messages(), timeout=UPLOAD_SECONDS))

        async def takes_it() -> bool:
            return bool(await asyncio.to_thread(self._nameless) - before)

        await until(takes_it)
        return Upload(self, goes_on, answer)

    def _nameless(self) -> set[str]:
        """What reception has open that has no name: files that come."""
        found = set()
        for each in Path(f"/proc/{self.reception.pid}/fd").iterdir():
            with suppress(OSError):
                found.add(str(each.readlink()))
        return {each for each in found if each.endswith(" (deleted)")}

    async def is_erased(self, erasure: archives_pb2.Erasure) -> None:
        with as_whom(self.world.tokens["operator"]):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not erasure.HasField("ended_at"):
                    await asyncio.sleep(0.2)
                    erasure = await self.world.erasures.GetErasure(archives_pb2.GetErasureRequest(name=erasure.name))

    async def erase(self) -> archives_pb2.Erasure:
        """Suspended, given out, and its erasure begun."""
        world = self.world
        with as_whom(world.tokens["operator"]):
            found = await world.hromadas.GetHromada(hromadas_pb2.GetHromadaRequest(name=self.parent))
            await world.hromadas.SuspendHromada(
                hromadas_pb2.SuspendHromadaRequest(name=found.name, etag=found.etag, reason="Офіс закривають")
            )
            recipient = (await world.archives.GetReceivingKey(archives_pb2.GetReceivingKeyRequest())).recipient
            archive = await world.archives.BeginExport(
                archives_pb2.BeginExportRequest(name=self.parent, recipient=recipient, request_id=str(uuid4()))
            )
            async with asyncio.timeout(PATIENCE_SECONDS):
                while archive.state == archives_pb2.ARCHIVE_STATE_IN_WORK:
                    await asyncio.sleep(0.2)
                    archive = await world.archives.GetArchive(archives_pb2.GetArchiveRequest(name=archive.name))
            begun: archives_pb2.Erasure = await world.erasures.BeginErasure(
                archives_pb2.BeginErasureRequest(
                    name=self.parent,
                    confirmation=self.slug,
                    digest=archive.holdings.digest,
                    request_id=str(uuid4()),
                )
            )
        return begun


@pytest_asyncio.fixture
async def hromada(world: World) -> AsyncIterator[Hromada]:
    slug = f"h-{uuid4().hex[:12]}"
    email = f"head@{slug}.example.org"
    with as_whom(world.tokens["operator"]):
        opened = await world.hromadas.CreateHromada(
            hromadas_pb2.CreateHromadaRequest(
                hromada_id=slug,
                katotth=f"UA3208{uuid4().int % 999 + 1:03}00000{uuid4().int % 100_000:05}",
                office=office("Громада"),
                head=members_pb2.MemberDraft(display_name="Керівник офісу", email=email),
                request_id=str(uuid4()),
            )
        )
    await pages.accept_invitation(opened.invitation.url, PASSWORD)
    await demo.until_ready(world.channels["identity"], slug, world.tokens["operator"])
    world.tokens[f"head:{slug}"] = await demo.token(world.house, email, PASSWORD, slug)
    role = members_pb2.ROLE_DISTRICT_OFFICER
    _, world.tokens[f"officer:{slug}"] = await world.invite(slug, "Дільничний офіцер", role)
    identity = await asyncpg.connect(world.house.database_url("identity", "migrator"))
    id = await identity.fetchval("SELECT id FROM hromada WHERE slug = $1", slug)
    await identity.close()
    database = await asyncpg.connect(world.house.database_url("reception", "migrator"))
    one = Hromada(world, slug, id, "", database)
    upload = await one.begin_upload()
    upload.goes_on.set()
    one.kept = (await upload.answer).name
    yield one
    await database.close()
    world.house.clock_file.unlink(missing_ok=True)


def a_day_later() -> timedelta:
    """From now to the first morning on which what lies there is old enough to go, whatever the hour of the test."""
    now = datetime.now(UTC)
    old = (now + NOBODY_LOOKS_BEFORE).astimezone(KYIV)
    morning = datetime.combine(old.date(), LOOKED_AT, KYIV)
    return (morning if morning >= old else morning + timedelta(days=1)).astimezone(UTC) - now


async def until(claim: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if await claim():
                return
            await asyncio.sleep(0.05)


@dataclass
class Upload:
    """A photo on its way to an appeal: the first half of it is there."""

    hromada: Hromada
    goes_on: asyncio.Event
    answer: "asyncio.Task[attachments_pb2.Attachment]"

    @asynccontextmanager
    async def half_way(self) -> AsyncIterator[None]:
        """Inside its blobs are there, and reception waits before their row. After that nobody waits any more, and the
        upload has failed."""
        hromada = self.hromada
        before = set(hromada.blobs())
        async with hromada.nobody_enters_files():
            self.goes_on.set()
            await until(lambda: hromada.waiting(1))
            [left] = set(hromada.blobs()) - before
            assert left not in await hromada.rows()
            yield
        with pytest.raises(Failure):
            await self.answer


async def test_a_kill_between_a_blob_and_its_row_leaves_neither_a_day_later(hromada: Hromada) -> None:
    upload = await hromada.begin_upload()
    async with upload.half_way():
        hromada.reception.kill()
    await hromada.reception.start()
    assert len(hromada.blobs()) == 2, "nobody was left to take it away"
    assert await hromada.rows() == {last(hromada.kept)}
    hromada.world.house.clock_file.write_text(str(a_day_later().total_seconds()))
    await until(hromada.has_nothing_without_the_other)
    assert set(hromada.blobs()) == {last(hromada.kept)}
    hromada.world.house.clock_file.unlink()
    with as_whom(hromada.officer):
        assert await hromada.world.download(hromada.kept)


async def test_a_kill_between_a_blob_and_its_row_while_the_office_is_being_erased_leaves_neither(
    hromada: Hromada,
) -> None:
    upload = await hromada.begin_upload()
    async with upload.half_way():
        erasure = await hromada.erase()
        await until(lambda: hromada.waiting(2))
        hromada.reception.kill()
    await hromada.reception.start()
    await hromada.is_erased(erasure)
    assert (hromada.blobs(), await hromada.rows()) == ({}, set())


async def test_a_kill_between_a_blob_and_its_row_of_an_office_that_is_erased_by_then_leaves_neither_a_day_later(
    hromada: Hromada,
) -> None:
    """Whoever sends it is nobody by then: reception asks identity, which does not answer, whether it may be kept."""
    house = hromada.world.house
    upload = await hromada.begin_upload()
    await hromada.is_erased(await hromada.erase())
    assert hromada.blobs() == {}
    house.nats.pause()
    await asyncio.sleep(UNHEARD_SECONDS)
    house.service("identity").pause()
    upload.goes_on.set()
    await until(hromada.has_put_down)
    hromada.reception.kill()
    house.service("identity").resume()
    house.nats.resume()
    with pytest.raises(Failure):
        await upload.answer
    await hromada.reception.start()
    assert (len(hromada.blobs()), await hromada.rows()) == (1, set())
    house.clock_file.write_text(str(a_day_later().total_seconds()))
    await until(hromada.has_nothing_without_the_other)
    assert (hromada.blobs(), await hromada.rows()) == ({}, set())
