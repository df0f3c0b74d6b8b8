"""Files on appeals over gRPC, as the office, an integrator and a resident meet them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import grpc
import grpc.aio
import pytest
import pytest_asyncio
from kit.call import Caller
from kit.errors import Away, Missing
from kit.files.store import Store
from kit.files.tidying import Orphans
from kit.names import last
from kit.rpc.chain import StreamCall
from kit.rpc.client import SERVICE, Acting, Failure, acting
from kit.testing.ground import PASSWORD, Ground
from kit.testing.pictures import PDF, SIGN, SVG, VIDEO, bomb, huge, photo_with_a_place, picture, polyglot
from kit.vault.vault import data_key
from PIL import Image
from reception.attachments import actions
from reception.attachments.model import Attachment, State
from spilno.reception.v1 import (
    appeals_pb2,
    appeals_pb2_grpc,
    attachments_pb2_grpc,
    particulars_pb2,
    triage_pb2,
    triage_pb2_grpc,
)
from spilno.reception.v1 import attachments_pb2 as pb
from sqlalchemy import text
from sqlmodel import select

Code = grpc.StatusCode
EVERYTHING = ("appeals.register", "appeals.read", "appeals.take", "appeals.answer")


@contextmanager
def as_whom(token: str | None) -> Any:
    before = acting.set(Acting(token, "uk"))
    try:
        yield
    finally:
        acting.reset(before)


class Office:
    """A hromada's office with one appeal, and its resident."""

    def __init__(self, ground: Ground, channel: grpc.aio.Channel, slug: str) -> None:
        self.ground = ground
        self.slug = slug
        self.appeals: Any = appeals_pb2_grpc.AppealsStub(channel)
        self.files: Any = attachments_pb2_grpc.AttachmentsStub(channel)
        self.triage: Any = triage_pb2_grpc.TriageStub(channel)
        self.who, self.token = ground.staff(slug, *EVERYTHING)
        self.web = ((SERVICE, f"Bearer {ground.issuer.service('web')}"),)
        self.appeal = self.code = ""

    async def registered(self, token: str = "") -> "Office":
        with as_whom(token or self.token):
            answer = await self.appeals.RegisterAppeal(
                appeals_pb2.RegisterAppealRequest(
                    parent=f"hromadas/{self.slug}",
                    channel=appeals_pb2.APPEAL_CHANNEL_UNSPECIFIED if token else appeals_pb2.APPEAL_CHANNEL_PHONE,
                    request_id=str(uuid4()),
                    appeal=appeals_pb2.AppealDraft(
                        kind=appeals_pb2.APPEAL_KIND_APPLICATION,
                        area=appeals_pb2.SAFETY_AREA_ROAD,
                        applicant=appeals_pb2.Applicant(
                            name="Мешканець Іван", residence="вул. Шевченка, 12", phone="+380971234567"
                        ),
                        text="На перехресті немає світлофора, діти бояться.",
                    ),
                )
            )
        self.appeal, self.code = answer.appeal.name, answer.code
        return self

    async def sends(self, text: str) -> appeals_pb2.Receipt:
        """What a resident sends through the portal."""
        draft = appeals_pb2.AppealDraft(
            kind=appeals_pb2.APPEAL_KIND_APPLICATION,
            area=appeals_pb2.SAFETY_AREA_ORDER,
            applicant=appeals_pb2.Applicant(name="Мешканець Іван", residence="вул. Нова, 1", phone="+380971234567"),
            text=text,
        )
        receipt: appeals_pb2.Receipt = await self.appeals.SubmitAppeal(
            appeals_pb2.SubmitAppealRequest(parent=f"hromadas/{self.slug}", appeal=draft, request_id=str(uuid4())),
            metadata=self.web,
        )
        return receipt

    async def upload(self, data: bytes, filename: str = "яма.jpg", token: str = "", **changes: Any) -> pb.Attachment:
        said: dict[str, Any] = {"parent": self.appeal, "request_id": str(uuid4()), "filename": filename}
        first = pb.UploadAttachmentRequest(**{**said, "size": len(data), "sha256": sha256(data).digest(), **changes})
        chunks = (pb.UploadAttachmentRequest(chunk=data[at : at + 65536]) for at in range(0, len(data), 65536))
        with as_whom(token or self.token):
            answer: pb.Attachment = await self.files.UploadAttachment(iterated(first, *chunks), timeout=60)
        return answer

    async def submit(self, data: bytes, code: str = "", filename: str = "яма.jpg") -> pb.SubmittedAttachment:
        first = pb.SubmitAttachmentRequest(
            parent=f"hromadas/{self.slug}",
            code=code or self.code,
            request_id=str(uuid4()),
            filename=filename,
            size=len(data),
            sha256=sha256(data).digest(),
        )
        chunks = (pb.SubmitAttachmentRequest(chunk=data[at : at + 65536]) for at in range(0, len(data), 65536))
        answer: pb.SubmittedAttachment = await self.files.SubmitAttachment(
            iterated(first, *chunks), metadata=self.web, timeout=60
        )
        return answer

    async def listed(self, token: str = "") -> list[pb.Attachment]:
        with as_whom(token or self.token):
            answer = await self.files.ListAttachments(pb.ListAttachmentsRequest(parent=self.appeal))
        return list(answer.attachments)

    async def download(self, name: str, token: str = "", **changes: Any) -> bytes:
        with as_whom(token or self.token):
            stream = self.files.DownloadAttachment(pb.DownloadAttachmentRequest(name=name, **changes))
            return b"".join([message.chunk async for message in stream])

    async def delete(self, attachment: pb.Attachment) -> pb.Attachment:
        with as_whom(self.token):
            answer: pb.Attachment = await self.files.DeleteAttachment(
                pb.DeleteAttachmentRequest(name=attachment.name, etag=attachment.etag)
            )
        return answer

    async def answered(self) -> None:
        with as_whom(self.token):
            case = await self.appeals.GetAppeal(appeals_pb2.GetAppealRequest(name=self.appeal))
            case = await self.appeals.TakeAppeal(appeals_pb2.TakeAppealRequest(name=case.name, etag=case.etag))
            await self.appeals.AnswerAppeal(
                appeals_pb2.AnswerAppealRequest(
                    name=case.name,
                    etag=case.etag,
                    answer="Світлофор поставлять у травні.",
                    outcome=particulars_pb2.APPEAL_OUTCOME_GRANTED,
                )
            )

    def blobs(self) -> list[Path]:
        folder = Path(urlsplit(self.ground.kit.settings.files_url).path) / str(self.ground.hromada(self.slug).id)
        return [each for each in folder.rglob("*") if each.is_file()]

    async def rows(self) -> list[Attachment]:
        async with self.ground.call(self.slug) as call:
            return await call.db.all(select(Attachment))

    async def trail(self) -> list[tuple[str, str, list[str]]]:
        connection = await asyncpg.connect(self.ground.postgres.url("reception_migrator", PASSWORD, "reception"))
        try:
            records = await connection.fetch(
                "SELECT method, subject, records FROM audit WHERE hromada_id = $1 AND method LIKE '%Attachment%' "
                "ORDER BY id",
                self.ground.hromada(self.slug).id,
            )
        finally:
            await connection.close()
        return [(each["method"].rpartition(".")[2], each["subject"], each["records"]) for each in records]


async def iterated(*messages: Any) -> AsyncIterator[Any]:
    for message in messages:
        yield message


async def refused(call: Awaitable[Any]) -> Failure:
    with pytest.raises(Failure) as failure:
        await call
    return failure.value


@pytest_asyncio.fixture
async def office(reception: Ground, opened: Callable[[], Awaitable[str]]) -> AsyncIterator[Office]:
    async with reception.channel() as channel:
        yield await Office(reception, channel, await opened()).registered()


async def test_a_photo_comes_back_as_it_is_kept(office: Office) -> None:
    kept = await office.upload(picture(size=(900, 300)))
    assert (kept.filename, kept.media_type, kept.has_thumbnail) == ("яма.jpg", "image/jpeg", True)
    assert kept.source == pb.ATTACHMENT_SOURCE_OFFICE
    data = await office.download(kept.name)
    assert (len(data), sha256(data).digest()) == (kept.size, kept.sha256)
    assert Image.open(BytesIO(data)).size == (900, 300)
    small = await office.download(kept.name, view=pb.ATTACHMENT_VIEW_THUMBNAIL)
    assert Image.open(BytesIO(small)).size == (640, 213)


async def test_a_document_comes_back_as_it_came(office: Office) -> None:
    kept = await office.upload(PDF, "довідка")
    assert (kept.filename, kept.media_type, kept.has_thumbnail) == ("довідка.pdf", "application/pdf", False)
    assert await office.download(kept.name) == PDF
    assert (await refused(office.download(kept.name, view=pb.ATTACHMENT_VIEW_THUMBNAIL))).code is Code.NOT_FOUND


async def test_where_a_photo_was_taken_is_kept_nowhere(office: Office) -> None:
    kept = await office.upload(photo_with_a_place())
    data = await office.download(kept.name)
    assert not dict(Image.open(BytesIO(data)).getexif())
    assert b"Olena" not in data


async def test_a_page_in_a_picture_does_not_come_out_again(office: Office) -> None:
    kept = await office.upload(polyglot(), "page.html")
    assert kept.filename == "page.html.jpg"
    assert SIGN not in await office.download(kept.name)


async def test_what_lies_in_the_store_is_noise(office: Office) -> None:
    await office.upload(PDF, "a.pdf")
    [blob] = office.blobs()
    assert b"PDF" not in blob.read_bytes()


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda: SVG, "files.unknown-kind"),
        (lambda: VIDEO, "files.video"),
        (huge, "files.too-many-pixels"),
        (bomb, "files.too-costly"),
        (bytes, "files.empty"),
        (lambda: picture(size=(900, 900))[:4000], "files.damaged"),
    ],
    ids=["SVG", "video", "20,000 pixels", "bomb", "empty", "half a photo"],
)
async def test_what_is_not_taken_is_refused_at_its_field_and_leaves_nothing(
    office: Office, build: Callable[[], bytes], reason: str
) -> None:
    data = build()
    for call in (office.upload(data), office.submit(data)):
        failure = await refused(call)
        assert (failure.code, failure.reason, list(failure.fields)) == (Code.INVALID_ARGUMENT, reason, ["chunk"])
        assert failure.fields["chunk"]
    assert (office.blobs(), await office.rows()) == ([], [])


async def test_an_upload_cut_at_half_leaves_nothing(office: Office) -> None:
    data = picture(size=(3000, 2000), quality=100)
    first = pb.UploadAttachmentRequest(
        parent=office.appeal, request_id=str(uuid4()), filename="a", size=len(data), sha256=sha256(data).digest()
    )

    async def half() -> AsyncIterator[Any]:
        yield first
        yield pb.UploadAttachmentRequest(chunk=data[: len(data) // 2])
        await asyncio.sleep(60)

    with as_whom(office.token):
        sending = asyncio.ensure_future(office.files.UploadAttachment(half(), timeout=60))
        await asyncio.sleep(0.3)
        sending.cancel()
    await asyncio.sleep(0.2)
    assert (office.blobs(), await office.rows()) == ([], [])


async def test_a_call_that_dies_between_blob_and_row_leaves_what_is_collected_a_day_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> str:
        raise RuntimeError("killed here")

    with monkeypatch.context() as dying:
        dying.setattr(actions, "shown_name", die)
        assert (await refused(office.upload(picture()))).code is Code.INTERNAL
    kept = await office.upload(picture())
    assert (len(office.blobs()), len(await office.rows())) == (4, 1)
    async with office.ground.call(office.slug) as call:
        await Orphans([Attachment]).collect(call)
    assert len(office.blobs()) == 4
    async with office.ground.call(office.slug) as call:
        call.now += timedelta(days=1, minutes=1)
        await Orphans([Attachment]).collect(call)
    assert {blob.parent.name for blob in office.blobs()} == {kept.name.rpartition("/")[2]}
    assert await office.download(kept.name)


async def test_the_same_request_adds_one_file(office: Office) -> None:
    same = str(uuid4())
    first, second = [await office.upload(PDF, request_id=same) for _ in range(2)]
    assert first == second
    assert len(await office.rows()) == 1


async def test_a_name_is_never_a_path(office: Office) -> None:
    names = ["../../../etc/passwd", "\u202egpj.exe", "a\x01b" + "я" * 500]
    shown = [(await office.upload(PDF, name)).filename for name in names]
    assert shown[:2] == ["passwd.pdf", "gpj.exe.pdf"]
    assert len(shown[2]) == 120
    for blob in office.blobs():
        assert blob.name == "whole"


async def test_a_resident_adds_files_by_the_code_and_sees_their_names_alone(office: Office) -> None:
    await office.upload(PDF, "службова.pdf")
    await office.submit(picture(), filename="біля школи.png")
    listed = await office.files.ListSubmittedAttachments(
        pb.ListSubmittedAttachmentsRequest(parent=f"hromadas/{office.slug}", code=office.code), metadata=office.web
    )
    assert [each.filename for each in listed.attachments] == ["біля школи.jpg"]
    assert [each.source for each in await office.listed()] == [
        pb.ATTACHMENT_SOURCE_OFFICE,
        pb.ATTACHMENT_SOURCE_RESIDENT,
    ]


@pytest.mark.parametrize("becomes", ["appeal", "handover"])
async def test_what_waits_to_be_sorted_takes_files_which_move_with_it_and_go_if_it_goes(
    office: Office, becomes: str
) -> None:
    data = picture()
    sent = await office.sends("У мене вкрали велосипед біля магазину.")
    assert (await office.submit(data, sent.code)).submission
    with as_whom(office.token):
        listed = await office.triage.ListSubmissions(
            triage_pb2.ListSubmissionsRequest(parent=f"hromadas/{office.slug}")
        )
        [waits] = listed.submissions
        [file] = waits.files
        stream = office.files.DownloadSubmissionAttachment(pb.DownloadSubmissionAttachmentRequest(name=file.name))
        whole = b"".join([message.chunk async for message in stream])
        assert (file.filename, len(whole)) == ("яма.jpg", file.size)
        assert office.blobs()
        if becomes == "handover":
            await office.triage.HandOverSubmission(
                triage_pb2.HandOverSubmissionRequest(
                    name=waits.name, etag=waits.etag, track=triage_pb2.TRACK_CRIME, unit="Поліція"
                )
            )
            assert [each.state for each in await office.rows()] == [State.REMOVED]
            return
        appeal = await office.triage.RegisterSubmission(
            triage_pb2.RegisterSubmissionRequest(name=waits.name, etag=waits.etag, kind=waits.kind, area=waits.area)
        )
        moved = await office.files.ListAttachments(pb.ListAttachmentsRequest(parent=appeal.name))
    assert [each.filename for each in moved.attachments] == ["яма.jpg"]
    assert await office.download(moved.attachments[0].name) == whole
    assert (await office.submit(picture(), sent.code)).name.startswith(appeal.name)


async def test_a_wrong_code_adds_nothing_and_is_throttled(office: Office) -> None:
    failures = [await refused(office.submit(PDF, code="000000000000")) for _ in range(11)]
    assert [each.code for each in failures] == [Code.NOT_FOUND] * 10 + [Code.RESOURCE_EXHAUSTED]
    assert await office.rows() == []


async def test_an_answered_appeal_takes_no_more_and_gives_none_away(office: Office) -> None:
    kept = await office.upload(PDF)
    await office.answered()
    for call in (office.upload(PDF), office.submit(PDF), office.delete(kept)):
        assert (await refused(call)).code is Code.FAILED_PRECONDITION
    assert await office.download(kept.name) == PDF


async def test_the_eleventh_file_is_refused_also_when_two_come_at_once(office: Office) -> None:
    for _ in range(9):
        await office.upload(PDF)
    came = await asyncio.gather(*(office.upload(PDF) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(each, Failure) for each in came) == 2
    assert (await refused(office.upload(PDF))).reason == "attachment.too-many-files"
    assert len(await office.rows()) == 10


async def test_a_hromadas_room_is_not_taken_twice_by_two_who_come_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.ground.kit.chain.files, "_quota", 2 * len(PDF))
    appeals = [(await office.registered()).appeal for _ in range(4)]
    came = await asyncio.gather(*(office.upload(PDF, parent=each) for each in appeals), return_exceptions=True)
    assert [each.kept for each in await office.rows()] == [len(PDF)] * 2
    late = [each for each in came if isinstance(each, Failure)]
    assert [(each.code, each.reason) for each in late] == [(Code.RESOURCE_EXHAUSTED, "files.no-room-left")] * 2
    assert "chunk" in late[0].fields
    await office.delete(next(each for each in came if isinstance(each, pb.Attachment)))
    assert await office.upload(PDF)


async def test_a_file_goes_when_its_appeal_goes(office: Office) -> None:
    await office.upload(picture())
    owner = await asyncpg.connect(office.ground.postgres.url("reception_migrator", PASSWORD, "reception"))
    try:
        await owner.execute("SELECT set_config('app.hromada', $1, false)", str(office.ground.hromada(office.slug).id))
        appeal = UUID(last(office.appeal))
        await owner.execute("DELETE FROM appeal_step WHERE appeal_id = $1", appeal)
        await owner.execute("DELETE FROM appeal WHERE id = $1", appeal)
    finally:
        await owner.close()
    assert await office.rows() == []
    async with office.ground.call(office.slug) as call:
        call.now += timedelta(days=1, minutes=1)
        await Orphans([Attachment]).collect(call)
    assert office.blobs() == []


async def test_a_file_taken_away_cannot_be_read_at_once_and_its_blobs_go(office: Office) -> None:
    kept = await office.upload(picture(), "чужий паспорт.jpg")
    gone = await office.delete(kept)
    assert (gone.filename, gone.HasField("delete_time")) == ("", True)
    assert (await refused(office.download(kept.name))).code is Code.NOT_FOUND
    assert [each.HasField("delete_time") for each in await office.listed()] == [True]
    for _ in range(600):
        if not office.blobs():
            break
        await asyncio.sleep(0.1)
    assert office.blobs() == []
    assert (await refused(office.delete(gone))).code is Code.FAILED_PRECONDITION


async def test_a_store_that_is_away_costs_files_alone(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.ground.kit.chain.files, "_store", Store(""))
    failure = await refused(office.upload(PDF))
    assert (failure.code, failure.reason) == (Code.UNAVAILABLE, "files.away")
    assert failure.retry_after
    assert (await office.registered()).code


async def test_an_integrator_sees_files_of_its_own_appeals_only(office: Office) -> None:
    subject = f"int.{office.slug}.lighting"
    office.ground.register.people[office.slug, subject] = frozenset({"appeals.register", "appeals.read"})
    token = office.ground.issuer.integrator(office.slug, "lighting")
    theirs = await office.upload(PDF)
    assert (await refused(office.upload(PDF, token=token))).code is Code.NOT_FOUND
    assert (await refused(office.download(theirs.name, token=token))).code is Code.NOT_FOUND
    assert (await refused(office.listed(token))).code is Code.NOT_FOUND
    await office.registered(token)
    kept = await office.upload(PDF, token=token)
    assert kept.source == pb.ATTACHMENT_SOURCE_INTEGRATION
    assert await office.download(kept.name, token) == PDF


async def test_a_file_under_another_appeals_name_is_missing(office: Office) -> None:
    kept = await office.upload(PDF)
    await office.registered()
    elsewhere = f"{office.appeal}/attachments/{kept.name.rpartition('/')[2]}"
    assert (await refused(office.download(elsewhere))).code is Code.NOT_FOUND


async def test_who_added_and_who_read_a_file_is_in_the_trail_and_no_name_is(office: Office) -> None:
    kept = await office.upload(PDF, "Скарга Коваленко.pdf")
    await office.download(kept.name)
    await office.submit(PDF)
    me = f"pseudonym-of-{office.who}"
    trail = await office.trail()
    assert [(method, subject) for method, subject, _ in trail] == [
        ("UploadAttachment", me),
        ("DownloadAttachment", me),
        ("SubmitAttachment", ""),
    ]
    assert kept.name in trail[0][2]
    assert kept.name in trail[1][2]
    assert "Коваленко" not in str(trail)


class Erasing:
    """The hromada is erased, as identity asks for it, while a file comes."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.ground = office.ground
        self.holdings = office.ground.service.holdings(office.ground.kit)

    @asynccontextmanager
    async def coming(self) -> AsyncIterator[tuple[StreamCall, actions.Keep]]:
        """A file that is in the store, and that no row names yet."""
        data = picture()
        stream = StreamCall(
            self.ground.kit.chain, Caller(self.office.who, "Офіс"), self.ground.hromada(self.office.slug), "uk"
        )
        told = actions.Coming("яма.jpg", len(data), sha256(data).digest())
        async with actions.add(stream, actions.To(UUID(last(self.office.appeal))), told, iterated(data)) as keep:
            assert self.office.blobs()
            yield stream, keep

    async def erase(self) -> None:
        """Once what the trail holds has left."""
        async with asyncio.timeout(60):
            while True:
                try:
                    async with self.ground.call(self.office.slug) as call:
                        await self.holdings.erase(call, self.office.slug)
                except Away:
                    await asyncio.sleep(0.1)
                else:
                    return

    async def waits(self) -> None:
        """Until somebody waits for what another transaction of the database holds."""
        async with asyncio.timeout(60):
            while True:
                async with self.ground.kit.database.transaction() as db:
                    held = text("SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                    if (await db.records(held))[0]["n"]:
                        return
                await asyncio.sleep(0.05)

    async def left(self) -> dict[str, int]:
        """Rows of the hromada by table, keys among them, and its blobs."""
        async with self.ground.call(self.office.slug) as call:
            rows = {room.name: room.rows for room in await self.holdings.usage(call) if room.rows}
            keys = await call.db.records(select(data_key.c.id))
        return rows | ({"keys": len(keys)} if keys else {}) | ({"files": 1} if self.office.blobs() else {})


async def test_a_file_that_comes_while_its_hromada_is_erased_leaves_nothing(office: Office) -> None:
    erasing = Erasing(office)
    async with erasing.coming() as (stream, keep):
        await erasing.erase()
        with pytest.raises(Missing):
            async with stream.open() as call:
                await keep(call)
    assert await erasing.left() == {}


async def test_a_file_that_is_being_kept_as_its_hromada_is_erased_goes_with_it(office: Office) -> None:
    erasing = Erasing(office)
    async with erasing.coming() as (stream, keep):
        async with stream.open() as call:
            await keep(call)
            waiting = asyncio.create_task(erasing.erase())
            await erasing.waits()
        await waiting
    assert await erasing.left() == {}
