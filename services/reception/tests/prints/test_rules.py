"""What stands on each form of CMU 348."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from kit.clock import KYIV
from kit.errors import Refused
from reception.prints import rules
from reception.prints.rules import Appeal, Counted, Visit

OFFICE = "Координаційний офіс безпеки, Татарбунарська громада"
APPEAL = Appeal(
    number="Д-401/2026",
    kind="complaint",
    channel="post",
    repeat="first",
    signatories=1,
    author="Дорошенко Ганна",
    residence="м. Татарбунари, вул. Центральна, 1",
    contact="+380971234567",
    is_named=True,
    categories="7.5 учасник бойових дій",
    status="",
    written_on=date(2026, 1, 28),
    received_on=date(2026, 1, 30),
    sent_from="",
    subjects="9 комунальне господарство",
    text="Не світять ліхтарі.",
    executor="Координатор",
    due_on=date(2026, 2, 27),
    resolution="",
    closed_on=date(2026, 2, 20),
    outcome="granted",
    previous="",
    answered_by="Координатор",
)


@pytest.mark.law("L25")
def test_the_card_has_its_columns_front_and_back() -> None:
    (_, front), (_, back) = rules.appeal_card(APPEAL, OFFICE).parts
    assert (len(front), len(back)) == (16, 9)
    said = dict((*front, *back))
    assert said["Кореспондент"] == "Дорошенко Ганна"
    assert said["Реєстраційний індекс"] == "Д-401/2026"
    assert said["Форма надходження"] == "поштою"
    assert said["Фактично виконано за, днів"] == "21"
    assert said["Результат розгляду"] == "вирішено позитивно"
    assert said["Соціальний стан"] == "не вказано"


@pytest.mark.law("L11")
def test_who_asked_not_to_be_named_is_on_no_form() -> None:
    hidden = replace(APPEAL, is_named=False)
    card = str(rules.appeal_card(hidden, OFFICE))
    journal = str(rules.appeal_journal([hidden], date(2026, 1, 1), date(2026, 1, 31), OFFICE))
    for form in (card, journal):
        assert "Дорошенко" not in form
        assert "Центральна" not in form


@pytest.mark.law("L28")
def test_the_stamp_has_organisation_day_and_number() -> None:
    ((_, stamp),) = rules.receipt(APPEAL, OFFICE).parts
    assert [value for _, value in stamp] == [OFFICE, "30.01.2026", "Д-401/2026"]


@pytest.mark.law("L26")
def test_the_journal_of_receptions_is_in_the_order_of_the_queue() -> None:
    first = Visit(
        starts_at=datetime(2026, 1, 27, 10, tzinfo=KYIV),
        hosts=("Дільничний офіцер", "Керівник офісу"),
        visitor="Дорошенко Ганна",
        topic="Ліхтарі",
        outcome="appeal",
        note="",
        appeal="Д-401/2026",
    )
    forgotten = replace(first, visitor="", topic="", outcome=None, appeal="")
    table = rules.reception_journal([first, forgotten], date(2026, 1, 27), date(2026, 1, 27), OFFICE).table
    assert table is not None
    assert [row[0] for row in table.rows] == ["1", "2"]
    assert table.rows[0][3] == "27.01.2026 Д"
    assert table.rows[0][7] == "Д-401/2026"
    assert table.rows[1][5] == "дані вже не зберігаються"
    card = dict(rules.visit_card(first, 1, OFFICE).parts[0][1])
    assert card["3. Посадова особа, яка веде прийом"] == "Дільничний офіцер, Керівник офісу"


@pytest.mark.law("L29")
def test_the_report_counts_each_appeal_where_it_belongs() -> None:
    appeals = [
        Counted(("1.1", "2.1", "3.2", "5.1", "6.2", "7.4", "9.1"), 1),
        Counted(("1.2", "2.2", "3.3", "5.2", "6.3", "7.8", "9.2"), 12),
        Counted(("1.1.1", "2.1", "3.2", "5.1", "6.3", "7.16"), 1),
        Counted(("1.1", "2.1", "3.1", "5.1", "6.2", "9.5"), 1),
    ]
    assert rules.counts(appeals) == [4, 2, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 15, 0]
    table = rules.report(appeals, [], date(2026, 1, 1), date(2026, 1, 31), OFFICE).table
    assert table is not None
    assert table.columns == ("Показник", "01.01.2026–31.01.2026", "01.12.2025–31.12.2025")
    assert len(table.rows) == len(rules.REPORT_COLUMNS)


def test_the_report_tells_no_small_count_of_who_people_are_or_of_sensitive_cases() -> None:
    few = [Counted(("1.1", "7.8", "9.1"), 1, is_sensitive=True) for _ in range(4)]
    table = rules.report(few, few * 2, date(2026, 1, 1), date(2026, 1, 31), OFFICE).table
    assert table is not None
    said = {name: (now, before) for name, now, before in table.rows}
    assert said["Надійшло звернень, усього"] == ("4", "8"), "what the office has done is told to the unit"
    assert said["7.7–7.9 особи з інвалідністю"] == ("менше 5", "8")
    assert said["Справ з обмеженим доступом, із загальної кількості"] == ("менше 5", "8")


def test_a_period_is_in_its_order_and_a_year_at_the_most() -> None:
    with pytest.raises(Refused) as backwards:
        rules.check_period(date(2026, 2, 1), date(2026, 1, 31))
    with pytest.raises(Refused) as endless:
        rules.check_period(date(2026, 1, 1), date(2027, 1, 3))
    assert (backwards.value.reason, endless.value.reason) == ("print.period-backwards", "print.period-too-long")
    assert backwards.value.field == endless.value.field == "to_day"
