"""How cameras fare, for the list of cameras and for the page of one."""

from datetime import UTC
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from kit.pages import Language, Submitted
from kit.rpc.client import Failure
from spilno.cctv.v1 import health_pb2 as pb
from starlette.responses import RedirectResponse, Response

from web.office.staff import Staff, Writing
from web.portal import TheWeb, Web

router = APIRouter(prefix="/{slug}/office/cameras")

_MOST = 500
_HISTORY = 20
_KILO = 1000


@router.post("/{camera_id}/accept-picture")
async def accept(web: TheWeb, form: Submitted, staff: Writing, camera_id: UUID) -> Response:
    """The camera was turned on purpose."""
    staff.require("cameras.write")
    await web.health.AcceptPicture(pb.AcceptPictureRequest(name=f"{staff.office.parent}/cameras/{camera_id}"))
    return RedirectResponse(f"/{staff.office.slug}/office/cameras/{camera_id}?saved=yes", 303)


async def of_all(web: Web, staff: Staff) -> dict[str, pb.CameraHealth]:
    """How each camera fares, by its name; nothing while that cannot be had: the list is shown all the same."""
    try:
        listed = await web.health.ListHealth(pb.ListHealthRequest(parent=staff.office.parent, page_size=_MOST))
    except Failure:
        return {}
    return {each.camera: each for each in listed.cameras}


async def of_office(web: Web, staff: Staff, language: Language) -> list[dict[str, Any]]:
    """What is wrong with the hromada's footage as a whole."""
    asked = pb.ListAlarmsRequest(parent=staff.office.parent, only_open=True, page_size=_MOST)
    try:
        listed = await web.health.ListAlarms(asked)
    except Failure:
        return []
    return [_alarm(each, language) for each in listed.alarms if not each.camera]


async def of_one(web: Web, staff: Staff, camera: str, language: Language) -> dict[str, Any] | None:
    """How one camera fares, with what was wrong before; nothing while that cannot be had."""
    try:
        health = await web.health.GetHealth(pb.GetHealthRequest(name=camera))
        asked = pb.ListAlarmsRequest(parent=staff.office.parent, camera=camera, page_size=_HISTORY)
        history = await web.health.ListAlarms(asked)
    except Failure:
        return None
    return {
        "one": health,
        "facts": _facts(health, language),
        "alarms": [_alarm(each, language) for each in history.alarms if not each.HasField("cleared_at")],
        "history": [_alarm(each, language) for each in history.alarms if each.HasField("cleared_at")],
        "is_moved": any(each.kind == pb.ALARM_KIND_MOVED for each in health.alarms),
    }


def _alarm(alarm: pb.Alarm, language: Language) -> dict[str, Any]:
    return {
        "text": alarm.text,
        "from": language.moment(alarm.raised_at.ToDatetime(UTC)),
        "until": language.moment(alarm.cleared_at.ToDatetime(UTC)) if alarm.HasField("cleared_at") else "",
    }


def _facts(health: pb.CameraHealth, language: Language) -> list[tuple[str, str]]:
    say = language.gettext
    if not health.HasField("measured_at"):
        return []
    told = [(say("Зв’язок"), say("картинка є") if health.up else health.cause or say("картинки немає"))]
    if health.width:
        told.append((say("Розмір"), f"{health.width} × {health.height}"))
    if health.HasField("frames_per_second"):
        told.append((say("Кадрів за секунду"), f"{health.frames_per_second:.0f}"))
    if health.HasField("bits_per_second"):
        told.append((say("Потік"), say("%(rate)s кбіт/с") % {"rate": round(health.bits_per_second / _KILO)}))
    if health.HasField("key_interval"):
        told.append(
            (say("Опорний кадр"), say("що %(seconds)s с") % {"seconds": _tenths(health.key_interval, language)})
        )
    if health.HasField("clock_drift"):
        drift = _tenths(health.clock_drift, language)
        told.append((say("Годинник камери"), say("розходиться на %(seconds)s с") % {"seconds": drift}))
    if health.HasField("up_today"):
        told.append((say("Працювала сьогодні"), f"{int(health.up_today * 100)} %"))
    if health.HasField("up_this_week"):
        told.append((say("Працювала за тиждень"), f"{int(health.up_this_week * 100)} %"))
    told.append((say("Виміряно"), language.moment(health.measured_at.ToDatetime(UTC))))
    return told


def _tenths(number: float, language: Language) -> str:
    text = f"{number:.1f}"
    return text.replace(".", ",") if language.code == "uk" else text
