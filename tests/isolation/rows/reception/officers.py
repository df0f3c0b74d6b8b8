"""The rows of reception: officers, their beats and the map."""

from uuid import uuid4

from google.protobuf.message import Message
from spilno.reception.v1 import maps_pb2, officers_pb2

from tests.isolation.rows.declared import HEAD, INTEGRATOR, method, parent
from tests.world import MARKER, OWN, World, one_street


def _card() -> officers_pb2.OfficerDraft:
    return officers_pb2.OfficerDraft(
        display_name=MARKER, kind=officers_pb2.OFFICER_KIND_DISTRICT, phone="+380971234567", public=True
    )


@method("spilno.reception.v1.Officers.CreateOfficer", HEAD, lambda answer: answer.card.display_name == MARKER)
async def _(world: World) -> Message:
    return officers_pb2.CreateOfficerRequest(parent=parent(OWN), officer=_card(), request_id=str(uuid4()))


@method("spilno.reception.v1.Officers.UpdateOfficer", HEAD, lambda answer: answer.card.display_name == MARKER)
async def _(world: World) -> Message:
    officer = await world.officer(OWN)
    return officers_pb2.UpdateOfficerRequest(name=officer.name, officer=_card(), etag=officer.etag)


@method(
    "spilno.reception.v1.Officers.ListOfficerCards",
    HEAD,
    lambda answer: any(officer.card.display_name == MARKER for officer in answer.officers),
)
async def _(world: World) -> Message:
    await world.officer(OWN)
    return officers_pb2.ListOfficerCardsRequest(parent=parent(OWN))


@method(
    "spilno.reception.v1.Officers.ListOfficers",
    INTEGRATOR,
    lambda answer: any(officer.display_name == MARKER for officer in answer.officers),
)
async def _(world: World) -> Message:
    await world.officer(OWN)
    return officers_pb2.ListOfficersRequest(parent=parent(OWN))


@method("spilno.reception.v1.Beats.CreateBeat", HEAD, lambda answer: answer.beat.title == MARKER)
async def _(world: World) -> Message:
    beat = officers_pb2.BeatDraft(number=await world.free_beat_number(OWN), title=MARKER)
    return officers_pb2.CreateBeatRequest(parent=parent(OWN), beat=beat, request_id=str(uuid4()))


@method("spilno.reception.v1.Beats.UpdateBeat", HEAD, lambda answer: answer.beat.title == MARKER)
async def _(world: World) -> Message:
    beat = await world.beat(OWN)
    return officers_pb2.UpdateBeatRequest(name=beat.name, beat=beat.beat, etag=beat.etag)


@method(
    "spilno.reception.v1.Beats.ListBeats", HEAD, lambda answer: any(one.beat.title == MARKER for one in answer.beats)
)
async def _(world: World) -> Message:
    await world.beat(OWN)
    return officers_pb2.ListBeatsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Beats.FindOfficer", "web", lambda answer: answer.beats[0].officer.display_name == MARKER)
async def _(world: World) -> Message:
    street = f"вул. Нічия{''.join(chr(ord('а') + int(digit, 16)) for digit in uuid4().hex[:12])}"
    await world.beat(OWN, street, officer=(await world.officer(OWN)).name)
    return officers_pb2.FindOfficerRequest(parent=parent(OWN), address=f"{street}, 12/3-А")


@method("spilno.reception.v1.Maps.GetMap", "web", lambda answer: bool(answer.etag))
async def _(world: World) -> Message:
    return maps_pb2.GetMapRequest(parent=parent(OWN))


@method("spilno.reception.v1.Maps.UpdateMap", HEAD, lambda answer: MARKER in answer.features)
async def _(world: World) -> Message:
    kept = await world.maps.GetMap(maps_pb2.GetMapRequest(parent=parent(OWN)), metadata=await world.through_web())
    return maps_pb2.UpdateMapRequest(parent=parent(OWN), features=one_street(MARKER), etag=kept.etag)


@method(
    "spilno.reception.v1.Beats.GetDirectory",
    "web",
    lambda answer: any(beat.title == MARKER for beat in answer.beats),
)
async def _(world: World) -> Message:
    await world.beat(OWN)
    return officers_pb2.GetDirectoryRequest(parent=parent(OWN))
