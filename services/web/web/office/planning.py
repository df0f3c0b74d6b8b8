"""Whether a camera is recorded, for its page."""

from datetime import UTC
from typing import Any

from kit.pages import Form, Language
from kit.rpc.client import Failure
from spilno.cctv.v1 import recordings_pb2 as pb

from web import words
from web.portal import Web
from web.words import Say, Word

FIELDS = {"mode": "mode", "stream": "stream"}


def modes(_: Say) -> list[Word]:
    return [
        Word(pb.RECORDING_MODE_OFF, "off", _("Не записувати"), "x"),
        Word(pb.RECORDING_MODE_ON_EVENT, "on-event", _("Коли щось відбувається"), "siren"),
        Word(pb.RECORDING_MODE_ALWAYS, "always", _("Завжди"), "circle-dot"),
    ]


def streams(_: Say) -> list[Word]:
    return [
        Word(pb.RECORDED_STREAM_SUB, "sub", _("Малий потік: займає вдесятеро менше місця"), "cctv"),
        Word(pb.RECORDED_STREAM_MAIN, "main", _("Основний потік"), "cctv"),
    ]


def asked(form: Form, camera: str) -> pb.SetRecordingPlanRequest:
    """What was chosen on the form."""
    mode = next((each for each in modes(str) if each.value == form["mode"]), None)
    stream = next((each for each in streams(str) if each.value == form["stream"]), None)
    return pb.SetRecordingPlanRequest(
        name=camera,
        etag=form["plan"],
        mode=pb.RecordingMode.ValueType(mode.number if mode else 0),
        stream=pb.RecordedStream.ValueType(stream.number if stream else 0),
    )


async def of_one(web: Web, camera: str, form: Form, language: Language) -> dict[str, Any] | None:
    """Whether the camera is recorded, put into the form as well; nothing while that cannot be had."""
    try:
        plan = await web.recordings.GetRecordingPlan(pb.GetRecordingPlanRequest(name=camera))
    except Failure:
        return None
    say = language.gettext
    mode = words.word(modes(say), plan.mode)
    form.values.setdefault("mode", mode.value)
    form.values.setdefault("stream", words.word(streams(say), plan.stream).value)
    until = language.moment(plan.event_until.ToDatetime(UTC)) if plan.HasField("event_until") else ""
    return {
        "etag": plan.etag,
        "mode": mode,
        "hours": plan.kept_hours,
        "until": until,
        "modes": [(each.value, each.text) for each in modes(say)],
        "streams": [(each.value, each.text) for each in streams(say)],
    }
