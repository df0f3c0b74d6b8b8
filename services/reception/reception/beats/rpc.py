"""Translates the contract's beats."""

from datetime import date
from uuid import UUID

from kit.call import Call, Hromada
from kit.errors import Refused
from kit.names import uid
from kit.rpc import Servicer
from spilno.reception.v1 import officers_pb2 as pb

from kit import days
from reception.beats import actions, rules
from reception.beats.actions import Draft, Served
from reception.beats.model import Beat
from reception.duties import actions as duties
from reception.duties.rules import Kind
from reception.officers import rpc as officers


class Beats(Servicer, contract=pb.DESCRIPTOR.services_by_name["Beats"]):
    async def CreateBeat(self, request: pb.CreateBeatRequest, call: Call) -> pb.Beat:
        return _message(call.hromada, await actions.create(call, _said(request.beat, call)))

    async def UpdateBeat(self, request: pb.UpdateBeatRequest, call: Call) -> pb.Beat:
        beat = await actions.update(call, uid(request.name), request.etag, _said(request.beat, call))
        return _message(call.hromada, beat)

    async def ListBeats(self, request: pb.ListBeatsRequest, call: Call) -> pb.ListBeatsResponse:
        return pb.ListBeatsResponse(beats=[_message(call.hromada, beat) for beat in await actions.all_beats(call)])

    async def FindOfficer(self, request: pb.FindOfficerRequest, call: Call) -> pb.FindOfficerResponse:
        if request.HasField("point"):
            found, exact = await actions.find_at(call, request.point.latitude, request.point.longitude), True
        elif request.address:
            found, exact = await actions.find(call, request.address)
        else:
            raise Refused("address", "beat.where")
        return pb.FindOfficerResponse(beats=await _told(call, found), exact=exact)

    async def GetDirectory(self, request: pb.GetDirectoryRequest, call: Call) -> pb.Directory:
        return pb.Directory(beats=await _told(call, await actions.directory(call)))


def _said(beat: pb.BeatDraft, call: Call) -> Draft:
    if beat.officer and not beat.officer.startswith(officers.name_of(call.hromada, "")):
        raise Refused("beat.officer", "beat.officer-unknown")
    return Draft(
        number=beat.number,
        title=" ".join(beat.title.split()),
        streets=rules.lines(beat.streets),
        area=beat.area.strip(),
        officer=uid(beat.officer, "beat.officer") if beat.officer else None,
        population=beat.population,
        rural=beat.rural,
        settlements=rules.lines(beat.settlements),
    )


def _message(hromada: Hromada, beat: Beat) -> pb.Beat:
    norm = rules.norm(rural=beat.rural)
    return pb.Beat(
        name=f"{hromada.name}/beats/{beat.id}",
        beat=pb.BeatDraft(
            number=beat.number,
            title=beat.title,
            streets=beat.streets,
            area=beat.area,
            officer=officers.name_of(hromada, beat.officer_id) if beat.officer_id else "",
            population=beat.population,
            rural=beat.rural,
            settlements=beat.settlements,
        ),
        population_norm=norm,
        over_norm=beat.population > norm,
        etag=beat.etag,
    )


async def _told(call: Call, found: list[Served]) -> list[pb.ServedBeat]:
    known = await duties.known(call, [served.beat for served in found])
    return [_served(call.hromada, served, known) for served in found]


def _served(
    hromada: Hromada, served: Served, known: dict[tuple[UUID, Kind], tuple[date | None, date | None]]
) -> pb.ServedBeat:
    report, planned = known.get((served.beat.id, Kind.REPORT), (None, None))
    meeting, _ = known.get((served.beat.id, Kind.MEETING), (None, None))
    return pb.ServedBeat(
        number=served.beat.number,
        title=served.beat.title,
        streets=served.beat.streets,
        area=served.beat.area,
        officer=officers.public(hromada, served.officer) if served.officer else None,
        settlements=served.beat.settlements,
        last_report_on=days.written(report),
        last_meeting_on=days.written(meeting),
        next_report_on=days.written(planned),
    )
