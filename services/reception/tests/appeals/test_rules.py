"""The law of appeals, as far as it is built."""

import unicodedata
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Denied, Refused, WrongState
from kit.notices.rules import Channel
from reception.appeals import rules
from reception.appeals.rules import Draft, Standing, State, Wish

WHOLE = Draft("Мешканка Олена", "Татарбунари", "+380971234567", "", "Не світять ліхтарі біля школи")
TEXTS = st.text(max_size=60)


def draft(**changes: Any) -> Draft:
    return replace(WHOLE, **changes)


@given(name=TEXTS, residence=TEXTS, text=TEXTS)
def test_a_cleaned_draft_has_no_controls_and_no_direction_tricks(name: str, residence: str, text: str) -> None:
    cleaned = rules.clean(draft(name=name, residence=residence, text=text))
    for line in (cleaned.name, cleaned.residence, cleaned.text.replace("\n", "")):
        assert not any(unicodedata.category(letter) == "Cc" for letter in line)
        assert not any(
            letter in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for letter in line
        )


@given(name=TEXTS, residence=TEXTS, text=TEXTS)
def test_cleaning_twice_is_cleaning_once(name: str, residence: str, text: str) -> None:
    once = rules.clean(draft(name=name, residence=residence, text=text))
    assert rules.clean(once) == once


def test_the_lines_of_a_text_stay_lines() -> None:
    assert rules.clean(draft(text="Перший рядок\r\n\r\nдругий рядок")).text == "Перший рядок\n\nдругий рядок"


def test_a_soft_hyphenated_ukrainian_apostrophe_stays() -> None:
    assert rules.clean(draft(name="Мар’яна Лук'яненко")).name == "Мар’яна Лук'яненко"


@pytest.mark.parametrize(
    ("missing", "field"),
    [
        ({"name": ""}, "appeal.applicant.name"),
        ({"name": "..."}, "appeal.applicant.name"),
        ({"residence": " "}, "appeal.applicant.residence"),
        ({"text": "ні"}, "appeal.text"),
        ({"phone": ""}, "appeal.applicant.phone"),
    ],
)
def test_a_missing_requisite_of_article_5_is_named(missing: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        rules.check_requisites(rules.clean(draft(**missing)), electronic=True)
    assert refusal.value.field == field


def test_an_oral_appeal_needs_no_contact() -> None:
    rules.check_requisites(draft(phone=""), electronic=False)


def test_an_electronic_appeal_may_be_answered_by_mail_alone() -> None:
    rules.check_requisites(draft(phone="", email="olena@example.org"), electronic=True)


@given(st.sampled_from(State), st.text(max_size=5), st.text(max_size=5))
def test_an_appeal_only_goes_forward(state: State, taken_by: str, by: str) -> None:
    order = list(State)
    standing = Standing(state, taken_by)
    for step in (partial(rules.take, standing), partial(rules.answer, standing, by=by)):
        try:
            reached = step()
        except (WrongState, Denied):
            continue
        assert order.index(reached) == order.index(state) + 1


@given(st.text(alphabet="0123456789", min_size=1), st.text(alphabet=" -–\u00a0."))
def test_a_code_is_its_digits_however_it_is_written(code: str, between: str) -> None:
    assert rules.code_digits(between.join(code)) == code


def test_arabic_digits_are_no_digits_of_a_code() -> None:
    assert rules.code_digits("١٢٣") == ""


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2026, 11, 3), date(2026, 12, 3)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 30), date(2028, 2, 29)),
    ],
)
def test_the_answer_is_due_within_a_month(received: date, last: date) -> None:
    assert rules.answer_by(received) == last


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_what_came_before_the_first_day_in_time_is_overdue_and_nothing_else(today: date, back: int) -> None:
    received = today - timedelta(days=back)
    assert (received < rules.first_in_time(today)) == (rules.answer_by(received) < today)


@pytest.mark.parametrize(
    ("channel", "changes", "offered", "field"),
    [
        (Channel.EMAIL, {}, set(Channel), "appeal.applicant.email"),
        (Channel.SMS, {"phone": ""}, set(Channel), "appeal.applicant.phone"),
        (Channel.SMS, {}, {Channel.EMAIL}, "appeal.notices.channel"),
    ],
)
def test_nobody_is_told_at_an_address_that_they_did_not_give(
    channel: Channel, changes: dict[str, str], offered: set[Channel], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        rules.check_wish(draft(wish=Wish(channel, "uk"), **changes), offered)
    assert refusal.value.field == field


def test_who_wishes_nothing_needs_nothing() -> None:
    rules.check_wish(draft(), ())
    rules.check_wish(draft(wish=Wish(Channel.SMS, "uk")), {Channel.SMS})
