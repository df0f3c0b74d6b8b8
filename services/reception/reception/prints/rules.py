"""What stands on each form of CMU 348, in its order: pure functions from records to sheets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kit.errors import Refused
from kit.law import Act, Certainty, by_law

from reception.figures.rules import SMALLEST, is_small

_MOST_DAYS = 366
_CHANNELS = {
    "portal": "через сайт",
    "reception": "на особистому прийомі",
    "phone": "телефоном",
    "post": "поштою",
    "email": "електронною поштою",
    "integration": "з іншої системи",
    "in_person": "подано особисто",
    "authorised": "через уповноважену особу",
    "authority": "від органу влади",
    "media": "через засоби масової інформації",
    "other_body": "від іншого органу",
}
_KINDS = {"proposal": "пропозиція (зауваження)", "application": "заява (клопотання)", "complaint": "скарга"}
_REPEATS = {
    "first": "первинне",
    "repeated": "повторне",
    "duplicate": "дублетне",
    "multiple": "неодноразове",
    "mass": "масове",
}
_OUTCOMES = {
    "granted": "вирішено позитивно",
    "refused": "відмовлено в задоволенні",
    "explained": "роз’яснено",
    "returned": "повернуто авторові (ст. 5, 7)",
    "forwarded": "переслано за належністю (ст. 7)",
    "not_considered": "не підлягає розгляду (ст. 8, 17)",
}
_VISITS = {
    "resolved": "вирішено на прийомі",
    "advised": "надано роз’яснення",
    "appeal": "прийнято звернення",
    "referred": "скеровано до іншого органу",
    "absent": "не з’явився",
}
_HIDDEN = "не розголошується (ст. 10)"
REPORT_COLUMNS = (
    "Надійшло звернень, усього",
    "1.1 поштою",
    "1.2 на особистому прийомі",
    "9.1 вирішено позитивно",
    "9.2 відмовлено",
    "9.3 роз’яснено",
    "9.4–9.6 повернуто, переслано, не розглядалося",
    "2.2 повторних",
    "5.2 колективних",
    "7.1, 7.3–7.5 учасники війни, особи з інвалідністю внаслідок війни, УБД",
    "7.7–7.9 особи з інвалідністю",
    "7.6 ветерани праці",
    "Інші пільгові категорії",
    "Громадян, з урахуванням колективних",
    "Справ з обмеженим доступом, із загальної кількості",
)
_ABOUT_PERSONS = slice(9, 13)
"""Of these columns those that say who people are: small counts are not told."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]
    """How wide each column is beside the others."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One form, however it is to be written."""

    title: str
    organisation: str
    parts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """Headings, each with what stands under it: label and value."""
    table: Table | None = None
    is_wide: bool = False
    paragraphs: tuple[str, ...] = ()
    """Of a letter."""
    language: str = "uk"


@dataclass(frozen=True, slots=True)
class Appeal:
    """What the forms need to know of an appeal."""

    number: str
    kind: str
    channel: str
    repeat: str
    signatories: int
    author: str
    residence: str
    contact: str
    is_named: bool
    """The one who prints may know whose it is."""
    categories: str
    status: str
    written_on: date | None
    received_on: date
    sent_from: str
    subjects: str
    text: str
    executor: str
    due_on: date
    resolution: str
    closed_on: date | None
    outcome: str | None
    previous: str
    answered_by: str


@dataclass(frozen=True, slots=True)
class Visit:
    """What the forms need to know of a reception."""

    starts_at: datetime
    """In Ukraine's time."""
    hosts: tuple[str, ...]
    visitor: str
    topic: str
    outcome: str | None
    note: str
    appeal: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What the report needs to know of an appeal."""

    codes: tuple[str, ...]
    signatories: int
    is_sensitive: bool = False


def check_period(first: date, last: date) -> None:
    """A period of a year at the most.

    Raises:
        Refused: it ends before it begins, or is longer.
    """
    if last < first:
        raise Refused("to_day", "print.period-backwards")
    if (last - first).days > _MOST_DAYS:
        raise Refused("to_day", "print.period-too-long")


@by_law("L25", Act.OFFICE_WORK, "", Certainty.PARTLY)
def appeal_card(appeal: Appeal, organisation: str) -> Sheet:
    """The registration-control card: its front and its back."""
    author = appeal.author if appeal.is_named else _HIDDEN
    front = (
        ("Відмітка про контроль", ""),
        ("Кореспондент", author),
        ("Місце проживання, e-mail, телефон", _where(appeal)),
        ("Вид звернення", _KINDS[appeal.kind]),
        ("Категорія заявника", appeal.categories or "не вказано"),
        ("Індивідуальне, колективне", _subject(appeal.signatories)),
        ("Соціальний стан", appeal.status or "не вказано"),
        ("Ознака", _REPEATS[appeal.repeat]),
        ("Дата підписання, надсилання, дзвінка", _day(appeal.written_on)),
        ("Дата надходження", _day(appeal.received_on)),
        ("Реєстраційний індекс", appeal.number),
        ("Звідки надіслано, дата, індекс документа", appeal.sent_from),
        ("Форма надходження", _CHANNELS[appeal.channel]),
        ("Основні питання: індекс", appeal.subjects),
        ("Основні питання: зміст", appeal.text),
        ("Додаткові питання", ""),
    )
    spent = str((appeal.closed_on - appeal.received_on).days) if appeal.closed_on else ""
    back = (
        ("Резолюція", appeal.resolution),
        ("Автор резолюції", appeal.executor),
        ("Термін виконання", _day(appeal.due_on)),
        ("Фактично виконано за, днів", spent),
        ("Попередня відповідь", appeal.previous),
        ("Результат розгляду", _OUTCOMES[appeal.outcome] if appeal.outcome else ""),
        ("Дата та індекс виконання, адресат", _day(appeal.closed_on)),
        ("З контролю зняв", appeal.answered_by),
        ("Справа, том, аркуші, фонд, опис", ""),
    )
    title = f"Реєстраційно-контрольна картка {appeal.number}"
    return Sheet(title, organisation, (("Лицьовий бік", front), ("Зворотний бік", back)))


@by_law("L28", Act.RECEIPT, "", Certainty.PARTLY)
def receipt(appeal: Appeal, organisation: str) -> Sheet:
    """The stamp of the person's copy: organisation, day of arrival, incoming number."""
    stamp = (
        ("Найменування організації", organisation),
        ("Дата надходження", _day(appeal.received_on)),
        ("Вхідний номер", appeal.number),
    )
    return Sheet(f"Відмітка про надходження звернення {appeal.number}", organisation, (("Відмітка", stamp),))


@by_law("L26", Act.OFFICE_WORK, "", Certainty.PARTLY)
def visit_card(visit: Visit, number: int, organisation: str) -> Sheet:
    """The card of a personal reception."""
    rows = tuple(zip(_RECEPTION_COLUMNS, _visit_row(visit, number), strict=True))
    return Sheet(f"Картка особистого прийому {visit.starts_at:%d.%m.%Y}", organisation, (("Прийом", rows),))


@by_law("L26", Act.OFFICE_WORK, "", Certainty.PARTLY)
def reception_journal(visits: Sequence[Visit], first: date, last: date, organisation: str) -> Sheet:
    """The journal of personal receptions, in the order of the queue."""
    rows = tuple(_visit_row(visit, number) for number, visit in enumerate(visits, 1))
    title = f"Журнал особистого прийому громадян {_period(first, last)}"
    return Sheet(title, organisation, table=Table(_RECEPTION_COLUMNS, rows, _RECEPTION_SHARES), is_wide=True)


@by_law("L25", Act.OFFICE_WORK, "", Certainty.PARTLY)
def appeal_journal(appeals: Sequence[Appeal], first: date, last: date, organisation: str) -> Sheet:
    """The journal of appeals, by their index."""
    rows = tuple(_appeal_row(each) for each in appeals)
    title = f"Журнал реєстрації звернень громадян {_period(first, last)}"
    return Sheet(title, organisation, table=Table(_APPEAL_COLUMNS, rows, _APPEAL_SHARES), is_wide=True)


@by_law("L29", Act.OFFICE_WORK, "", Certainty.PARTLY)
def counts(appeals: Sequence[Counted]) -> list[int]:
    """The columns of the periodic report, by the codes of the classifier."""

    def having(*codes: str) -> int:
        return sum(any(code in codes for code in each.codes) for each in appeals)

    war, disabled, veterans = ("7.1", "7.3", "7.4", "7.5"), ("7.7", "7.8", "7.9"), ("7.6",)
    named = {*war, *disabled, *veterans}
    others = sum(
        any(code.startswith("7.") for code in each.codes) and not named.intersection(each.codes) for each in appeals
    )
    return [
        len(appeals),
        having("1.1"),
        having("1.2"),
        having("9.1"),
        having("9.2"),
        having("9.3"),
        having("9.4", "9.5", "9.6"),
        having("2.2"),
        having("5.2"),
        having(*war),
        having(*disabled),
        having(*veterans),
        others,
        sum(each.signatories for each in appeals),
        sum(each.is_sensitive for each in appeals),
    ]


@by_law("L29", Act.OFFICE_WORK, "", Certainty.PARTLY)
def report(now: Sequence[Counted], before: Sequence[Counted], first: date, last: date, organisation: str) -> Sheet:
    """The periodic report, beside the period before."""
    earlier = previous(first, last)
    columns = ("Показник", _period(first, last), _period(*earlier))
    rows = tuple((name, one, other) for name, one, other in zip(REPORT_COLUMNS, _told(now), _told(before), strict=True))
    return Sheet(
        f"Звіт про звернення громадян {_period(first, last)}", organisation, table=Table(columns, rows, _REPORT_SHARES)
    )


def _told(appeals: Sequence[Counted]) -> list[str]:
    """The columns as they are written: what an office has done to the unit, how many people are what they are only if
    they are not few."""
    counted = counts(appeals)
    told = [str(count) for count in counted]
    told[_ABOUT_PERSONS] = [_few(count) for count in counted[_ABOUT_PERSONS]]
    told[-1] = _few(counted[-1])
    return told


def _few(count: int) -> str:
    return f"менше {SMALLEST}" if is_small(count) else str(count)


def previous(first: date, last: date) -> tuple[date, date]:
    """The period of the same length just before."""
    length = last - first + timedelta(days=1)
    return first - length, last - length


_RECEPTION_COLUMNS = (
    "1. Номер",
    "2. Дата прийому",
    "3. Посадова особа, яка веде прийом",
    "4. Дата надходження і перша літера прізвища",
    "5. Порушені питання",
    "6. Прізвище автора",
    "7. Результат розгляду",
    "8. Індекс звернення",
)
_RECEPTION_SHARES = (7, 12, 16, 14, 24, 16, 16, 11)
_APPEAL_COLUMNS = (
    "Реєстраційний індекс",
    "Дата надходження",
    "Кореспондент",
    "Місце проживання",
    "Вид, ознака, форма",
    "Короткий зміст",
    "Виконавець",
    "Термін",
    "Результат",
    "Дата виконання",
)
_APPEAL_SHARES = (12, 11, 12, 12, 13, 21, 11, 9, 9, 10)
_REPORT_SHARES = (56, 22, 22)


def _visit_row(visit: Visit, number: int) -> tuple[str, ...]:
    letter = next((each for each in visit.visitor.upper() if each.isalpha()), "")
    return (
        str(number),
        f"{visit.starts_at:%d.%m.%Y %H:%M}",
        ", ".join(visit.hosts),
        f"{visit.starts_at:%d.%m.%Y} {letter}".strip(),
        visit.topic,
        visit.visitor or "дані вже не зберігаються",
        " ".join(filter(None, [_VISITS[visit.outcome] if visit.outcome else "", visit.note])),
        visit.appeal,
    )


def _appeal_row(appeal: Appeal) -> tuple[str, ...]:
    return (
        appeal.number,
        _day(appeal.received_on),
        appeal.author if appeal.is_named else _HIDDEN,
        appeal.residence if appeal.is_named else "",
        f"{_KINDS[appeal.kind]}, {_REPEATS[appeal.repeat]}, {_CHANNELS[appeal.channel]}",
        appeal.text[:300],
        appeal.executor,
        _day(appeal.due_on),
        _OUTCOMES[appeal.outcome] if appeal.outcome else "",
        _day(appeal.closed_on),
    )


def _where(appeal: Appeal) -> str:
    return ", ".join(filter(None, [appeal.residence, appeal.contact])) if appeal.is_named else _HIDDEN


def _subject(signatories: int) -> str:
    return f"колективне, підписали: {signatories}" if signatories > 1 else "індивідуальне"


def _period(first: date, last: date) -> str:
    return f"{first:%d.%m.%Y}–{last:%d.%m.%Y}"


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""
