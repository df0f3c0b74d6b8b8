"""The form of an appeal: the same for a resident and for staff who write one down."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from kit.pages import Form, Language
from kit.rpc.client import Failure
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import receptions_pb2

from web import casework, words
from web.portal import is_away

RECEIPT_KEPT = timedelta(minutes=15)
OPEN = frozenset({pb.APPEAL_STATE_REGISTERED, pb.APPEAL_STATE_IN_WORK})
"""States in which an appeal is not decided."""
FIELDS = {
    "appeal.kind": "kind",
    "appeal.area": "area",
    "appeal.text": "text",
    "appeal.applicant.name": "name",
    "appeal.applicant.residence": "residence",
    "appeal.applicant.phone": "phone",
    "appeal.applicant.email": "email",
    "appeal.applicant": "phone",
    "appeal.notices.channel": "notice",
    "appeal.notices.language": "notice_language",
    "channel": "channel",
    **casework.FIELDS,
}
"""Where the service's field paths stand in the form, in the page's order."""


def blank(language: Language) -> Form:
    """An empty form. Its id makes a second sending of it the same request."""
    return Form({"request_id": str(uuid.uuid4()), "notice": "no", "notice_language": language.code}, language)


def draft(form: Form) -> pb.AppealDraft:
    """What the form says, as it stands: the service judges all of it at once, so that nobody mends a form twice.

    What is objected to here has better words here, and is refused by the service too.
    """
    _ = form.language.gettext
    phone = dialled(form)
    return pb.AppealDraft(
        kind=pb.AppealKind.ValueType(words.number(words.kinds(_), form["kind"])),
        area=pb.SafetyArea.ValueType(words.number(words.areas(_), form["area"])),
        text=form["text"],
        applicant=pb.Applicant(name=form["name"], residence=form["residence"], phone=phone, email=form["email"]),
        notices=wish(form),
        confidential=form["confidential"] == "yes",
    )


def wish(form: Form) -> pb.NoticeWish | None:
    """How the form asks to be told, if it does."""
    channel = words.number(words.wishes(form.language.gettext), form["notice"])
    if not channel:
        return None
    return pb.NoticeWish(channel=receptions_pb2.ReminderChannel.ValueType(channel), language=form["notice_language"])


def request_id(form: Form) -> str:
    """The form's own id; a form whose id was tampered with gets a new one."""
    try:
        return str(uuid.UUID(form["request_id"]))
    except ValueError:
        form.values["request_id"] = str(uuid.uuid4())
        return form["request_id"]


def take_refusal(form: Form, failure: Failure) -> int:
    """Puts the service's refusal into the form and tells the page's status; raises what is not about the form."""
    if failure.reason == "request-id.other-payload":
        form.values["request_id"] = str(uuid.uuid4())
        form.refuse(
            "",
            form.language.gettext(
                "Це звернення вже прийнято, а тепер текст інший. Якщо це нове звернення, надішліть його ще раз."
            ),
        )
    elif failure.fields:
        form.refuse_all(failure.fields, FIELDS)
    elif is_away(failure):
        form.refuse("", form.language.gettext("Служба не відповідає. Написане на місці: надішліть ще раз за хвилину."))
        return 503
    else:
        raise failure
    return 422


def dialled(form: Form) -> str:
    """The phone number as the network wants it; refuses what is none. People here type 097 123 45 67."""
    kept = re.sub(r"[\s().-]", "", form["phone"])
    digits = kept.removeprefix("+")
    if not kept or (kept.startswith("+") and not digits.startswith("380")):
        return kept
    national = digits.removeprefix("38") if digits.startswith("380") else digits
    objection = _objection(national, form.language)
    if objection:
        form.refuse("phone", objection)
        return kept
    return "+38" + national


def _objection(national: str, language: Language) -> str:
    _ = language.gettext
    if not national.isascii() or not national.isdigit():
        return _("У телефоні можуть бути лише цифри, наприклад 097 123 45 67")
    if not national.startswith("0"):
        return _("Введіть телефон від нуля, наприклад 097 123 45 67")
    missing = 10 - len(national)
    if missing > 0:
        said = language.ngettext(
            "Введіть телефон повністю: ще %(n)s цифра", "Введіть телефон повністю: ще %(n)s цифр", missing
        )
        return said % {"n": missing}
    return _("У телефоні зайві цифри, наприклад 097 123 45 67") if missing < 0 else ""


def grouped(code: str) -> str:
    """The secret code in fours, as it is easy to read and to dictate."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def moment(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)


_CLOSED = frozenset({pb.APPEAL_STATE_RETURNED, pb.APPEAL_STATE_FORWARDED, pb.APPEAL_STATE_NOT_CONSIDERED})
"""Without an answer: the decision says why."""


@dataclass(frozen=True)
class Step:
    """One step of an appeal's way."""

    state: str
    icon: str
    title: str
    when: str = ""
    iso: str = ""


def way(appeal: pb.Appeal | pb.AppealStatus, language: Language, *, exact: bool = False) -> list[Step]:
    """The way of an appeal so far, and what comes next."""
    _ = language.gettext
    tell = language.stamp if exact else language.date

    def at(stamp: Timestamp) -> tuple[str, str]:
        return tell(moment(stamp)), moment(stamp).isoformat(timespec="seconds")

    is_taken = appeal.HasField("taken_at")
    is_answered = appeal.state == pb.APPEAL_STATE_ANSWERED
    is_closed = appeal.state in _CLOSED
    steps = [Step("done", "check", _("Звернення прийнято"), *at(appeal.received_at))]
    if is_taken:
        steps.append(Step("done", "check", _("Взято до роботи"), *at(appeal.taken_at)))
    if is_answered:
        steps.append(Step("done", "mail", _("Відповідь надано"), *at(appeal.answered_at)))
    elif not is_closed:
        now = _("Офіс готує відповідь") if is_taken else _("Чекає на працівника офісу")
        steps.append(Step("now", "half", now, _("Зараз")))
        steps.append(Step("next", "mail", _("Відповідь"), "" if exact else _("З’явиться на цій сторінці")))
    return steps
