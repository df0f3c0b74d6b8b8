"""Texts of notices: what may stand in them, and what comes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused
from kit.notices.texts import MOST_SEGMENTS, SIGNATURE, Kind, Text, check, length

READ = Kind("read", {"note": "Привіт", "link": "https://spilno.example.org/n"})
GOOD = Text("Записку прочитано", "{office}: «{note}». {link}", "{office}: {note}")


def refused(text: Text, kind: Kind = READ) -> tuple[str, str]:
    with pytest.raises(Refused) as refusal:
        check(kind, text)
    return refusal.value.field, refusal.value.reason


def test_a_good_text_stays_as_it_is() -> None:
    assert check(READ, GOOD) == GOOD


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (Text("", "так", "так"), "text.subject", "notice.text-missing"),
        (Text("так", " \n ", "так"), "text.body", "notice.text-missing"),
        (Text("так", "так", ""), "text.sms", "notice.text-missing"),
        (Text("{phone}", "так", "так"), "text.subject", "notice.unknown-value"),
        (Text("так", "{note.text}", "так"), "text.body", "notice.stray-brace"),
        (Text("так", "{0}", "так"), "text.body", "notice.stray-brace"),
        (Text("так", "{note!r}", "так"), "text.body", "notice.stray-brace"),
        (Text("так", "{{note}}", "так"), "text.body", "notice.stray-brace"),
        (Text("так", "{note", "так"), "text.body", "notice.stray-brace"),
        (Text("так", "так", "{__class__}"), "text.sms", "notice.unknown-value"),
        (Text("я" * 151, "так", "так"), "text.subject", "notice.text-too-long"),
        (Text("так", "я" * 3001, "так"), "text.body", "notice.text-too-long"),
        (Text("так", "так", "я" * (67 * MOST_SEGMENTS + 1)), "text.sms", "notice.sms-too-long"),
    ],
)
def test_what_cannot_be_told_is_refused_at_its_field(text: Text, field: str, reason: str) -> None:
    assert refused(text) == (field, reason)


def test_a_signature_is_one_line_without_values() -> None:
    assert check(SIGNATURE, Text("", "Офіс\nбезпеки", "")) == Text("", "Офіс безпеки", "")
    assert refused(Text("", "{office}", ""), SIGNATURE) == ("text.body", "notice.unknown-value")


def test_a_value_is_never_read_as_a_text() -> None:
    assert GOOD.filled({"office": "{link}", "note": "{office}", "link": "l"}).sms == "{link}: {office}"


@given(st.text())
def test_no_value_breaks_a_line_or_turns_it_around(value: str) -> None:
    filled = Text("{note}", "{note}", "{note}").filled({"note": f"{value}\r\nBcc: x@example.org\u202e"})
    for said in (filled.subject, filled.body, filled.sms):
        assert said.splitlines() == [said]
        assert not {"\u202e", "\x00", "\r"} & set(said)


@pytest.mark.parametrize(
    ("sms", "units", "segments"),
    [
        ("", 0, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("€" * 80, 160, 1),
        ("я" * 70, 70, 1),
        ("я" * 71, 71, 2),
        ("я" * 134, 134, 2),
        ("я" * 135, 135, 3),
        ("a" * 70 + "я", 71, 2),
        ("🙂", 2, 1),
    ],
)
def test_an_sms_is_counted_as_operators_count_it(sms: str, units: int, segments: int) -> None:
    assert (length(sms).units, length(sms).segments) == (units, segments)
