"""Footage for the police: locked when it is asked for, approved by another, handed over as a court can check it."""

import asyncio
import json
import re
import subprocess
import zipfile
from collections.abc import AsyncIterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import av
import grpc
import pytest
import pytest_asyncio
from cctv_gateway.evidence import actions, rules
from cctv_gateway.recordings.model import Hold
from cctv_gateway.testing.footage import packaged, recorded
from cctv_gateway.testing.papers import creating, draft
from google.protobuf.timestamp_pb2 import Timestamp
from kit.errors import WrongState
from kit.names import uid
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.cctv.v1 import evidence_pb2 as pb
from spilno.cctv.v1.cameras_pb2_grpc import CamerasStub
from spilno.cctv.v1.evidence_pb2_grpc import EvidenceRequestsStub
from sqlmodel import select

DOCS = Path(__file__).parents[4] / "docs/evidence.md"
SECONDS = 8
_TOLD = "SELECT regexp_replace(subject, '.*[.]', '') AS what FROM outbox WHERE position($1 IN body) > 0 ORDER BY seq"


@contextmanager
def as_whom(token: str) -> Any:
    before = acting.set(Acting(token))
    try:
        yield
    finally:
        acting.reset(before)


@dataclass
class Room:
    """Two cameras of a hromada: one was broken off between two recordings, of the other there is one recording."""

    ground: Ground
    slug: str
    evidence: Any
    requester: str
    head: str
    volunteer: str
    start: datetime
    cameras: list[str] = field(default_factory=list)
    dark: str = ""

    def letter(self, **changes: Any) -> pb.RequestEvidenceRequest:
        said: dict[str, Any] = {
            "authority": pb.EVIDENCE_AUTHORITY_POLICE,
            "authority_name": "Відділ поліції № 1",
            "signatory": "Начальник відділу",
            "letter_number": "147/05",
            "letter_date": "2019-10-28",
            "case_reference": "12019160000000147",
            "ground": "ст. 40 Закону «Про Національну поліцію»: бійка на площі",
            "cameras": self.cameras,
            "start_time": stamp(self.start + timedelta(seconds=1)),
            "end_time": stamp(self.start + timedelta(seconds=20)),
            **changes,
        }
        return pb.RequestEvidenceRequest(
            parent=f"hromadas/{self.slug}", evidence=pb.EvidenceDraft(**said), request_id=str(uuid4())
        )

    async def requested(self, **changes: Any) -> pb.Evidence:
        with as_whom(self.requester):
            made: pb.Evidence = await self.evidence.RequestEvidence(self.letter(**changes))
        return made

    async def approved(self) -> pb.Evidence:
        made = await self.requested()
        with as_whom(self.head):
            done: pb.Evidence = await self.evidence.ApproveEvidence(approving(made))
        return done

    async def downloaded(self, name: str) -> bytes:
        with as_whom(self.head):
            said = [each async for each in self.evidence.DownloadEvidence(pb.DownloadEvidenceRequest(name=name))]
        assert said[0].HasField("evidence")
        return b"".join(each.chunk for each in said[1:])


def stamp(moment: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(moment)
    return made


def approving(made: pb.Evidence) -> pb.ApproveEvidenceRequest:
    return pb.ApproveEvidenceRequest(name=made.name, etag=made.etag)


@pytest_asyncio.fixture(scope="module")
async def room(gateway: Ground, short_film: Path) -> AsyncIterator[Room]:
    slug = f"h-{uuid4().hex[:12]}"
    start = gateway.kit.clock.now() - timedelta(hours=1)
    able = ("cameras.read", "cameras.write", "evidence.read", "evidence.request", "evidence.export")
    _, requester = gateway.staff(slug, *able)
    _, head = gateway.staff(slug, *able, "evidence.approve")
    _, volunteer = gateway.staff(slug, "cameras.read", "cameras.view")
    folder = gateway.kit.settings.recordings
    async with gateway.channel() as channel:
        room = Room(gateway, slug, EvidenceRequestsStub(channel), requester, head, volunteer, start)
        with as_whom(requester):
            for title in ("Площа", "Парк", "Без запису"):
                made = await CamerasStub(channel).CreateCamera(creating(slug, draft(title=title)))
                room.cameras.append(made.name)
        room.dark = room.cameras.pop()
        init, parts = await asyncio.to_thread(packaged, short_film, SECONDS // 4)
        async with gateway.call(slug) as call:
            square, park = (uid(each) for each in room.cameras)
            half = len(parts) // 2
            recorded(call.db, folder, square, init, parts[:half], start)
            recorded(call.db, folder, square, init, parts[half:], start + timedelta(seconds=SECONDS / 2))
            recorded(call.db, folder, square, init, parts, start + timedelta(seconds=12), is_break=True)
            recorded(call.db, folder, park, init, parts, start)
        yield room


async def holds(room: Room, camera: str) -> list[Hold]:
    async with room.ground.call(room.slug) as call:
        return [each for each in await call.db.all(select(Hold)) if each.camera_id == UUID(camera.rpartition("/")[2])]


async def test_what_is_handed_over_is_checked_by_the_documented_commands_alone(room: Room, tmp_path: Path) -> None:
    made = await room.approved()
    package = zipfile.ZipFile(BytesIO(await room.downloaded(made.name)))
    package.extractall(tmp_path)
    [commands] = re.findall(r"```sh\n(.*?)```", DOCS.read_text(), re.DOTALL)
    checked = await asyncio.to_thread(
        subprocess.run, ["bash", "-euo", "pipefail", "-c", commands], cwd=tmp_path, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.count("Signature Verified Successfully") == 2
    async with room.ground.call(room.slug) as call:
        key = await actions.public_key(call)
    assert checked.stdout.startswith(actions.fingerprint_of(key))
    assert (tmp_path / "evidence-key.pem").read_bytes() == actions.pem_of(key)

    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert [each["camera"] for each in manifest["files"]] == [room.cameras[0], room.cameras[0], room.cameras[1]]
    assert [each["dossier"]["title"] for each in manifest["cameras"]] == ["Площа", "Парк"]
    assert [each["step"] for each in manifest["custody"]] == ["requested", "locked", "approved", "downloaded"]
    digest = ""
    for link in manifest["custody"]:
        told = {name: value for name, value in link.items() if name != "digest"}
        digest = rules.digest(digest, told)
        assert link["digest"] == digest
    assert [each["camera"] for each in manifest["gaps"]] == [room.cameras[0], room.cameras[1]]

    for each in manifest["files"]:
        film: Any = av.open(str(tmp_path / each["name"]))
        pictures = [picture.time for picture in film.decode(video=0)]
        filmed = (datetime.fromisoformat(each["end"]) - datetime.fromisoformat(each["start"])).total_seconds()
        assert abs(len(pictures) / 20 - filmed) < 0.1
        assert pictures == sorted(pictures)
        assert max(b - a for a, b in pairwise(pictures)) < 0.06
    sums = (tmp_path / "SHA256SUMS").read_bytes()
    (tmp_path / "SHA256SUMS").write_bytes(sums.replace(b"a", b"b", 1))
    spoilt = await asyncio.to_thread(
        subprocess.run, ["bash", "-euo", "pipefail", "-c", commands], cwd=tmp_path, capture_output=True, text=True
    )
    assert spoilt.returncode != 0


async def test_two_downloads_hand_over_the_same_clips_and_each_is_a_link(room: Room) -> None:
    made = await room.approved()
    first, second = [zipfile.ZipFile(BytesIO(await room.downloaded(made.name))) for _ in range(2)]
    clips = [name for name in first.namelist() if name.endswith(".mp4")]
    assert [first.read(name) for name in clips] == [second.read(name) for name in clips]
    with as_whom(room.head):
        seen = await room.evidence.GetEvidence(pb.GetEvidenceRequest(name=made.name))
    assert [each.step for each in seen.custody] == [
        pb.CUSTODY_STEP_REQUESTED,
        pb.CUSTODY_STEP_LOCKED,
        pb.CUSTODY_STEP_APPROVED,
        pb.CUSTODY_STEP_DOWNLOADED,
        pb.CUSTODY_STEP_DOWNLOADED,
    ]


async def test_a_request_locks_the_footage_and_a_refusal_lets_it_go(room: Room) -> None:
    before = len(await holds(room, room.cameras[0]))
    made = await room.requested()
    hold = (await holds(room, room.cameras[0]))[-1]
    assert len(await holds(room, room.cameras[0])) == before + 1
    assert (hold.case_reference, hold.released_at) == ("12019160000000147", None)
    with as_whom(room.head):
        refused = await room.evidence.RefuseEvidence(
            pb.RefuseEvidenceRequest(name=made.name, etag=made.etag, reason="Лист без підпису")
        )
    assert (refused.state, refused.refused_because) == (pb.EVIDENCE_STATE_REFUSED, "Лист без підпису")
    assert all(each.released_at is not None for each in await holds(room, room.cameras[0]) if each.id == hold.id)


async def test_who_asked_never_approves(room: Room) -> None:
    with as_whom(room.head):
        made = await room.evidence.RequestEvidence(room.letter())
        with pytest.raises(Failure) as refused:
            await room.evidence.ApproveEvidence(approving(made))
    assert refused.value.code is grpc.StatusCode.PERMISSION_DENIED


async def test_of_two_approvals_at_once_one_wins(room: Room) -> None:
    made = await room.requested()
    _, other = room.ground.staff(room.slug, "evidence.read", "evidence.approve")

    async def approved(token: str) -> grpc.StatusCode:
        with as_whom(token):
            try:
                await room.evidence.ApproveEvidence(approving(made))
            except Failure as failure:
                return failure.code
            return grpc.StatusCode.OK

    codes = await asyncio.gather(approved(room.head), approved(other))
    assert set(codes) == {grpc.StatusCode.OK, grpc.StatusCode.ABORTED}
    with as_whom(room.head):
        kept = await room.evidence.GetEvidence(pb.GetEvidenceRequest(name=made.name))
    assert kept.state == pb.EVIDENCE_STATE_APPROVED


async def test_a_volunteer_exports_nothing_and_nobody_what_is_not_approved(room: Room) -> None:
    made = await room.requested()
    for token, code in (
        (room.volunteer, grpc.StatusCode.PERMISSION_DENIED),
        (room.head, grpc.StatusCode.FAILED_PRECONDITION),
    ):
        with as_whom(token), pytest.raises(Failure) as refused:
            async for _ in room.evidence.DownloadEvidence(pb.DownloadEvidenceRequest(name=made.name)):
                pass
        assert refused.value.code is code


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"start": -7200, "end": -3700}, "evidence.start_time"),
        ({"dark": True}, "evidence.cameras"),
        ({"start": 20, "end": 1}, "evidence.end_time"),
        ({"end": 7200}, "evidence.end_time"),
        ({"start": -8 * 3600}, "evidence.end_time"),
        ({"letter_date": "2190-01-01"}, "evidence.letter_date"),
        ({"case_reference": ""}, "evidence.case_reference"),
        ({"cameras": []}, "evidence.cameras"),
    ],
    ids=[
        "no footage",
        "no footage of one",
        "backwards",
        "future",
        "long",
        "letter of tomorrow",
        "no case",
        "no camera",
    ],
)
async def test_what_cannot_be_asked_for_is_refused_at_its_field(
    room: Room, changes: dict[str, Any], field: str
) -> None:
    said: dict[str, Any] = {
        name: changes[name] for name in ("letter_date", "case_reference", "cameras") if name in changes
    }
    for name in ("start", "end"):
        if name in changes:
            said[f"{name}_time"] = stamp(room.start + timedelta(seconds=changes[name]))
    if "dark" in changes:
        said["cameras"] = [*room.cameras, room.dark]
    with pytest.raises(Failure) as refused:
        await room.requested(**said)
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(refused.value.fields) == {field}


def test_what_was_approved_is_not_handed_over_for_ever() -> None:
    now = datetime.fromisoformat("2019-10-28T10:00+00:00")
    rules.check_download(rules.Decision.APPROVED, now + timedelta(seconds=1), now)
    with pytest.raises(WrongState):
        rules.check_download(rules.Decision.APPROVED, now, now)


async def test_who_asked_ten_working_days_ago_is_told_of_each_day_once(room: Room) -> None:
    with as_whom(room.requester):
        asked = await room.evidence.RequestEvidence(room.letter())
    assert asked.due == pb.EVIDENCE_DUE_FAR
    until = datetime.fromisoformat(f"{asked.study_until} 09:00+00:00")
    for now in (until, until, until + timedelta(days=1)):
        async with room.ground.call(room.slug, now=now) as call:
            await actions.warn(call)
    connection = await asyncpg.connect(room.ground.postgres.url(database="cctv"))
    try:
        rows = await connection.fetch(_TOLD, asked.name.encode())
    finally:
        await connection.close()
    assert [row["what"] for row in rows] == ["requested", "nearly-due", "overdue"]
