"""A camera with everything that it needs."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from spilno.cctv.v1 import cameras_pb2 as pb

from cctv_gateway.cameras.rules import Dossier, Owner

PURPOSE = "Безпека перехожих біля школи та на пішохідному переході"


def dossier(**changes: Any) -> Dossier:
    """A municipal camera's dossier that lacks nothing."""
    whole: dict[str, Any] = {
        "title": "Біля школи",
        "address": "вул. Зразкова, 1",
        "latitude": 45.84,
        "longitude": 29.61,
        "direction": 90,
        "angle": 80,
        "range": 40,
        "owner": Owner.MUNICIPAL,
        "owner_name": "Зразкова міська рада",
        "agreement_number": "",
        "agreement_from": None,
        "agreement_until": None,
        "purpose": PURPOSE,
        "regulation_act": "Положення про відеоспостереження",
        "regulation_number": "10",
        "regulation_adopted_on": date(2019, 2, 13),
        "regulation_until": None,
        "retention_limit_hours": 72,
        "sign_posted_on": date(2019, 11, 7),
        "retention_hours": 72,
        "masks": [],
        "masks_itself": False,
        "unmasked_ground": "",
        "recognises": [],
        "recognition_ground": "",
        "inventory_number": "1010",
        "model": "",
        "installed_on": None,
        "always_on": False,
    }
    return Dossier(**{**whole, **changes})


def draft(**changes: Any) -> pb.CameraDraft:
    """The same, as the contract writes it."""
    whole: dict[str, Any] = {
        "title": "Біля школи",
        "address": "вул. Зразкова, 1",
        "latitude": 45.84,
        "longitude": 29.61,
        "direction": 90,
        "angle": 80,
        "range": 40,
        "owner": pb.CAMERA_OWNER_MUNICIPAL,
        "owner_name": "Зразкова міська рада",
        "purpose": PURPOSE,
        "regulation": pb.Regulation(
            act="Положення про відеоспостереження", number="10", adopted_on="2019-02-13", retention_limit_hours=72
        ),
        "sign_posted_on": "2019-11-07",
        "retention_hours": 72,
    }
    return pb.CameraDraft(**{**whole, **changes})


def private(today: date, **changes: Any) -> pb.CameraDraft:
    """A merchant's camera, under an agreement that is in force until tomorrow."""
    agreement = pb.OwnerAgreement(
        number="7", valid_from=str(today - timedelta(days=9)), valid_until=str(today + timedelta(days=1))
    )
    return draft(
        **{"owner": pb.CAMERA_OWNER_PRIVATE, "owner_name": "Крамниця «Зразок»", "agreement": agreement, **changes}
    )


def creating(slug: str, camera: pb.CameraDraft) -> pb.CreateCameraRequest:
    return pb.CreateCameraRequest(parent=f"hromadas/{slug}", camera=camera, request_id=str(uuid4()))


async def lit(
    stub: Any,
    slug: str,
    shows: str,
    camera: pb.CameraDraft | None = None,
    kind: "pb.SourceKind.ValueType" = pb.SOURCE_KIND_FILM,
) -> pb.Camera:
    """A camera that may be watched, and shows a film or what is at an address."""
    made = await stub.CreateCamera(creating(slug, camera or draft()))
    made = await stub.ConnectCamera(
        pb.ConnectCameraRequest(name=made.name, etag=made.etag, kind=kind, main_url=shows, sub_url=shows)
    )
    made = await stub.DocumentCamera(pb.DocumentCameraRequest(name=made.name, etag=made.etag))
    active: pb.Camera = await stub.ActivateCamera(pb.ActivateCameraRequest(name=made.name, etag=made.etag))
    return active
