"""Rows as they are made."""

from typing import Any

import pytest
from sample.model import Mood, Note


def test_a_row_holds_what_is_said_and_the_defaults_of_the_rest() -> None:
    note = Note(text="a note")
    assert (note.text, note.mood, note.mood_after, note.times_read, note.version) == ("a note", Mood.GLAD, None, 0, 1)


def test_two_rows_share_no_default_that_can_change() -> None:
    one, other = Note(text="one"), Note(text="other")
    one.tags.append("changed")
    assert other.tags == []


def test_each_row_has_an_id_of_its_own() -> None:
    assert Note(text="one").id != Note(text="other").id


def test_a_name_that_the_table_does_not_have_is_refused() -> None:
    said: dict[str, Any] = {"text": "a note", "weight": 1, "colour": "red"}
    with pytest.raises(TypeError, match="Note has no colour, weight"):
        Note(**said)
