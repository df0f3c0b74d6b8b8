"""Translates: the trail of a hromada."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from kit.call import Call
from kit.days import day_or_none
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.chain import StreamCall
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from spilno.identity.v1 import trail_pb2 as pb

from identity.trail import actions, rules
from identity.trail.model import Entry, Seal

_SHOWN = 50
_VERIFIED = 5000
"""Entries that are held against their seals while somebody waits."""


class Trail(Servicer, contract=pb.DESCRIPTOR.services_by_name["Trail"]):
    async def ListEntries(self, request: pb.ListEntriesRequest, call: Call) -> pb.ListEntriesResponse:
        size = request.page_size or DEFAULT_SIZE
        start = start_of(call, request, request.page_token)
        wanted = actions.Wanted(
            day=day_or_none(request.day, "day"),
            subject=await actions.subject_of_member(call, uid(request.member, "member")) if request.member else None,
            record=request.record,
        )
        after = (datetime.fromisoformat(start[0]), UUID(start[1])) if start else None
        found = await actions.page(call, wanted, after, size + 1)
        shown = found[:size]
        more = token_for(call, request, [shown[-1].at.isoformat(), str(shown[-1].id)]) if len(found) > size else ""
        members = await actions.people(call)
        actors = await actions.actors(call, members)
        people = [
            pb.Person(member=f"{call.hromada.name}/members/{each.id}", display_name=each.display_name)
            for each in sorted(members.values(), key=lambda each: each.display_name)
        ]
        entries = [_message(each, actors.get(each.subject, "")) for each in shown]
        return pb.ListEntriesResponse(entries=entries, next_page_token=more, people=people)

    async def GetSeals(self, request: pb.GetSealsRequest, call: Call) -> pb.Seals:
        return await _seals(call)

    async def SealTrail(self, request: pb.SealTrailRequest, call: Call) -> pb.Seals:
        await actions.seal(call)
        return await _seals(call)

    async def ExportTrail(self, request: pb.ExportTrailRequest, call: StreamCall) -> AsyncIterator[pb.TrailPart]:
        after = 0
        while True:
            async with call.open() as opened:
                batches = await actions.batches(opened.db, after)
            for seal, entries in batches:
                for part in _parts(rules.lines([entry.content for entry in entries], seal.content)):
                    yield pb.TrailPart(lines=part)
                after = seal.number
            if not batches:
                return


def _parts(lines: bytes, size: int = 256 * 1024) -> list[bytes]:
    return [lines[at : at + size] for at in range(0, len(lines), size)]


async def _seals(call: Call) -> pb.Seals:
    """The newest seals, held against their entries; the whole chain is the command's to verify."""
    newest = await actions.seals(call.db, _SHOWN)
    verification = await actions.verify(call, after=_before(newest))
    return pb.Seals(
        seals=[_seal(each) for each in newest],
        waiting=await actions.waiting(call.db),
        public_key=rules.pem(actions.signing_key(call.keys).public_key()),
        faults=[_fault(each) for each in verification.finish()],
        checked_entries=verification.entries,
        checked_seals=verification.seals,
    )


def _before(newest: Sequence[Seal]) -> int:
    """The seal after which verification begins, so that a page does not wait for more entries than it should."""
    entries = 0
    for seal in newest:
        entries += seal.content["count"]
        if entries > _VERIFIED:
            return seal.number
    return newest[-1].number - 1 if newest else 0


def _message(entry: Entry, actor: str) -> pb.Entry:
    message = pb.Entry(
        service=entry.service,
        number=entry.number,
        actor=actor,
        subject=entry.subject,
        method=entry.method,
        records=[
            pb.Record(name=name, number=number) for name, number in zip(entry.records, entry.numbers, strict=True)
        ],
        purpose=entry.purpose,
        outcome=pb.Outcome.Value(f"OUTCOME_{entry.outcome.upper()}"),
        sealed=entry.seal is not None,
    )
    message.at.FromDatetime(entry.at)
    return message


def _seal(seal: Seal) -> pb.Seal:
    content = seal.content
    message = pb.Seal(number=seal.number, count=content["count"], hash=seal.hash, key_id=content["key"])
    message.at.FromJsonString(content["at"])
    return message


def _fault(fault: rules.Fault) -> pb.Fault:
    kind = pb.FaultKind.Value(f"FAULT_KIND_{fault.kind.upper()}")
    return pb.Fault(kind=kind, seal=fault.seal, service=fault.service, first=fault.first, last=fault.last)
