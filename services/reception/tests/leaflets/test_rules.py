"""What stands on leaflets, in both languages."""

from datetime import date, time

import pytest
from reception.leaflets import rules, writing
from reception.leaflets.rules import Beat, Office, Officer
from reception.receptions.rules import Hours, Schedule

OFFICE = Office("Громада", "вул. Центральна, 50", "", ("+380484432124",), "https://spilno.example/tatarbunary")
OFFICER = Officer("Петренко Іван", "district", "+380971234567", "", "")
MORNING, EVENING = Hours(time(10), time(12)), Hours(time(17), time(19))
SCHEDULE = Schedule(
    ((5, MORNING), (2, EVENING), (2, MORNING)),
    20,
    ("Дільничний офіцер",),
    ((date(2026, 12, 25), (), "Різдво"), (date(2027, 6, 1), (MORNING,), "")),
)
TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(("locale", "day"), [("uk", "Вівторок"), ("en", "Tuesday")])
def test_the_hours_of_a_day_stand_together_in_the_order_of_the_week(locale: str, day: str) -> None:
    assert rules.hours(SCHEDULE, locale)[0] == {"day": day, "hours": "10:00–12:00, 17:00–19:00"}


def test_the_poster_tells_of_changes_ahead_and_not_of_those_of_next_summer() -> None:
    said = rules.poster(OFFICE, SCHEDULE, TODAY, "uk")
    assert said["exceptions"] == [{"day": "25 грудня 2026", "hours": "прийому немає", "note": "Різдво"}]


def test_a_beat_without_a_public_card_is_in_the_booklet_and_names_nobody() -> None:
    beats = [Beat(1, "Центр", ("Татарбунари",), (), OFFICER, date(2026, 5, 1)), Beat(2, "", (), (), None, None)]
    first, second = rules.booklet(OFFICE, beats, SCHEDULE, TODAY, "en")["beats"]
    assert (first["heading"], first["report"]) == ("Beat No. 1, Центр", "Last report to the hromada: 1 May 2026")
    assert second["officer"] is None


def test_a_contact_in_a_qr_code_is_drawn_without_a_phone_too() -> None:
    assert writing.of_contact("Петренко; Іван", "", "a@example.org", OFFICE.link).startswith("<?xml")
