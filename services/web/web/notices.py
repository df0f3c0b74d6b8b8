"""Notices as pages show them: by which channels one may be told, and what became of what was told."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit.names import last
from kit.pages import Form, Language
from kit.rpc.client import Failure
from spilno.reception.v1 import notices_pb2 as pb
from spilno.reception.v1 import receptions_pb2

from web import appeals, words
from web.portal import Web, is_away
from web.words import Say, Word


@dataclass(frozen=True)
class Told:
    """The notices about one record; None while they cannot be had."""

    rows: list[dict[str, Any]] | None


async def channels(web: Web, parent: str) -> list[pb.NoticeChannel]:
    """By which channels the platform tells people something; none while it does not say."""
    try:
        return list((await web.notices.GetNoticeChannels(pb.GetNoticeChannelsRequest(parent=parent))).channels)
    except Failure as failure:
        if not is_away(failure):
            raise
        return []


async def wishes(web: Web, parent: str, language: Language) -> list[Word]:
    """What an applicant may choose from; empty where nothing is sent, and then nobody is asked."""
    offered = {one.channel for one in await channels(web, parent)}
    return [word for word in words.wishes(language.gettext) if word.number in {0, *offered}] if offered else []


async def about(web: Web, parent: str, language: Language, *, visit: str = "", appeal: str = "") -> Told:
    """What somebody was told of a visit or an appeal."""
    try:
        found = await web.notices.ListNotices(pb.ListNoticesRequest(parent=parent, visit=visit, appeal=appeal))
    except Failure as failure:
        if not is_away(failure):
            raise
        return Told(None)
    return Told([_row(one, language) for one in found.notices])


async def send_again(web: Web, parent: str, notice_id: UUID, form: Form) -> None:
    """Has the same words sent once more."""
    asked = pb.ResendNoticeRequest(name=f"{parent}/notices/{notice_id}", request_id=appeals.request_id(form))
    await web.notices.ResendNotice(asked)


def _row(notice: pb.Notice, language: Language) -> dict[str, Any]:
    say = language.gettext
    queued = notice.state == pb.NOTICE_STATE_QUEUED
    return {
        "id": last(notice.name),
        "kind": words.word(kinds(say), words.number(kinds(say), notice.kind)).text,
        "channel": words.word(_channels(say), notice.channel),
        "address": notice.address,
        "language": notice.language,
        "state": words.word(_states(say), notice.state),
        "trouble": words.word(_troubles(say), notice.trouble).text if notice.trouble else "",
        "when": language.stamp(appeals.moment(notice.told_at if queued else notice.over_at)),
        "next": language.stamp(appeals.moment(notice.next_time)) if queued and notice.tries else "",
        "can_resend": notice.can_resend,
    }


def _channels(_: Say) -> list[Word]:
    return [
        Word(receptions_pb2.REMINDER_CHANNEL_EMAIL, "email", _("Лист"), "mail"),
        Word(receptions_pb2.REMINDER_CHANNEL_SMS, "sms", _("SMS"), "phone"),
    ]


def channel_names(_: Say, found: list[pb.NoticeChannel]) -> list[tuple[Word, bool]]:
    """Each channel, and whether it goes no further than this machine."""
    return [(words.word(_channels(_), one.channel), one.stays_here) for one in found]


def kinds(_: Say) -> list[Word]:
    """What people are told, and then what the office tells itself."""
    return [
        Word(1, "signature", _("Підпис офісу"), "landmark", _("стоїть у текстах замість {office}")),
        Word(2, "visit-booked", _("Вас записано на прийом"), "check"),
        Word(3, "visit-cancelled", _("Візит скасовано"), "x"),
        Word(27, "visit-moved", _("Візит перенесено"), "clock"),
        Word(4, "visit-tomorrow", _("Нагадування про візит"), "clock", _("напередодні о 10:00")),
        Word(5, "appeal-registered", _("Звернення зареєстровано"), "file-text"),
        Word(6, "appeal-answered", _("Відповідь на звернення"), "mail"),
        Word(8, "appeal-extended", _("Строк продовжено"), "clock"),
        Word(9, "appeal-shortened", _("Строк скорочено"), "clock"),
        Word(26, "appeal-shortening-declined", _("Строк лишається"), "clock"),
        Word(10, "appeal-forwarded", _("Звернення переслано"), "send"),
        Word(11, "appeal-body-answered", _("Відповіли ті, кому переслано"), "mail"),
        Word(12, "appeal-returned-for-defect", _("Повернуто: вада форми"), "file-text"),
        Word(13, "appeal-returned-as-insufficient", _("Повернуто: замало відомостей"), "file-text"),
        Word(14, "appeal-not-considered", _("Звернення не розглядатимуть"), "file-text"),
        Word(15, "appeal-handed-over", _("Передано за іншим порядком"), "send"),
        Word(16, "referral-accepted", _("Погодилися допомогти"), "users"),
        Word(17, "referral-replied", _("Відповіли на прохання про допомогу"), "users"),
        Word(18, "referral-declined", _("Відмовилися допомогти"), "users"),
        Word(19, "hazard-accepted", _("Небезпеку підтверджено"), "triangle-alert"),
        Word(7, "hazard-changed", _("Новини про небезпеку"), "triangle-alert"),
        Word(20, "hazard-closed", _("Небезпеку закрито"), "circle-check"),
        Word(21, "hazard-reopened", _("Небезпеку відкрито знову"), "triangle-alert"),
        Word(22, "staff-appeal-warned", _("Строк спливає"), "clock", _("тому, хто веде справу")),
        Word(23, "staff-appeal-breached", _("Строк минув"), "triangle-alert", _("тому, хто веде справу")),
        Word(24, "staff-appeal-escalated", _("Строк минув: потрібен керівник"), "triangle-alert", _("керівникові")),
        Word(26, "staff-referral-near", _("Скоро чекаємо відповіді на скерування"), "clock", _("тому, хто скерував")),
        Word(27, "staff-referral-overdue", _("На скерування не відповіли"), "triangle-alert", _("тому, хто скерував")),
        Word(28, "staff-submission-late", _("Надіслане чекає задовго"), "triangle-alert", _("на пошту офісу")),
        Word(25, "staff-submission-waiting", _("Хтось звернувся"), "mail", _("на пошту офісу")),
    ]


def _states(_: Say) -> list[Word]:
    return [
        Word(pb.NOTICE_STATE_QUEUED, "queued", _("Чекає на відправлення"), "clock", "new"),
        Word(pb.NOTICE_STATE_SENT, "sent", _("Надіслано"), "circle-check", "done"),
        Word(pb.NOTICE_STATE_FAILED, "failed", _("Не надіслано"), "triangle-alert", "plain"),
        Word(pb.NOTICE_STATE_BOUNCED, "bounced", _("Повернулося"), "triangle-alert", "plain"),
        Word(pb.NOTICE_STATE_WITHDRAWN, "withdrawn", _("Відкликано"), "x", "plain"),
    ]


def _troubles(_: Say) -> list[Word]:
    return [
        Word(pb.NOTICE_TROUBLE_SERVER_AWAY, "away", _("Сервер не відповідає."), ""),
        Word(pb.NOTICE_TROUBLE_SERVER_BUSY, "busy", _("Сервер просить зачекати."), ""),
        Word(pb.NOTICE_TROUBLE_LOGIN_REFUSED, "login", _("Сервер не приймає пароль платформи. Скажіть оператору."), ""),
        Word(pb.NOTICE_TROUBLE_NO_SUCH_ADDRESS, "address", _("Такої адреси чи номера немає. Уточніть у людини."), ""),
        Word(pb.NOTICE_TROUBLE_MAILBOX_FULL, "full", _("Поштова скринька переповнена."), ""),
        Word(pb.NOTICE_TROUBLE_REFUSED, "refused", _("Сервер відмовився прийняти повідомлення."), ""),
        Word(pb.NOTICE_TROUBLE_TOO_LATE, "late", _("Надсилати вже запізно."), ""),
        Word(pb.NOTICE_TROUBLE_TOO_MANY, "many", _("На цю адресу за добу вже надіслано досить."), ""),
    ]
