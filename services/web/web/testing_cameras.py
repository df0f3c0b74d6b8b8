"""The cameras of an office, as web sees them: part of the house that stands in for the gateway."""

from types import MappingProxyType
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from kit.rpc.client import Failure
from spilno.cctv.v1 import cameras_pb2, health_pb2, recordings_pb2, views_pb2

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
TURNED = health_pb2.Alarm(
    name=f"{_PARENT}/alarms/0198c0de-0000-7000-8000-0000000000f4",
    camera=SHOP.name,
    kind=health_pb2.ALARM_KIND_MOVED,
    text="Камера дивиться не туди, куди раніше.",
    raised_at=Timestamp(seconds=1_790_000_000),
)


class Cameras:
    """A camera on the square that may be watched, and a merchant's that may not."""

    _faring = MappingProxyType(
        {SQUARE.name: HEALTHY, SHOP.name: health_pb2.CameraHealth(camera=SHOP.name, alarms=[TURNED])}
    )

    def _met(self, request: Any) -> None:
        raise NotImplementedError

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

    async def StartView(self, request: Any) -> Any:
        self._met(request)
        return views_pb2.ViewPasses(view=VIEW)

    async def RenewView(self, request: Any) -> Any:
        self._met(request)
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

    async def GetRecordingPlan(self, request: Any) -> Any:
        self._met(request)
        return PLAN

    async def SetRecordingPlan(self, request: Any) -> Any:
        self._met(request)
        return PLAN

    async def RecordEvent(self, request: Any) -> Any:
        self._met(request)
        return PLAN
