"""The rows of reception's hazards."""

from hashlib import sha256
from uuid import uuid4

from google.protobuf.message import Message
from kit.testing.pictures import picture
from spilno.reception.v1 import hazards_pb2 as pb
from spilno.reception.v1 import photos_pb2

from tests.isolation.rows.declared import HEAD, OFFICER, PHOTO, method, parent
from tests.world import MARKER, OWN, World

_OF = "spilno.reception.v1.Hazards."
_PHOTOS = "spilno.reception.v1.HazardPhotos."
_VISITOR = "a browser of nobody's"


def _draft() -> pb.HazardDraft:
    return pb.HazardDraft(category="pit", address=MARKER, text=MARKER)


@method(f"{_OF}ListHazardCategories", "web", lambda answer: bool(answer.categories))
async def _(world: World) -> Message:
    return pb.ListHazardCategoriesRequest(parent=parent(OWN))


@method(f"{_OF}SuggestHazards", "web", lambda answer: any(MARKER in one.text for one in answer.hazards))
async def _(world: World) -> Message:
    await world.hazard(OWN)
    return pb.SuggestHazardsRequest(parent=parent(OWN), hazard=_draft())


@method(f"{_OF}ReportHazard", "web", lambda answer: bool(answer.code))
async def _(world: World) -> Message:
    key = (await world.report_key(OWN)).secret
    return pb.ReportHazardRequest(parent=parent(OWN), hazard=_draft(), request_id=str(uuid4()), key=key)


@method(f"{_OF}FollowHazard", "web", lambda answer: MARKER in answer.hazard.text)
async def _(world: World) -> Message:
    return pb.FollowHazardRequest(parent=parent(OWN), code=(await world.hazard(OWN)).code)


@method(f"{_OF}StopHazardNotices", "web", lambda answer: MARKER in answer.hazard.text)
async def _(world: World) -> Message:
    code = (await world.hazard(OWN)).code
    return pb.StopHazardNoticesRequest(parent=parent(OWN), code=code, request_id=str(uuid4()))


@method(f"{_OF}ListPublicHazards", "web", lambda answer: any(MARKER in one.text for one in answer.hazards))
async def _(world: World) -> Message:
    await world.hazard(OWN)
    return pb.ListPublicHazardsRequest(parent=parent(OWN))


@method(f"{_OF}GetPublicHazard", "web", lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    return pb.GetPublicHazardRequest(parent=parent(OWN), number=(await world.hazard(OWN)).hazard.hazard.number)


@method(f"{_OF}ConfirmHazard", "web", lambda answer: answer.confirmations == 1)
async def _(world: World) -> Message:
    number = (await world.hazard(OWN)).hazard.hazard.number
    return pb.ConfirmHazardRequest(parent=parent(OWN), number=number, visitor=_VISITOR, request_id=str(uuid4()))


async def _fixed(world: World) -> tuple[pb.Hazard, str]:
    made = await world.hazard(OWN)
    with_officer = pb.MoveHazardRequest(name=made.hazard.name, etag=made.hazard.etag, deed=pb.HAZARD_DEED_FIXED)
    return await world.moved(OWN, with_officer), made.code


@method(f"{_OF}ReopenHazard", "web", lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    fixed, code = await _fixed(world)
    return pb.ReopenHazardRequest(
        parent=parent(OWN), number=fixed.hazard.number, reason="Знову так само", code=code, request_id=str(uuid4())
    )


@method(f"{_OF}RegisterHazard", OFFICER, lambda answer: MARKER in answer.hazard.text)
async def _(world: World) -> Message:
    return pb.RegisterHazardRequest(
        parent=parent(OWN), hazard=_draft(), channel=pb.HAZARD_CHANNEL_PHONE, request_id=str(uuid4())
    )


@method(f"{_OF}GetHazard", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    return pb.GetHazardRequest(name=(await world.hazard(OWN)).hazard.name)


@method(f"{_OF}ListHazards", OFFICER, lambda answer: any(MARKER in one.text for one in answer.hazards))
async def _(world: World) -> Message:
    await world.hazard(OWN, shown=False)
    return pb.ListHazardsRequest(parent=parent(OWN))


@method(f"{_OF}ModerateHazard", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    made = (await world.hazard(OWN)).hazard
    return pb.ModerateHazardRequest(name=made.name, etag=made.etag, shown=True, text=MARKER)


@method(f"{_OF}AddHazardPhotos", OFFICER, lambda answer: bool(answer.photos))
async def _(world: World) -> Message:
    made = (await world.hazard(OWN)).hazard
    return pb.AddHazardPhotosRequest(name=made.name, etag=made.etag, photos=[await world.photo_ticket(OWN, picture())])


@method(f"{_OF}MoveHazard", OFFICER, lambda answer: MARKER in answer.text)
async def _(world: World) -> Message:
    made = (await world.hazard(OWN)).hazard
    return pb.MoveHazardRequest(name=made.name, etag=made.etag, deed=pb.HAZARD_DEED_ACCEPTED)


@method(f"{_OF}ExportHazards", OFFICER, lambda answer: MARKER.encode() in answer.csv)
async def _(world: World) -> Message:
    await world.hazard(OWN)
    return pb.ExportHazardsRequest(parent=parent(OWN))


@method(f"{_OF}GetHazardSettings", OFFICER, lambda answer: bool(answer.categories))
async def _(world: World) -> Message:
    return pb.GetHazardSettingsRequest(parent=parent(OWN))


@method(f"{_OF}UpdateHazardSettings", HEAD, lambda answer: bool(answer.categories))
async def _(world: World) -> Message:
    kept = await world.hazard_settings(OWN)
    return pb.UpdateHazardSettingsRequest(parent=parent(OWN), settings=kept, etag=kept.etag)


@method(f"{_OF}CreateReportKey", HEAD, lambda answer: bool(answer.secret))
async def _(world: World) -> Message:
    return pb.CreateReportKeyRequest(parent=parent(OWN), title=MARKER, request_id=str(uuid4()))


@method(f"{_OF}ListReportKeys", HEAD, lambda answer: any(one.title == MARKER for one in answer.keys))
async def _(world: World) -> Message:
    await world.report_key(OWN)
    return pb.ListReportKeysRequest(parent=parent(OWN))


@method(f"{_OF}RevokeReportKey", HEAD, lambda answer: answer.title == MARKER)
async def _(world: World) -> Message:
    made = (await world.report_key(OWN)).key
    return pb.RevokeReportKeyRequest(name=made.name, etag=made.etag)


@method(f"{_PHOTOS}SubmitHazardPhoto", "web", lambda answer: bool(answer.ticket))
async def _(world: World) -> Message:
    digest = sha256(PHOTO).digest()
    return photos_pb2.SubmitHazardPhotoRequest(
        parent=parent(OWN), request_id=str(uuid4()), size=len(PHOTO), sha256=digest
    )


@method(f"{_PHOTOS}DownloadHazardPhoto", OFFICER, lambda answer: answer.size > 0)
async def _(world: World) -> Message:
    return photos_pb2.DownloadHazardPhotoRequest(name=(await world.photo(OWN, PHOTO)).photos[0].name)


@method(f"{_PHOTOS}DownloadPublicHazardPhoto", "web", lambda answer: answer.size > 0)
async def _(world: World) -> Message:
    shown = (await world.photo(OWN, PHOTO)).hazard
    return photos_pb2.DownloadPublicHazardPhotoRequest(parent=parent(OWN), number=shown.number, photo=shown.photos[0])
