"""Translates: evidence."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call, Hromada
from kit.clock import kyiv_date
from kit.days import day_or_none
from kit.errors import Refused
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.chain import StreamCall
from kit.rpc.enums import from_contract, to_contract
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from kit.working_days import Calendar
from spilno.cctv.v1 import evidence_pb2 as pb

from cctv_gateway.evidence import actions, rules
from cctv_gateway.evidence.actions import Asked, Letter
from cctv_gateway.evidence.rules import Authority, Decision
from cctv_gateway.settings import own


class EvidenceRequests(Servicer, contract=pb.DESCRIPTOR.services_by_name["EvidenceRequests"]):
    async def RequestEvidence(self, request: pb.RequestEvidenceRequest, call: Call) -> pb.Evidence:
        said = request.evidence
        ids = [uid(each, "evidence.cameras") for each in said.cameras]
        start, end = said.start_time.ToDatetime(UTC), said.end_time.ToDatetime(UTC)
        return _said(call, await actions.request(call, _letter(said), ids, start, end))

    async def GetEvidence(self, request: pb.GetEvidenceRequest, call: Call) -> pb.Evidence:
        return _said(call, await actions.find(call, uid(request.name)))

    async def ListEvidence(self, request: pb.ListEvidenceRequest, call: Call) -> pb.ListEvidenceResponse:
        size = request.page_size or DEFAULT_SIZE
        start = start_of(call, request, request.page_token)
        found = await actions.page(call, UUID(start[0]) if start else None, size + 1)
        shown = found[:size]
        more = token_for(call, request, [str(shown[-1].evidence.id)]) if len(found) > size else ""
        listed = [_said(call, each) for each in shown]
        return pb.ListEvidenceResponse(evidence=listed, next_page_token=more)

    async def ApproveEvidence(self, request: pb.ApproveEvidenceRequest, call: Call) -> pb.Evidence:
        return _said(call, await actions.approve(call, uid(request.name), request.etag))

    async def RefuseEvidence(self, request: pb.RefuseEvidenceRequest, call: Call) -> pb.Evidence:
        refused = await actions.refuse(call, uid(request.name), request.etag, request.reason.strip())
        return _said(call, refused)

    async def DownloadEvidence(
        self, request: pb.DownloadEvidenceRequest, stream: StreamCall
    ) -> AsyncIterator[pb.DownloadEvidenceResponse]:
        asked, chunks = await actions.hand_over(stream, uid(request.name))
        now = asked.custody[-1].at
        calendar = own(stream.settings).calendar
        yield pb.DownloadEvidenceResponse(evidence=_message(stream.hromada, now, calendar, asked))
        async for chunk in chunks:
            yield pb.DownloadEvidenceResponse(chunk=chunk)

    async def GetEvidenceKey(self, request: pb.GetEvidenceKeyRequest, call: Call) -> pb.EvidenceKey:
        key = await actions.public_key(call)
        return pb.EvidenceKey(pem=actions.pem_of(key).decode(), fingerprint=actions.fingerprint_of(key))


def _letter(said: pb.EvidenceDraft) -> Letter:
    day = day_or_none(said.letter_date, "evidence.letter_date")
    if day is None:
        raise Refused("evidence.letter_date", "evidence.no-letter-date")
    return Letter(
        authority=from_contract(Authority, pb.EvidenceAuthority, said.authority),
        authority_name=said.authority_name.strip(),
        signatory=said.signatory.strip(),
        letter_number=said.letter_number.strip(),
        letter_date=day,
        case_reference=said.case_reference.strip(),
        ground=said.ground.strip(),
    )


def _said(call: Call, asked: Asked) -> pb.Evidence:
    return _message(call.hromada, call.now, own(call.settings).calendar, asked)


def _message(hromada: Hromada, now: datetime, calendar: Calendar, asked: Asked) -> pb.Evidence:
    evidence = asked.evidence
    state = to_contract(pb.EvidenceState, evidence.state)
    if evidence.state is Decision.APPROVED and evidence.expires_at is not None and evidence.expires_at <= now:
        state = pb.EVIDENCE_STATE_EXPIRED
    until = rules.studied_until(kyiv_date(evidence.created_at), calendar)
    due = rules.due(evidence.state, until, kyiv_date(now), calendar)
    return pb.Evidence(
        name=f"{hromada.name}/evidence/{evidence.id}",
        request=pb.EvidenceDraft(
            authority=to_contract(pb.EvidenceAuthority, evidence.authority),
            authority_name=evidence.authority_name,
            signatory=evidence.signatory,
            letter_number=evidence.letter_number,
            letter_date=str(evidence.letter_date),
            case_reference=evidence.case_reference,
            ground=evidence.ground,
            cameras=[f"{hromada.name}/cameras/{each}" for each in asked.cameras],
            start_time=_time(evidence.from_at),
            end_time=_time(evidence.to_at),
        ),
        state=state,
        requested_by_display_name=evidence.requested_by_name,
        create_time=_time(evidence.created_at),
        decided_by_display_name=evidence.decided_by_name,
        decide_time=_time(evidence.decided_at),
        refused_because=evidence.refused_because,
        expire_time=_time(evidence.expires_at),
        custody=[
            pb.CustodyLink(
                time=_time(each.at),
                display_name=each.who_name,
                step=to_contract(pb.CustodyStep, each.step),
                digest=each.digest,
            )
            for each in asked.custody
        ],
        etag=evidence.etag,
        study_until=str(until),
        due=to_contract(pb.EvidenceDue, due) if due is not None else pb.EVIDENCE_DUE_UNSPECIFIED,
    )


def _time(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
