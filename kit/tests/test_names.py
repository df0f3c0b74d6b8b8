"""Resource names and the ids at their end."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused
from kit.names import SUBJECT, last, pattern_of, uid

APPEAL = pattern_of("hromadas/{hromada}/appeals/{appeal}")


@given(st.text("abyz09", min_size=1, max_size=63), st.uuids())
def test_a_name_is_taken_apart_into_its_ids(slug: str, appeal: UUID) -> None:
    found = APPEAL.fullmatch(f"hromadas/{slug}/appeals/{appeal}")
    assert found is not None
    assert found.groupdict() == {"hromada": slug, "appeal": str(appeal)}


@given(st.text(max_size=40))
def test_nothing_else_is_a_name(text: str) -> None:
    assert APPEAL.fullmatch(f"hromadas/{text}") is None


@given(st.uuids())
def test_the_id_at_the_end_of_a_name_is_read_back(appeal: UUID) -> None:
    assert uid(f"hromadas/tatarbunary/appeals/{appeal}") == appeal


@pytest.mark.parametrize("end", ["", "1", "not-a-uuid", "0" * 31, "0" * 33, "../etc", "ї" * 32])
def test_an_id_that_is_no_uuid_is_refused_at_its_field(end: str) -> None:
    with pytest.raises(Refused) as refusal:
        uid(f"hromadas/tatarbunary/appeals/{end}", "parent")
    assert (refusal.value.field, refusal.value.reason) == ("parent", "name.malformed")


@pytest.mark.parametrize(("name", "end"), [("hromadas/a", "a"), ("a", "a"), ("", ""), ("hromadas/a/", "")])
def test_the_last_word_of_a_name(name: str, end: str) -> None:
    assert last(name) == end


@pytest.mark.parametrize("subject", ["01a204b5-b7a7-71ca-aefe-aca181b3de26", "int.tatarbunary.lighting", "svc.web"])
def test_persons_integrators_and_services_are_subjects(subject: str) -> None:
    assert SUBJECT.fullmatch(subject)


@pytest.mark.parametrize("subject", ["", "a b", "a'b", "a\n", "олена", "x" * 129])
def test_nothing_that_could_be_sql_is_a_subject(subject: str) -> None:
    assert SUBJECT.fullmatch(subject) is None
