"""Photos of hazards over gRPC: sent by residents, fetched from another system, looked at by the office, then shown."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import grpc
import pytest
import pytest_asyncio
from kit.files import Kind, Received
from kit.jobs import Bringing
from kit.jobs.worker import Worker
from kit.rpc.client import Acting, Failure, acting
from kit.servers.process import free_port
from kit.testing.ground import Ground, at
from kit.testing.pictures import PDF, SIGN, SVG, VIDEO, bomb, huge, photo_with_a_place, picture, polyglot
from PIL import Image
from reception.hazards.model import Hazard
from reception.photos import actions, fetching
from reception.photos.model import Photo
from reception.photos.rules import State
from spilno.reception.v1 import hazards_pb2, photos_pb2_grpc
from spilno.reception.v1 import photos_pb2 as pb
from spilno.reception.v1.hazards_pb2_grpc import HazardsStub
from sqlalchemy import text
from sqlmodel import col, select
from uuid_utils.compat import uuid7

Code = grpc.StatusCode
Opened = Callable[[], Awaitable[str]]


@dataclass
class SetClock:
    moment: datetime

    def now(self) -> datetime:
        return self.moment


@dataclass
class Office:
    """A hromada's hazards with their photos, as residents and as staff use them."""

    ground: Ground
    slug: str
    hazards: Any
    photos: Any
    address: str = field(default_factory=lambda: f"2001:db8::{uuid4().hex[:4]}")

    @property
    def parent(self) -> str:
        return f"hromadas/{self.slug}"

    def as_staff(self) -> None:
        token = self.ground.staff(self.slug, "hazards.read", "hazards.moderate", "hazards.manage")[1]
        acting.set(Acting(token, "uk"))

    def as_resident(self) -> None:
        acting.set(Acting(self.ground.issuer.service("web"), "uk", self.address))

    async def submit(self, data: bytes, request_id: str = "") -> str:
        self.as_resident()
        first = pb.SubmitHazardPhotoRequest(
            parent=self.parent, request_id=request_id or str(uuid4()), size=len(data), sha256=sha256(data).digest()
        )
        chunks = [pb.SubmitHazardPhotoRequest(chunk=data[at : at + 65536]) for at in range(0, len(data), 65536)]
        answer = await self.photos.SubmitHazardPhoto(iterated(first, *chunks), timeout=60)
        return str(answer.ticket)

    async def report(self, *tickets: str, **changes: Any) -> hazards_pb2.HazardReceipt:
        self.as_resident()
        hazard = hazards_pb2.HazardDraft(category="pit", address="Центральна, 50", text="Люк", photos=tickets)
        receipt: hazards_pb2.HazardReceipt = await self.hazards.ReportHazard(
            hazards_pb2.ReportHazardRequest(parent=self.parent, hazard=hazard, request_id=str(uuid4()), **changes)
        )
        return receipt

    async def whole(self, number: int) -> hazards_pb2.Hazard:
        self.as_staff()
        listed = await self.hazards.ListHazards(hazards_pb2.ListHazardsRequest(parent=self.parent, number=number))
        found: hazards_pb2.Hazard = await self.hazards.GetHazard(
            hazards_pb2.GetHazardRequest(name=listed.hazards[0].name)
        )
        return found

    async def show(self, number: int, *photos: str) -> hazards_pb2.Hazard:
        found = await self.whole(number)
        shown: hazards_pb2.Hazard = await self.hazards.ModerateHazard(
            hazards_pb2.ModerateHazardRequest(
                name=found.name,
                etag=found.etag,
                shown=True,
                text="Люк",
                address="Центральна, 50",
                photos=[each.rpartition("/")[2] for each in photos],
            )
        )
        return shown

    async def public(self, number: int) -> hazards_pb2.PublicHazard:
        self.as_resident()
        found: hazards_pb2.PublicHazard = await self.hazards.GetPublicHazard(
            hazards_pb2.GetPublicHazardRequest(parent=self.parent, number=number)
        )
        return found

    async def download(self, name: str, **changes: Any) -> bytes:
        self.as_staff()
        return await whole_of(self.photos.DownloadHazardPhoto(pb.DownloadHazardPhotoRequest(name=name, **changes)))

    async def seen_by_all(self, number: int, photo: str) -> bytes:
        self.as_resident()
        asked = pb.DownloadPublicHazardPhotoRequest(parent=self.parent, number=number, photo=photo)
        return await whole_of(self.photos.DownloadPublicHazardPhoto(asked))

    async def key(self) -> str:
        self.as_staff()
        made = await self.hazards.CreateReportKey(
            hazards_pb2.CreateReportKeyRequest(parent=self.parent, title="Місто", request_id=str(uuid4()))
        )
        return str(made.secret)

    async def told_of(self, url: str) -> hazards_pb2.Hazard:
        """A hazard whose photo lies at an address, once the job has been there."""
        receipt = await self.report(key=await self.key(), media_url=url)
        async with asyncio.timeout(60):
            while True:
                found = await self.whole(receipt.number)
                if found.photos[0].state != pb.HAZARD_PHOTO_STATE_COMING:
                    return found
                await asyncio.sleep(0.1)

    def blobs(self) -> list[Path]:
        folder = Path(urlsplit(self.ground.kit.settings.files_url).path) / str(self.ground.hromada(self.slug).id)
        return [each for each in folder.rglob("*") if each.is_file()]

    async def rows(self) -> list[Photo]:
        async with self.ground.call(self.slug) as call:
            return await call.db.all(select(Photo).order_by(col(Photo.id)))


async def iterated(*messages: Any) -> AsyncIterator[Any]:
    for message in messages:
        yield message


async def whole_of(stream: Any) -> bytes:
    return b"".join([message.chunk async for message in stream])


async def refused(call: Awaitable[Any]) -> Failure:
    with pytest.raises(Failure) as failure:
        await call
    return failure.value


@pytest_asyncio.fixture
async def office(reception: Ground, opened: Opened) -> AsyncIterator[Office]:
    before = acting.set(acting.get())
    async with reception.channel() as channel:
        stub = photos_pb2_grpc.HazardPhotosStub(channel)
        yield Office(reception, await opened(), HazardsStub(channel), stub)
    acting.reset(before)


async def test_a_photo_is_seen_by_all_once_the_office_shows_it_and_no_more_when_it_hides_it(office: Office) -> None:
    tickets = [await office.submit(picture(size=(900, 300))), await office.submit(photo_with_a_place())]
    receipt = await office.report(*tickets)
    first, second = (await office.whole(receipt.number)).photos
    assert first.state == pb.HAZARD_PHOTO_STATE_WAITING
    assert Image.open(BytesIO(await office.download(first.name))).size == (900, 300)
    small = await office.download(first.name, view=pb.HAZARD_PHOTO_VIEW_THUMBNAIL)
    assert Image.open(BytesIO(small)).size == (640, 213)
    bare = await office.download(second.name)
    assert not dict(Image.open(BytesIO(bare)).getexif())
    assert all(b"JFIF" not in blob.read_bytes() for blob in office.blobs())

    shown = await office.show(receipt.number, second.name)
    assert [each.state for each in shown.photos] == [pb.HAZARD_PHOTO_STATE_WITHHELD, pb.HAZARD_PHOTO_STATE_SHOWN]
    (photo,) = (await office.public(receipt.number)).photos
    assert second.name.endswith(photo)
    assert await office.seen_by_all(receipt.number, photo) == bare
    hidden = first.name.rpartition("/")[2]
    assert (await refused(office.seen_by_all(receipt.number, hidden))).code is Code.NOT_FOUND

    await office.show(receipt.number)
    assert list((await office.public(receipt.number)).photos) == []
    assert (await refused(office.seen_by_all(receipt.number, photo))).code is Code.NOT_FOUND


async def test_the_office_adds_photos_to_a_hazard_that_is_there_up_to_ten(office: Office) -> None:
    receipt = await office.report()
    tickets = [await office.submit(picture(size=(90 + each, 60))) for each in range(11)]
    for some in (tickets[0:3], tickets[3:6], tickets[6:9], tickets[9:10]):
        found = await office.whole(receipt.number)
        asked = hazards_pb2.AddHazardPhotosRequest(name=found.name, etag=found.etag, photos=some)
        found = await office.hazards.AddHazardPhotos(asked)
        stale = await refused(office.hazards.AddHazardPhotos(asked))
        assert stale.code is Code.ABORTED
    assert [each.state for each in found.photos] == [pb.HAZARD_PHOTO_STATE_WAITING] * 10
    asked = hazards_pb2.AddHazardPhotosRequest(name=found.name, etag=found.etag, photos=tickets[10:])
    assert list((await refused(office.hazards.AddHazardPhotos(asked))).fields) == ["photos"]
    shown = await office.show(receipt.number, found.photos[0].name)
    assert shown.photos[0].state == pb.HAZARD_PHOTO_STATE_SHOWN


async def test_a_hazard_that_is_shown_at_once_shows_no_photo_before_the_office_has_looked(office: Office) -> None:
    office.as_resident()
    hazard = hazards_pb2.HazardDraft(
        category="street-light", address="Центральна", text="Темно", photos=[await office.submit(picture())]
    )
    receipt = await office.hazards.ReportHazard(
        hazards_pb2.ReportHazardRequest(parent=office.parent, hazard=hazard, request_id=str(uuid4()))
    )
    assert receipt.publication == hazards_pb2.HAZARD_PUBLICATION_SHOWN
    assert list((await office.public(receipt.number)).photos) == []
    office.as_staff()
    waiting = await office.hazards.ListHazards(
        hazards_pb2.ListHazardsRequest(parent=office.parent, publications=[hazards_pb2.HAZARD_PUBLICATION_WAITING])
    )
    assert ([each.hazard.number for each in waiting.hazards], waiting.waiting) == ([receipt.number], 1)


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda: SVG, "files.unknown-kind"),
        (lambda: VIDEO, "files.video"),
        (lambda: PDF, "hazard.no-photo"),
        (huge, "files.too-many-pixels"),
        (bomb, "hazard.no-photo"),
        (lambda: picture(size=(900, 900))[:4000], "files.damaged"),
        (lambda: b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "files.too-large"),
    ],
    ids=["SVG", "video", "a document", "20,000 pixels", "bomb", "half a photo", "too large"],
)
async def test_what_is_no_photo_is_refused_at_its_field_and_leaves_nothing(
    office: Office, build: Callable[[], bytes], reason: str
) -> None:
    failure = await refused(office.submit(build()))
    assert (failure.code, failure.reason, list(failure.fields)) == (Code.INVALID_ARGUMENT, reason, ["chunk"])
    assert (office.blobs(), await office.rows()) == ([], [])


async def test_a_page_in_a_picture_does_not_come_out_again(office: Office) -> None:
    receipt = await office.report(await office.submit(polyglot()))
    (photo,) = (await office.whole(receipt.number)).photos
    assert SIGN not in await office.download(photo.name)


async def test_a_ticket_is_for_one_report_and_the_same_photo_sent_again_has_the_same_ticket(office: Office) -> None:
    again = str(uuid4())
    ticket = await office.submit(picture(), again)
    assert await office.submit(picture(), again) == ticket
    await office.report(ticket)
    for wrong in (ticket, "made-up"):
        failure = await refused(office.report(wrong))
        assert (failure.reason, list(failure.fields)) == ("hazard.photo-gone", ["hazard.photos[0]"])


async def test_what_no_report_names_and_what_nobody_but_the_office_saw_is_forgotten(office: Office) -> None:
    receipt = await office.report(await office.submit(picture()))
    await office.submit(picture())
    async with office.ground.call(office.slug) as call:
        for each in await call.db.all(select(Photo)):
            (await call.db.lock(Photo, each.id)).created_at = call.now - timedelta(days=2)
    async with office.ground.call(office.slug) as call:
        await actions.forget_unnamed(call)
    (left,) = await office.rows()
    async with office.ground.call(office.slug) as call:
        [hazard] = await call.db.all(select(Hazard))
        assert (hazard.id, hazard.number) == (left.hazard_id, receipt.number)
        await actions.forget_of(call, [hazard.id])
    assert await office.rows() == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def neighbour(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Another city's server of photos: a process of its own. A folder of it redirects."""
    folder, port = tmp_path_factory.mktemp("photos"), free_port()
    (folder / "moved").mkdir()
    for name, data in {
        "photo.jpg": photo_with_a_place(),
        "page.jpg": b"<html>",
        "large.jpg": b"\xff\xd8\xff" + b"\0" * (10 * 1024 * 1024),
    }.items():
        (folder / name).write_bytes(data)
    arguments = ["-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
    quiet = asyncio.subprocess.DEVNULL
    server = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=quiet, stderr=quiet)
    try:
        async with asyncio.timeout(30):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        await server.wait()


async def test_a_photo_that_another_system_keeps_is_fetched_made_anew_and_looked_at(
    office: Office, neighbour: str
) -> None:
    found = await office.told_of(f"{neighbour}/photo.jpg")
    (photo,) = found.photos
    assert (photo.state, photo.source) == (pb.HAZARD_PHOTO_STATE_WAITING, f"{neighbour}/photo.jpg")
    assert not dict(Image.open(BytesIO(await office.download(photo.name))).getexif())
    assert len(office.blobs()) == 2


@pytest.mark.parametrize(
    ("url", "objection"),
    [
        ("{there}/moved", "REDIRECTED"),
        ("{there}/large.jpg", "TOO_LARGE"),
        ("{there}/page.jpg", "NO_PHOTO"),
        ("{there}/nothing.jpg", "UNREACHABLE"),
        ("http://127.0.0.2/photo.jpg", "NOT_ALLOWED"),
        ("http://169.254.169.254/latest/meta-data", "NOT_ALLOWED"),
        ("http://[::ffff:10.0.0.1]/", "NOT_ALLOWED"),
        ("http://somebody:word@127.0.0.1/photo.jpg", "NOT_ALLOWED"),
    ],
    ids=["redirect", "too large", "a page", "nothing there", "this machine", "the cloud", "a neighbour", "credentials"],
)
async def test_a_photo_that_may_not_be_fetched_is_kept_out_and_the_office_is_told_why(
    office: Office, neighbour: str, url: str, objection: str
) -> None:
    found = await office.told_of(url.format(there=neighbour))
    (photo,) = found.photos
    assert photo.state == pb.HAZARD_PHOTO_STATE_KEPT_OUT
    assert photo.objection == pb.HazardPhotoObjection.Value(f"HAZARD_PHOTO_OBJECTION_{objection}")
    assert office.blobs() == []


async def test_while_a_photo_is_fetched_nothing_is_held_and_who_dies_meanwhile_leaves_it_to_another(
    office: Office, neighbour: str
) -> None:
    receipt = await office.report(key=await office.key())
    photo = str(uuid7())
    async with office.ground.call(office.slug) as call:
        [hazard] = await call.db.all(select(Hazard).where(col(Hazard.number) == receipt.number))
        row = Photo(hazard_id=hazard.id, state=State.COMING, source=f"{neighbour}/photo.jpg", created_at=call.now)
        row.id = UUID(photo)
        call.db.add(row)
    clock = SetClock(at("2126-05-04 09:00"))
    async with office.ground.call(office.slug, now=clock.moment) as call:
        await call.later(fetching.fetch, clock.moment, photo, photo=photo)
    begun = 0

    @asynccontextmanager
    async def bring(wanted: fetching.Wanted) -> AsyncIterator[Any]:
        nonlocal begun
        begun += 1
        async with office.ground.call(office.slug) as call:
            locked = await call.db.records(text("SELECT id FROM hazard_photo FOR UPDATE NOWAIT"))
            assert len(locked) == 1, "nobody holds it"
        async with fetching.bring(wanted) as came:
            if begun == 1:
                raise asyncio.CancelledError
            yield came

    job = Bringing(fetching.fetch, fetching.look, bring)

    async def work() -> None:
        await Worker(office.ground.kit.database, clock, [job], office.ground.kit.call, list).work()

    with suppress(asyncio.CancelledError):
        await work()
    assert office.blobs() == []
    await work()
    assert begun == 1, "it is nobody else's for a while"
    clock.moment += timedelta(minutes=3)
    await work()
    assert [each.state for each in await office.rows()] == [State.WAITING]
    async with office.ground.call(office.slug) as call:
        with tempfile.TemporaryFile() as file:
            await fetching.fetch(call, Received(file, Kind.JPEG, 0), photo)
    assert (len(office.blobs()), begun) == (2, 2)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://a/", "photo.jpg"], ids=["file", "gopher", "no scheme"])
async def test_what_is_no_address_of_the_web_is_refused_at_its_field(office: Office, url: str) -> None:
    failure = await refused(office.report(key=await office.key(), media_url=url))
    assert (failure.reason, list(failure.fields)) == ("hazard.photo-address", ["media_url"])


async def test_a_resident_names_no_address(office: Office) -> None:
    failure = await refused(office.report(media_url="https://example.org/a.jpg"))
    assert failure.reason == "hazard.photo-address-not-yours"
