"""The rows of the CCTV gateway."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from cctv_gateway.testing import papers
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from spilno.cctv.v1 import (
    cameras_pb2,
    datasets_pb2,
    evidence_pb2,
    health_pb2,
    probes_pb2,
    recordings_pb2,
    signs_pb2,
    views_pb2,
)

from tests.isolation.rows.declared import HEAD, PHOTO, method, parent
from tests.world import FILM, MARKER, OWN, World, as_whom, letter, looking, probing


@method("spilno.cctv.v1.Cameras.CreateCamera", HEAD, lambda answer: answer.dossier.purpose == MARKER)
async def _(world: World) -> Message:
    return papers.creating(OWN, papers.draft(purpose=MARKER))


@method("spilno.cctv.v1.Cameras.GetCamera", HEAD, lambda answer: answer.dossier.purpose == MARKER)
async def _(world: World) -> Message:
    return cameras_pb2.GetCameraRequest(name=(await world.camera(OWN)).name)


@method(
    "spilno.cctv.v1.Cameras.ListCameras",
    HEAD,
    lambda answer: any(each.dossier.purpose == MARKER for each in answer.cameras),
)
async def _(world: World) -> Message:
    await world.camera(OWN)
    return cameras_pb2.ListCamerasRequest(parent=parent(OWN))


@method("spilno.cctv.v1.Cameras.UpdateCamera", HEAD, lambda answer: answer.dossier.range == 41)
async def _(world: World) -> Message:
    camera = await world.camera(OWN)
    return cameras_pb2.UpdateCameraRequest(
        name=camera.name, etag=camera.etag, camera=papers.draft(purpose=MARKER, range=41)
    )


@method("spilno.cctv.v1.Cameras.ConnectCamera", HEAD, lambda answer: answer.source_host == FILM)
async def _(world: World) -> Message:
    camera = await world.camera(OWN)
    return cameras_pb2.ConnectCameraRequest(
        name=camera.name, etag=camera.etag, kind=cameras_pb2.SOURCE_KIND_FILM, main_url=FILM
    )


@method(
    "spilno.cctv.v1.Cameras.DocumentCamera",
    HEAD,
    lambda answer: answer.state == cameras_pb2.CAMERA_STATE_DOCUMENTED,
)
async def _(world: World) -> Message:
    camera = await world.camera(OWN)
    return cameras_pb2.DocumentCameraRequest(name=camera.name, etag=camera.etag)


@method("spilno.cctv.v1.Cameras.ActivateCamera", HEAD, lambda answer: answer.lit)
async def _(world: World) -> Message:
    camera = await world.camera(OWN, lit=True)
    with as_whom(world.tokens[HEAD]):
        dark = await world.cameras.SuspendCamera(
            cameras_pb2.SuspendCameraRequest(name=camera.name, etag=camera.etag, reason=MARKER)
        )
    return cameras_pb2.ActivateCameraRequest(name=dark.name, etag=dark.etag)


@method("spilno.cctv.v1.Cameras.SuspendCamera", HEAD, lambda answer: answer.suspended_because == MARKER)
async def _(world: World) -> Message:
    camera = await world.camera(OWN, lit=True)
    return cameras_pb2.SuspendCameraRequest(name=camera.name, etag=camera.etag, reason=MARKER)


async def _photo(world: World) -> signs_pb2.SignPhoto:
    """A photo of a sign of the first hromada, with a name that only its own may see."""
    camera = await world.camera(OWN)
    with as_whom(world.tokens[HEAD]):
        photo: signs_pb2.SignPhoto = await world.attach(
            signs_pb2.UploadSignPhotoRequest(parent=camera.name, **_file()), PHOTO
        )
    return photo


def _file() -> dict[str, Any]:
    return {"request_id": str(uuid4()), "filename": MARKER, "size": len(PHOTO), "sha256": sha256(PHOTO).digest()}


@method("spilno.cctv.v1.SignPhotos.UploadSignPhoto", HEAD, lambda answer: MARKER in answer.filename)
async def _(world: World) -> Message:
    return signs_pb2.UploadSignPhotoRequest(parent=(await world.camera(OWN)).name, **_file())


@method(
    "spilno.cctv.v1.SignPhotos.ListSignPhotos",
    HEAD,
    lambda answer: [MARKER in each.filename for each in answer.sign_photos] == [True],
)
async def _(world: World) -> Message:
    return signs_pb2.ListSignPhotosRequest(parent=(await _photo(world)).name.rpartition("/signPhotos/")[0])


@method("spilno.cctv.v1.SignPhotos.DownloadSignPhoto", HEAD, lambda answer: MARKER in answer.sign_photo.filename)
async def _(world: World) -> Message:
    return signs_pb2.DownloadSignPhotoRequest(name=(await _photo(world)).name)


@method("spilno.cctv.v1.SignPhotos.DeleteSignPhoto", HEAD, lambda answer: answer.HasField("delete_time"))
async def _(world: World) -> Message:
    photo = await _photo(world)
    return signs_pb2.DeleteSignPhotoRequest(name=photo.name, etag=photo.etag)


@method("spilno.cctv.v1.Views.StartView", HEAD, lambda answer: answer.view.case_reference == MARKER)
async def _(world: World) -> Message:
    return looking(OWN, await world.camera(OWN, lit=True))


@method("spilno.cctv.v1.Views.RenewView", HEAD, lambda answer: len(answer.passes) == 1)
async def _(world: World) -> Message:
    passes = await world.view(OWN, await world.camera(OWN, lit=True))
    return views_pb2.RenewViewRequest(name=passes.view.name, browser="0" * 64)


@method("spilno.cctv.v1.Views.EndView", HEAD, lambda answer: answer.ending == views_pb2.VIEW_ENDING_ENDED)
async def _(world: World) -> Message:
    passes = await world.view(OWN, await world.camera(OWN, lit=True))
    return views_pb2.EndViewRequest(name=passes.view.name)


@method(
    "spilno.cctv.v1.Views.ListViews",
    HEAD,
    lambda answer: any(each.case_reference == MARKER for each in answer.views),
)
async def _(world: World) -> Message:
    camera = await world.camera(OWN, lit=True)
    await world.view(OWN, camera)
    return views_pb2.ListViewsRequest(parent=camera.name)


@method("spilno.cctv.v1.Health.GetHealth", HEAD, lambda answer: not answer.alarms)
async def _(world: World) -> Message:
    return health_pb2.GetHealthRequest(name=(await world.camera(OWN)).name)


@method("spilno.cctv.v1.Health.ListHealth", HEAD, lambda answer: len(answer.cameras) > 0)
async def _(world: World) -> Message:
    await world.camera(OWN)
    return health_pb2.ListHealthRequest(parent=parent(OWN))


@method("spilno.cctv.v1.Health.ListAlarms", HEAD, lambda answer: not answer.next_page_token)
async def _(world: World) -> Message:
    await world.camera(OWN)
    return health_pb2.ListAlarmsRequest(parent=parent(OWN))


@method("spilno.cctv.v1.Health.AcceptPicture", HEAD, lambda answer: not answer.alarms)
async def _(world: World) -> Message:
    return health_pb2.AcceptPictureRequest(name=(await world.camera(OWN)).name)


@method("spilno.cctv.v1.Recordings.GetRecordingPlan", HEAD, lambda answer: answer.kept_hours == 72)
async def _(world: World) -> Message:
    return recordings_pb2.GetRecordingPlanRequest(name=(await world.camera(OWN)).name)


@method(
    "spilno.cctv.v1.Recordings.SetRecordingPlan",
    HEAD,
    lambda answer: answer.mode == recordings_pb2.RECORDING_MODE_OFF,
)
async def _(world: World) -> Message:
    return _planning((await world.camera(OWN)).name, recordings_pb2.RECORDING_MODE_OFF)


@method("spilno.cctv.v1.Recordings.RecordEvent", HEAD, lambda answer: answer.HasField("event_until"))
async def _(world: World) -> Message:
    camera = await world.camera(OWN)
    with as_whom(world.tokens[HEAD]):
        await world.recordings.SetRecordingPlan(_planning(camera.name, recordings_pb2.RECORDING_MODE_ON_EVENT))
    until = _stamp(datetime.now(UTC) + timedelta(minutes=5))
    return recordings_pb2.RecordEventRequest(name=camera.name, until=until)


@method("spilno.cctv.v1.Recordings.ListFootage", HEAD, lambda answer: len(answer.stretches) > 0)
async def _(world: World) -> Message:
    camera = await world.recorded(OWN)
    start, end = _today()
    return recordings_pb2.ListFootageRequest(parent=camera.name, start=start, end=end)


@method("spilno.cctv.v1.Recordings.HoldFootage", HEAD, lambda answer: answer.reason == MARKER)
async def _(world: World) -> Message:
    return _holding((await world.recorded(OWN)).name)


@method("spilno.cctv.v1.Recordings.ReleaseHold", HEAD, lambda answer: answer.released_because == MARKER)
async def _(world: World) -> Message:
    camera = await world.recorded(OWN)
    with as_whom(world.tokens[HEAD]):
        held = await world.recordings.HoldFootage(_holding(camera.name))
    return recordings_pb2.ReleaseHoldRequest(name=held.name, etag=held.etag, reason=MARKER)


@method("spilno.cctv.v1.Recordings.ListHolds", HEAD, lambda answer: any(each.reason == MARKER for each in answer.holds))
async def _(world: World) -> Message:
    camera = await world.recorded(OWN)
    with as_whom(world.tokens[HEAD]):
        await world.recordings.HoldFootage(_holding(camera.name))
    return recordings_pb2.ListHoldsRequest(parent=parent(OWN))


@method("spilno.cctv.v1.Recordings.GetStorage", HEAD, lambda answer: answer.quota_bytes > 0)
async def _(world: World) -> Message:
    return recordings_pb2.GetStorageRequest(parent=parent(OWN))


@method("spilno.cctv.v1.Views.StartPlayback", HEAD, lambda answer: answer.view.purpose == MARKER)
async def _(world: World) -> Message:
    start, end = _today()
    return views_pb2.StartPlaybackRequest(
        parent=(await world.recorded(OWN)).name,
        start=start,
        end=end,
        purpose=MARKER,
        case_reference="147/2026",
        browser="0" * 64,
        request_id=str(uuid4()),
    )


def _planning(camera: str, mode: recordings_pb2.RecordingMode.ValueType) -> recordings_pb2.SetRecordingPlanRequest:
    return recordings_pb2.SetRecordingPlanRequest(
        name=camera, etag="0", mode=mode, stream=recordings_pb2.RECORDED_STREAM_SUB
    )


def _holding(camera: str) -> recordings_pb2.HoldFootageRequest:
    start, end = _today()
    return recordings_pb2.HoldFootageRequest(
        parent=camera, start=start, end=end, case_reference="147/2026", reason=MARKER, request_id=str(uuid4())
    )


def _today() -> tuple[Timestamp, Timestamp]:
    """The last minutes, whole: footage of them is there already."""
    now = datetime.now(UTC)
    return _stamp(now - timedelta(hours=20)), _stamp(now)


def _stamp(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made


@method("spilno.cctv.v1.Probes.ProbeCamera", HEAD, lambda answer: answer.serial_number == "00017")
async def _(world: World) -> Message:
    return probing(await world.camera(OWN), world.device)


@method(
    "spilno.cctv.v1.Probes.DiscoverCameras",
    HEAD,
    lambda answer: any(each.title == "Біля школи" for each in answer.devices),
)
async def _(world: World) -> Message:
    return probes_pb2.DiscoverCamerasRequest(parent=parent(OWN), request_id=str(uuid4()))


@method("spilno.cctv.v1.Probes.GetCameraProbe", HEAD, lambda answer: answer.serial_number == "00017")
async def _(world: World) -> Message:
    return probes_pb2.GetCameraProbeRequest(name=(await world.probed_camera(OWN)).name)


@method("spilno.cctv.v1.Probes.AdoptProfiles", HEAD, lambda answer: answer.dossier.model == "Зразок Z-2")
async def _(world: World) -> Message:
    camera = await world.probed_camera(OWN)
    return probes_pb2.AdoptProfilesRequest(name=camera.name, etag=camera.etag, main_profile="main", sub_profile="sub")


@method("spilno.cctv.v1.EvidenceRequests.RequestEvidence", HEAD, lambda answer: answer.request.ground == MARKER)
async def _(world: World) -> Message:
    return letter(OWN, await world.filmed_camera(OWN))


@method("spilno.cctv.v1.EvidenceRequests.GetEvidence", HEAD, lambda answer: answer.request.ground == MARKER)
async def _(world: World) -> Message:
    return evidence_pb2.GetEvidenceRequest(name=(await world.evidence(OWN)).name)


@method(
    "spilno.cctv.v1.EvidenceRequests.ListEvidence",
    HEAD,
    lambda answer: any(each.request.ground == MARKER for each in answer.evidence),
)
async def _(world: World) -> Message:
    await world.evidence(OWN)
    return evidence_pb2.ListEvidenceRequest(parent=parent(OWN))


@method(
    "spilno.cctv.v1.EvidenceRequests.ApproveEvidence",
    HEAD,
    lambda answer: answer.state == evidence_pb2.EVIDENCE_STATE_APPROVED,
)
async def _(world: World) -> Message:
    made = await world.evidence(OWN)
    return evidence_pb2.ApproveEvidenceRequest(name=made.name, etag=made.etag)


@method("spilno.cctv.v1.EvidenceRequests.RefuseEvidence", HEAD, lambda answer: answer.refused_because == MARKER)
async def _(world: World) -> Message:
    made = await world.evidence(OWN)
    return evidence_pb2.RefuseEvidenceRequest(name=made.name, etag=made.etag, reason=MARKER)


@method(
    "spilno.cctv.v1.EvidenceRequests.DownloadEvidence", HEAD, lambda answer: answer.evidence.request.ground == MARKER
)
async def _(world: World) -> Message:
    return evidence_pb2.DownloadEvidenceRequest(name=(await world.approved_evidence(OWN)).name)


@method("spilno.cctv.v1.EvidenceRequests.GetEvidenceKey", "web", lambda answer: "BEGIN PUBLIC KEY" in answer.pem)
async def _(world: World) -> Message:
    return evidence_pb2.GetEvidenceKeyRequest(parent=parent(OWN))


@method(
    "spilno.cctv.v1.Datasets.ExportCameraDataset",
    HEAD,
    lambda answer: "Зразкова міська рада" in answer.content.decode(),
)
async def _(world: World) -> Message:
    await world.camera(OWN)
    return datasets_pb2.ExportCameraDatasetRequest(parent=parent(OWN), format=datasets_pb2.DATASET_FORMAT_JSON)
