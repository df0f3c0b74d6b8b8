"""The law of appeals, as far as it is built."""

import unicodedata
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Denied, Refused, WrongState
from kit.notices.rules import Channel
from reception.appeals import rules
from reception.appeals.rules import (
    Body,
    Draft,
    Outcome,
    Particulars,
    Priority,
    Requisite,
    Resolution,
    Standing,
    State,
    Wish,
)

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
    order = [State.REGISTERED, State.IN_WORK, State.ANSWERED]
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


@pytest.mark.law("L3")
@pytest.mark.parametrize(
    ("changes", "is_written", "is_electronic", "missing"),
    [
        ({}, False, False, set()),
        ({"phone": ""}, False, True, {Requisite.CONTACT}),
        ({"name": "", "residence": ""}, False, False, {Requisite.NAME, Requisite.RESIDENCE}),
        ({}, True, False, {Requisite.SIGNATURE, Requisite.DATE}),
        ({"text": "ні"}, False, False, {Requisite.SUBSTANCE}),
    ],
)
def test_what_an_appeal_lacks_of_article_5_is_named(
    changes: dict[str, str], is_written: bool, is_electronic: bool, missing: set[Requisite]
) -> None:
    found = rules.missing_requisites(
        draft(**changes), is_signed=False, is_dated=False, is_written=is_written, is_electronic=is_electronic
    )
    assert found == missing


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


@pytest.mark.law("L4")
@pytest.mark.parametrize(
    ("changes", "is_written", "is_signed", "is_anonymous"),
    [
        ({}, True, True, False),
        ({}, True, False, True),
        ({"residence": ""}, True, True, True),
        ({"name": ""}, True, True, True),
        ({}, False, False, False),
        ({"text": "ні"}, True, True, False),
    ],
)
def test_anonymous_is_what_is_written_and_whose_author_nobody_can_tell(
    changes: dict[str, str], is_written: bool, is_signed: bool, is_anonymous: bool
) -> None:
    assert rules.is_anonymous(draft(**changes), is_written=is_written, is_signed=is_signed) is is_anonymous


@pytest.mark.law("L10")
def test_the_head_deals_in_person_with_whom_the_law_names_and_the_highest_privilege_counts() -> None:
    privileged = {"7.4": Priority.HEAD, "7.5": Priority.FIRST, "7.6": Priority.NORMAL}
    assert rules.priority(["7.5", "7.4"], privileged) is Priority.HEAD
    assert rules.priority(["7.5", "7.6"], privileged) is Priority.FIRST
    assert rules.priority(["7.6", "8.1"], privileged) is Priority.NORMAL
    assert rules.priority([], privileged) is Priority.NORMAL


@pytest.mark.law("L11")
@given(st.booleans(), st.booleans(), st.booleans())
def test_who_asked_not_to_be_named_is_known_to_those_who_resolve_it_alone(
    is_holder: bool, is_head: bool, is_untaken: bool
) -> None:
    known = rules.may_know_whose(conceals=True, is_holder=is_holder, is_head=is_head, is_untaken=is_untaken)
    assert known == (is_holder or is_head or is_untaken)
    assert rules.may_know_whose(conceals=False, is_holder=is_holder, is_head=is_head, is_untaken=is_untaken)


@pytest.mark.law("L14")
@pytest.mark.parametrize(
    ("ground", "procedure", "field"),
    [("", "До суду протягом місяця", "legal_ground"), ("Стаття 12 Закону", "  ", "appeal_procedure")],
)
def test_a_refusal_names_its_law_and_how_to_appeal(ground: str, procedure: str, field: str) -> None:
    said = Resolution("Не можемо виконати прохання.", Outcome.REFUSED, ground, procedure)
    with pytest.raises(Refused) as refusal:
        rules.resolve(said)
    assert refusal.value.field == field
    rules.resolve(Resolution(said.text, Outcome.GRANTED))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Particulars(received_on=date(2026, 1, 31)), "particulars.received_on"),
        (Particulars(received_on=date(2026, 1, 29), written_on=date(2026, 1, 30)), "particulars.written_on"),
        (Particulars(sent_on=date(2026, 1, 31)), "particulars.sent_from.date"),
        (Particulars(complained_of=Body(UUID(int=1), "Рада")), "particulars.complained_of"),
    ],
)
def test_days_in_the_wrong_order_and_a_body_without_a_complaint_are_told_at_their_field(
    said: Particulars, field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        rules.check_particulars(said, date(2026, 1, 30), is_complaint=False)
    assert refusal.value.field == field
