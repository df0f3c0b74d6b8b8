from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from kit.pages.language import bind, choose, load

from kit import pages

LANGUAGES = load([Path(pages.__file__).parent / "locale"])


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_dates_are_as_people_here_write_them() -> None:
    uk, en = LANGUAGES["uk"], LANGUAGES["en"]
    evening = datetime(2026, 11, 25, 22, 18, tzinfo=UTC)  # already the 26th in Kyiv
    assert plain(uk.day(evening)) == "26 листопада"
    assert plain(uk.date(date(2026, 11, 26))) == "26 листопада 2026 року"
    assert uk.short(evening) == "26.11"
    assert plain(uk.moment(evening)) == "26 листопада, 00:18"
    assert plain(en.date(evening)) == "26 November 2026"


def test_short_words_stay_with_the_next_one() -> None:
    assert bind("Прийом у вівторок, № 5, 10 хвилин") == "Прийом у\u00a0вівторок, №\u00a05, 10\u00a0хвилин"


@pytest.mark.parametrize(("count", "said"), [(1, "річ"), (3, "речі"), (5, "речей"), (21, "річ")])
def test_ukrainian_counts_in_three_forms(count: int, said: str) -> None:
    counted = LANGUAGES["uk"].ngettext("Виправте, будь ласка, одну річ", "Виправте, будь ласка, %(num)s речі", count)
    assert counted.endswith(said)


@pytest.mark.parametrize(
    ("cookie", "accepted", "code"),
    [
        ("", "", "uk"),
        ("", "de,en-GB;q=0.8,uk;q=0.5", "en"),
        ("", "uk-UA,uk;q=0.9,en;q=0.8", "uk"),
        ("en", "uk", "en"),
        ("xx", "fr;q=nonsense", "uk"),
    ],
)
def test_a_language_is_chosen(cookie: str, accepted: str, code: str) -> None:
    assert choose(cookie, accepted) == code
