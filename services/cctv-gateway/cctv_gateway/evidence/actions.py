"""What happens to requests for footage: entered and locked, decided by another, handed over."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from kit.call import Call
from kit.clock import kyiv_date
from kit.rpc.chain import StreamCall
from kit.rpc.enums import to_contract
from spilno.cctv.v1 import events_pb2 as events
from spilno.cctv.v1.evidence_pb2 import EvidenceState
from sqlalchemy import or_
from sqlmodel import col, select

from cctv_gateway.cameras import actions as cameras
from cctv_gateway.cameras.model import Camera
from cctv_gateway.engine.cutting import Piece
from cctv_gateway.evidence import rules
from cctv_gateway.evidence.model import CustodyLink, Evidence, EvidenceCamera, EvidenceKey
from cctv_gateway.evidence.packing import Filmed, Package, packed
from cctv_gateway.evidence.rules import Authority, Decision, Due, Step
from cctv_gateway.recordings.actions import between
from cctv_gateway.recordings.model import Hold, Recording, RecordingPlan
from cctv_gateway.settings import own
from cctv_gateway.views.model import View, ViewedCamera


@dataclass(frozen=True, slots=True)
class Letter:
    """What an authority asks for, as its letter says it."""

    authority: Authority
    authority_name: str
    signatory: str
    letter_number: str
    letter_date: date
    case_reference: str
    ground: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, its cameras, and what was done with it."""

    evidence: Evidence
    cameras: Sequence[UUID]
    custody: Sequence[CustodyLink]


async def request(call: Call, letter: Letter, ids: Sequence[UUID], start: datetime, end: datetime) -> Asked:
    """Enters a request, and locks the footage.

    Raises:
        Missing: there is no such camera.
        Refused: the range cannot be, or there is no footage of it; names the field.
    """
    found = await cameras.some(call, ids)
    rules.check_request(start, end, letter.letter_date, call.now, call.today)
    for each in found:
        await _keep_from_deletion(call, each.camera.id)
    without = [each.camera.title for each in found if not await _is_filmed(call, each.camera.id, start, end)]
    rules.check_footage(without, len(found))
    evidence = Evidence(
        **asdict(letter),
        from_at=start,
        to_at=end,
        requested_by=call.caller.subject,
        requested_by_name=call.caller.display_name,
        created_at=call.now,
    )
    call.db.add(evidence)
    await call.db.flush()
    for id in ids:
        hold = Hold(
            camera_id=id,
            from_at=start,
            to_at=end,
            case_reference=letter.case_reference,
            reason=f"{letter.authority_name}: {letter.letter_number}"[:300],
            held_at=call.now,
            held_by=call.caller.display_name,
        )
        call.db.add(hold)
        await call.db.flush()
        call.db.add(EvidenceCamera(evidence_id=evidence.id, camera_id=id, hold_id=hold.id))
    custody = await _link(call, evidence, [], Step.REQUESTED)
    custody = await _link(call, evidence, custody, Step.LOCKED)
    call.emit(events.EvidenceRequested(evidence=_event(call, evidence)))
    return Asked(evidence, list(ids), custody)


async def warn(call: Call) -> None:
    """Tells of the requests that nobody has decided and whose ten working days are nearly over, or over."""
    calendar = own(call.settings).calendar
    for evidence in await call.db.all(select(Evidence).where(col(Evidence.state) == Decision.REQUESTED)):
        until = rules.studied_until(kyiv_date(evidence.created_at), calendar)
        match rules.due(evidence.state, until, call.today, calendar):
            case Due.NEAR:
                call.emit(events.EvidenceNearlyDue(evidence=_event(call, evidence)))
            case Due.LATE:
                call.emit(events.EvidenceOverdue(evidence=_event(call, evidence)))


async def approve(call: Call, id: UUID, etag: str) -> Asked:
    """The footage may be handed over.

    Raises:
        Denied: who decides entered it.
        Stale: it changed since the caller read it.
        WrongState: it was decided.
    """
    asked = await _decide(call, id, etag, Decision.APPROVED)
    asked.evidence.expires_at = call.now + rules.MAY_BE_DOWNLOADED
    call.emit(events.EvidenceApproved(evidence=_event(call, asked.evidence)))
    return asked


async def refuse(call: Call, id: UUID, etag: str, reason: str) -> Asked:
    """It may not, and is no longer locked by this request.

    Raises:
        Denied: who decides entered it.
        Stale: it changed since the caller read it.
        WrongState: it was decided.
    """
    asked = await _decide(call, id, etag, Decision.REFUSED)
    asked.evidence.refused_because = reason
    for each in await _cameras(call, [id]):
        hold = await call.db.lock(Hold, each.hold_id)
        if hold.released_at is None:
            hold.released_at, hold.released_by = call.now, call.caller.display_name
            hold.released_because = reason
    call.emit(events.EvidenceRefused(evidence=_event(call, asked.evidence)))
    return asked


async def find(call: Call, id: UUID) -> Asked:
    """The request.

    Raises:
        Missing: there is none.
    """
    evidence = await call.db.get(Evidence, id)
    found = await _cameras(call, [id])
    return Asked(evidence, [each.camera_id for each in found], await _custody(call, id))


async def page(call: Call, before: UUID | None, size: int) -> list[Asked]:
    """All requests, the newest first, without what was done with them."""
    wanted = select(Evidence)
    if before is not None:
        wanted = wanted.where(col(Evidence.id) < before)
    found = await call.db.all(wanted.order_by(col(Evidence.id).desc()).limit(size))
    of = await _cameras(call, [each.id for each in found]) if found else []
    return [Asked(each, [one.camera_id for one in of if one.evidence_id == each.id], []) for each in found]


async def hand_over(stream: StreamCall, id: UUID) -> tuple[Asked, AsyncIterator[bytes]]:
    """The package's bytes, which are made once the call is over. That it was asked for is the chain's next link.

    Raises:
        Missing: there is no such request.
        WrongState: it was not approved, or that is too long ago.
    """
    async with stream.open() as call:
        evidence = await call.db.lock(Evidence, id)
        rules.check_download(evidence.state, evidence.expires_at, call.now)
        evidence.downloads += 1
        custody = await _link(call, evidence, await _custody(call, id), Step.DOWNLOADED)
        found = await cameras.some(call, [each.camera_id for each in await _cameras(call, [id])])
        asked = Asked(evidence, [each.camera.id for each in found], custody)
        key = await _key(call)
        private = await _private(call, key)
        package = Package(
            evidence.from_at,
            evidence.to_at,
            [await _filmed(call, evidence, each.camera) for each in found],
            await _said(call, asked, [each.camera for each in found], key),
            private,
            pem_of(key),
        )
        call.emit(events.EvidenceDownloaded(evidence=_event(call, evidence)))
    return asked, packed(package)


async def public_key(call: Call) -> EvidenceKey:
    """The hromada's key, made when it is first asked for."""
    return await _key(call)


def pem_of(key: EvidenceKey) -> bytes:
    """The key by which anybody checks."""
    public = Ed25519PublicKey.from_public_bytes(key.public)
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint_of(key: EvidenceKey) -> str:
    """What is short enough for paper: the SHA-256 of the key in DER."""
    public = Ed25519PublicKey.from_public_bytes(key.public)
    return sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


async def _decide(call: Call, id: UUID, etag: str, decision: Decision) -> Asked:
    evidence = await call.db.lock(Evidence, id, etag)
    rules.check_decision(evidence.state, evidence.requested_by, call.caller.subject)
    evidence.state = decision
    evidence.decided_by, evidence.decided_by_name = call.caller.subject, call.caller.display_name
    evidence.decided_at = call.now
    custody = await _link(call, evidence, await _custody(call, id), Step(decision.value))
    return Asked(evidence, [each.camera_id for each in await _cameras(call, [id])], custody)


async def _keep_from_deletion(call: Call, camera_id: UUID) -> None:
    """Holds the camera's plan, as whoever deletes its footage does: neither begins before the other is done."""
    plan = await call.db.one_or_none(select(RecordingPlan).where(col(RecordingPlan.camera_id) == camera_id))
    if plan is not None:
        await call.db.lock(RecordingPlan, plan.id)


async def _is_filmed(call: Call, camera_id: UUID, start: datetime, end: datetime) -> bool:
    return [each async for each in between(call, camera_id, start, end)] != []


async def _filmed(call: Call, evidence: Evidence, camera: Camera) -> Filmed:
    """The camera's recordings of the range: of its main picture, or of its small one where only that was kept."""
    folder = own(call.settings).recordings
    found = list[Recording]()
    for rendition in ("main", "sub"):
        if found := [
            each async for each in between(call, camera.id, evidence.from_at, evidence.to_at, rendition=rendition)
        ]:
            break
    pieces = [
        Piece(str(Path(folder) / each.path), each.bytes, each.from_at.timestamp(), sum(each.ticks), each.is_break)
        for each in found
    ]
    return Filmed(camera.id, f"{call.hromada.name}/cameras/{camera.id}", camera.title, pieces)


async def _said(call: Call, asked: Asked, found: Sequence[Camera], key: EvidenceKey) -> dict[str, Any]:
    """What the manifest says beside the files."""
    evidence = asked.evidence
    return {
        "evidence": f"{call.hromada.name}/evidence/{evidence.id}",
        "request": {
            "authority": evidence.authority,
            "authority_name": evidence.authority_name,
            "signatory": evidence.signatory,
            "letter_number": evidence.letter_number,
            "letter_date": evidence.letter_date,
            "case_reference": evidence.case_reference,
            "ground": evidence.ground,
            "start": rules.written(evidence.from_at),
            "end": rules.written(evidence.to_at),
        },
        "cameras": [
            {"name": f"{call.hromada.name}/cameras/{each.id}", "dossier": asdict(each.dossier)} for each in found
        ],
        "views": await _views(call, asked),
        "custody": [{**_told(each), "digest": each.digest} for each in asked.custody],
        "key": {"algorithm": "Ed25519", "fingerprint": fingerprint_of(key)},
    }


async def _views(call: Call, asked: Asked) -> list[dict[str, Any]]:
    """Who looked at the cameras while it was filmed, and at the footage afterwards."""
    evidence = asked.evidence
    ended = or_(col(View.ended_at).is_(None), col(View.ended_at) > evidence.from_at)
    live = (col(View.from_at).is_(None)) & (col(View.started_at) < evidence.to_at) & ended
    later = (col(View.from_at) < evidence.to_at) & (col(View.to_at) > evidence.from_at)
    of = select(ViewedCamera).where(col(ViewedCamera.camera_id).in_(list(asked.cameras)))
    by_view = dict[UUID, list[str]]()
    for each in await call.db.all(of):
        by_view.setdefault(each.view_id, []).append(f"{call.hromada.name}/cameras/{each.camera_id}")
    if not by_view:
        return []
    wanted = select(View).where(col(View.id).in_(list(by_view)), or_(live, later)).order_by(col(View.id))
    return [
        {
            "viewer": each.viewer_name,
            "reason": each.reason,
            "case_reference": each.case_reference,
            "start": rules.written(each.started_at),
            "end": rules.written(each.ended_at) if each.ended_at is not None else None,
            "cameras": sorted(by_view[each.id]),
        }
        for each in await call.db.all(wanted)
    ]


async def _link(call: Call, evidence: Evidence, before: Sequence[CustodyLink], step: Step) -> list[CustodyLink]:
    """The chain with one more link."""
    link = CustodyLink(
        evidence_id=evidence.id,
        number=len(before) + 1,
        at=call.now,
        who=call.caller.pseudonym or call.caller.subject,
        who_name=call.caller.display_name,
        step=step,
        digest="",
    )
    link.digest = rules.digest(before[-1].digest if before else "", _told(link))
    call.db.add(link)
    return [*before, link]


def _told(link: CustodyLink) -> dict[str, Any]:
    """A link, as its digest is made of it."""
    return {
        "number": link.number,
        "at": rules.written(link.at),
        "who": link.who,
        "name": link.who_name,
        "step": link.step.value,
    }


async def _custody(call: Call, id: UUID) -> list[CustodyLink]:
    wanted = select(CustodyLink).where(col(CustodyLink.evidence_id) == id)
    return await call.db.all(wanted.order_by(col(CustodyLink.number)))


async def _cameras(call: Call, ids: Sequence[UUID]) -> list[EvidenceCamera]:
    wanted = select(EvidenceCamera).where(col(EvidenceCamera.evidence_id).in_(ids))
    return await call.db.all(wanted.order_by(col(EvidenceCamera.id)))


async def _key(call: Call) -> EvidenceKey:
    known = await call.db.one_or_none(select(EvidenceKey))
    if known is not None:
        return known
    await call.db.hold("evidence key")
    known = await call.db.one_or_none(select(EvidenceKey))
    if known is not None:
        return known
    private = Ed25519PrivateKey.generate()
    key = EvidenceKey(made_at=call.now, public=private.public_key().public_bytes_raw(), sealed=b"")
    key.sealed = await call.vault.seal(call, private.private_bytes_raw(), EvidenceKey, key.id)
    call.db.add(key)
    return key


async def _private(call: Call, key: EvidenceKey) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(await call.vault.open(call, key.sealed, EvidenceKey, key.id))


def _event(call: Call, evidence: Evidence) -> events.EvidenceEvent:
    return events.EvidenceEvent(
        name=f"{call.hromada.name}/evidence/{evidence.id}",
        version=evidence.version,
        state=to_contract(EvidenceState, evidence.state),
    )
