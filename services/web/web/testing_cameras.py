"""The cameras of an office, as web sees them: part of the house that stands in for the gateway."""

from collections.abc import AsyncIterator
from types import MappingProxyType
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from kit.rpc.client import Failure
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

from web.testing_answers import StandIn

_PARENT = "hromadas/tatarbunary"
SQUARE = cameras_pb2.Camera(
    name=f"{_PARENT}/cameras/0198c0de-0000-7000-8000-0000000000f1",
    dossier=cameras_pb2.CameraDraft(
        title="Центральна площа",
        address="м. Татарбунари",
        purpose="Безпека людей на площі під час зборів",
        regulation=cameras_pb2.Regulation(act="Положення", number="10", adopted_on="2019-10-01"),
        sign_posted_on="2019-11-07",
        retention_hours=72,
        direction=90,
        angle=80,
        range=60,
        latitude=45.8405,
        longitude=29.6155,
    ),
    state=cameras_pb2.CAMERA_STATE_ACTIVE,
    lit=True,
    source_host="10.20.0.5",
    etag="4",
)
SHOP = cameras_pb2.Camera(
    name=f"{_PARENT}/cameras/0198c0de-0000-7000-8000-0000000000f2",
    dossier=cameras_pb2.CameraDraft(title="Крамниця", address="м. Татарбунари", owner_name="Крамниця «Зразок»"),
    state=cameras_pb2.CAMERA_STATE_DRAFT,
    owner_standing=cameras_pb2.OWNER_STANDING_UNDER_NEGOTIATION,
    missing=[cameras_pb2.Lack(field="purpose", text="Немає письмової мети.")],
    etag="1",
)
VIEW = views_pb2.View(
    name=f"{_PARENT}/views/0198c0de-0000-7000-8000-0000000000f3",
    cameras=[views_pb2.ViewedCamera(name=SQUARE.name)],
    viewer_display_name="Черговий волонтер",
    reason=views_pb2.VIEW_REASON_INCIDENT,
    case_reference="147/2026",
    started_at=Timestamp(seconds=1_790_000_000),
)

HEALTHY = health_pb2.CameraHealth(
    camera=SQUARE.name,
    up=True,
    measured_at=Timestamp(seconds=1_790_000_000),
    frames_per_second=20.1,
    bits_per_second=1_950_000,
    key_interval=2.0,
    clock_drift=-0.4,
    width=1280,
    height=720,
    up_today=0.999,
)
PLAN = recordings_pb2.RecordingPlan(
    camera=SQUARE.name,
    mode=recordings_pb2.RECORDING_MODE_ON_EVENT,
    stream=recordings_pb2.RECORDED_STREAM_SUB,
    kept_hours=72,
    etag="3",
)
HOLD = recordings_pb2.Hold(
    name=f"{_PARENT}/holds/0198c0de-0000-7000-8000-0000000000f5",
    camera=SQUARE.name,
    start=Timestamp(seconds=1_790_000_000),
    end=Timestamp(seconds=1_790_000_600),
    case_reference="147/2026",
    reason="Лист слідчого ще в дорозі",
    held_at=Timestamp(seconds=1_790_001_000),
    held_by="Координатор",
    etag="2",
)
PLAYBACK = views_pb2.View(
    name=f"{_PARENT}/views/0198c0de-0000-7000-8000-0000000000f6",
    cameras=[views_pb2.ViewedCamera(name=SQUARE.name)],
    reason=views_pb2.VIEW_REASON_ARCHIVE,
    case_reference="147/2026",
    purpose="Хто пошкодив лавку",
    range_start=Timestamp(seconds=1_790_000_000),
    range_end=Timestamp(seconds=1_790_000_600),
)
TURNED = health_pb2.Alarm(
    name=f"{_PARENT}/alarms/0198c0de-0000-7000-8000-0000000000f4",
    camera=SHOP.name,
    kind=health_pb2.ALARM_KIND_MOVED,
    text="Камера дивиться не туди, куди раніше.",
    raised_at=Timestamp(seconds=1_790_000_000),
)

DEVICES = [
    probes_pb2.DiscoveredDevice(address="http://10.20.0.5:80/x", title="Площа", model="Z-2", entered=True),
    probes_pb2.DiscoveredDevice(address="http://10.20.0.9:80/x?a=1", title="", model="Z-3 <b>"),
]
PROBE = probes_pb2.CameraProbe(
    camera=SQUARE.name,
    host="10.20.0.5",
    manufacturer="Зразок",
    model="Z-2",
    seconds_ahead=90.4,
    profiles=[
        probes_pb2.StreamProfile(
            token=token, title=token, encoding="H264", width=width, height=height, frames_per_second=20
        )
        for token, width, height in (("main", 1920, 1080), ("sub", 640, 360))
    ],
)

EVIDENCE = evidence_pb2.Evidence(
    name=f"{_PARENT}/evidence/0198c0de-0000-7000-8000-0000000000f4",
    request=evidence_pb2.EvidenceDraft(
        authority=evidence_pb2.EVIDENCE_AUTHORITY_POLICE,
        authority_name="Відділ поліції № 1",
        signatory="Начальник відділу",
        letter_number="147/05",
        letter_date="2019-10-28",
        case_reference="12019160000000147",
        ground="ст. 40 Закону «Про Національну поліцію»",
        cameras=[SQUARE.name],
        start_time=Timestamp(seconds=1_572_190_200),
        end_time=Timestamp(seconds=1_572_190_800),
    ),
    state=evidence_pb2.EVIDENCE_STATE_APPROVED,
    requested_by_display_name="Координатор",
    create_time=Timestamp(seconds=1_572_250_000),
    custody=[
        evidence_pb2.CustodyLink(
            time=Timestamp(seconds=1_572_250_000), display_name="Координатор", step=evidence_pb2.CUSTODY_STEP_REQUESTED
        )
    ],
    etag="2",
)


class Cameras(StandIn):
    """A camera on the square that may be watched, and a merchant's that may not."""

    _faring = MappingProxyType(
        {SQUARE.name: HEALTHY, SHOP.name: health_pb2.CameraHealth(camera=SHOP.name, alarms=[TURNED])}
    )

    async def ListCameras(self, request: Any) -> Any:
        self._met(request)
        return cameras_pb2.ListCamerasResponse(cameras=[SQUARE, SHOP])

    async def GetCamera(self, request: Any) -> Any:
        self._met(request)
        found = next((each for each in (SQUARE, SHOP) if each.name == request.name), None)
        if found is None:
            raise Failure(grpc.StatusCode.NOT_FOUND, None)
        return found

    async def CreateCamera(self, request: Any) -> Any:
        self._met(request)
        return SQUARE

    async def UpdateCamera(self, request: Any) -> Any:
        self._met(request)
        return SQUARE

    async def ConnectCamera(self, request: Any) -> Any:
        self._met(request)
        return SQUARE

    async def DocumentCamera(self, request: Any) -> Any:
        self._met(request)
        return SQUARE

    async def ActivateCamera(self, request: Any) -> Any:
        self._met(request)
        return SQUARE

    async def SuspendCamera(self, request: Any) -> Any:
        self._met(request)
        return SQUARE

    async def ListSignPhotos(self, request: Any) -> Any:
        self._met(request)
        return signs_pb2.ListSignPhotosResponse()

    async def StartView(self, request: Any) -> Any:
        self._met(request)
        return views_pb2.ViewPasses(view=VIEW)

    async def StartPlayback(self, request: Any) -> Any:
        self._met(request)
        return views_pb2.ViewPasses(view=PLAYBACK)

    async def RenewView(self, request: Any) -> Any:
        self._met(request)
        if request.name == PLAYBACK.name:
            one = views_pb2.ViewPass(camera=SQUARE.name, path="/archive/tatarbunary/abc", ticket="tatarbunary/abc")
            return views_pb2.ViewPasses(view=PLAYBACK, passes=[one])
        passes = [views_pb2.ViewPass(camera=SQUARE.name, path="/live/tatarbunary/abc", ticket="tatarbunary/abc")]
        return views_pb2.ViewPasses(view=VIEW, passes=passes)

    async def EndView(self, request: Any) -> Any:
        self._met(request)
        return VIEW

    async def ListViews(self, request: Any) -> Any:
        self._met(request)
        return views_pb2.ListViewsResponse(views=[VIEW])

    async def GetHealth(self, request: Any) -> Any:
        self._met(request)
        return self._faring[request.name]

    async def ListHealth(self, request: Any) -> Any:
        self._met(request)
        return health_pb2.ListHealthResponse(cameras=self._faring.values())

    async def ListAlarms(self, request: Any) -> Any:
        self._met(request)
        return health_pb2.ListAlarmsResponse(alarms=[TURNED] if request.camera in ("", SHOP.name) else [])

    async def AcceptPicture(self, request: Any) -> Any:
        self._met(request)
        return HEALTHY

    async def ProbeCamera(self, request: Any) -> Any:
        self._met(request)
        return PROBE

    async def DiscoverCameras(self, request: Any) -> Any:
        self._met(request)
        return probes_pb2.DiscoverCamerasResponse(devices=DEVICES)

    async def GetCameraProbe(self, request: Any) -> Any:
        self._met(request)
        if request.name != PROBE.camera:
            raise Failure(grpc.StatusCode.NOT_FOUND, None)
        return PROBE

    async def AdoptProfiles(self, request: Any) -> Any:
        self._met(request)
        return SQUARE

    async def RequestEvidence(self, request: Any) -> Any:
        self._met(request)
        return EVIDENCE

    async def GetEvidence(self, request: Any) -> Any:
        self._met(request)
        return EVIDENCE

    async def ListEvidence(self, request: Any) -> Any:
        self._met(request)
        return evidence_pb2.ListEvidenceResponse(evidence=[EVIDENCE])

    async def ApproveEvidence(self, request: Any) -> Any:
        self._met(request)
        return EVIDENCE

    async def RefuseEvidence(self, request: Any) -> Any:
        self._met(request)
        return EVIDENCE

    async def GetEvidenceKey(self, request: Any) -> Any:
        self._met(request)
        return evidence_pb2.EvidenceKey(pem="-----BEGIN PUBLIC KEY-----", fingerprint="ab" * 32)

    async def DownloadEvidence(self, request: Any, **options: Any) -> AsyncIterator[Any]:
        self._met(request)
        yield evidence_pb2.DownloadEvidenceResponse(evidence=EVIDENCE)
        yield evidence_pb2.DownloadEvidenceResponse(chunk=b"PK")

    async def ExportCameraDataset(self, request: Any) -> Any:
        self._met(request)
        return datasets_pb2.CameraDataset(filename="cameras.csv", media_type="text/csv", content=b"inventoryNumber")

    async def GetRecordingPlan(self, request: Any) -> Any:
        self._met(request)
        return PLAN

    async def SetRecordingPlan(self, request: Any) -> Any:
        self._met(request)
        return PLAN

    async def RecordEvent(self, request: Any) -> Any:
        self._met(request)
        return PLAN

    async def ListFootage(self, request: Any) -> Any:
        """From an hour after the beginning of what is asked for, for half an hour, and again later."""
        self._met(request)
        start = request.start.seconds
        stretches = [
            recordings_pb2.Stretch(start=Timestamp(seconds=start + begins), end=Timestamp(seconds=start + ends))
            for begins, ends in ((3600, 5400), (36_000, 37_500))
        ]
        return recordings_pb2.ListFootageResponse(stretches=stretches)

    async def HoldFootage(self, request: Any) -> Any:
        self._met(request)
        return HOLD

    async def ReleaseHold(self, request: Any) -> Any:
        self._met(request)
        return HOLD

    async def ListHolds(self, request: Any) -> Any:
        self._met(request)
        return recordings_pb2.ListHoldsResponse(holds=[HOLD])
