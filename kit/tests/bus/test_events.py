"""Events: what follows from a message alone: its subject on the bus, its id, its headers."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.bus import events
from sample.contract import NoteEvent, NoteMended, NoteWritten
from spilno.identity.v1 import events_pb2 as identity
from spilno.reception.v1 import events_pb2 as reception

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
ALL = [
    *(message for name, message in vars(identity).items() if name.startswith(("Hromada", "Member"))),
    *(message for name, message in vars(reception).items() if name.startswith("Appeal")),
]
TOLD = [message for message in ALL if not message.DESCRIPTOR.name.endswith("Event")]

slugs = st.text("abyz09-", min_size=1, max_size=38).map(lambda middle: f"h{middle}a")
names = st.builds(lambda slug, uuid: f"hromadas/{slug}/notes/{uuid}", slugs, st.uuids())
versions = st.integers(min_value=1, max_value=2**63 - 1)


def written(name: str, version: int = 1) -> Any:
    return NoteWritten(note=NoteEvent(name=name, version=version))


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        (reception.AppealRegistered, "ev.reception.tatarbunary.appeal.registered"),
        (identity.HromadaCreated, "ev.identity.tatarbunary.hromada.created"),
        (identity.MemberRevoked, "ev.identity.tatarbunary.member.revoked"),
        (NoteWritten, "ev.kit.tatarbunary.note.written"),
    ],
)
def test_an_event_travels_on_the_subject_of_its_service_hromada_noun_and_verb(message: Any, subject: str) -> None:
    assert events.subject_of(message, "tatarbunary") == subject


def test_a_subject_of_any_hromada_has_a_star_in_its_place() -> None:
    assert events.subject_of(reception.AppealTaken) == "ev.reception.*.appeal.taken"


words = st.lists(st.text("abyz", min_size=1, max_size=9).map(str.capitalize), min_size=1, max_size=3)


@given(slugs, words, words)
def test_a_noun_and_a_verb_of_several_words_are_told_apart(slug: str, noun: list[str], verb: list[str]) -> None:
    field = SimpleNamespace(name="_".join(noun).lower())
    name = "".join([*noun, *verb])
    message: Any = SimpleNamespace(
        DESCRIPTOR=SimpleNamespace(name=name, full_name=f"spilno.kit.v1.{name}", fields=[field])
    )
    assert events.subject_of(message, slug) == f"ev.kit.{slug}.{'-'.join(noun)}.{'-'.join(verb)}".lower()


def test_the_contract_has_events() -> None:
    assert len(TOLD) >= 8


@pytest.mark.parametrize("message", TOLD, ids=lambda message: message.DESCRIPTOR.full_name)
def test_every_event_of_the_contract_has_a_subject_of_five_words(message: Any) -> None:
    assert re.fullmatch(r"ev(\.[a-z][a-z-]*){4}", events.subject_of(message, "tatarbunary"))


@pytest.mark.parametrize("message", TOLD, ids=lambda message: message.DESCRIPTOR.full_name)
def test_every_event_of_the_contract_names_what_it_happened_to_and_its_version(message: Any) -> None:
    assert {"name", "version"} <= set(message.DESCRIPTOR.fields[0].message_type.fields_by_name)


@given(names, versions)
def test_the_same_event_made_again_has_the_same_id(name: str, version: int) -> None:
    again = events.make(written(name, version), NOW + timedelta(days=3))
    assert events.make(written(name, version), NOW).id == again.id


@given(names, versions, names, versions)
def test_another_resource_or_version_has_another_id(name: str, version: int, other: str, later: int) -> None:
    same = (name, version) == (other, later)
    assert (events.make(written(name, version), NOW).id == events.make(written(other, later), NOW).id) == same


@given(names)
def test_another_kind_of_event_has_another_id(name: str) -> None:
    mended = NoteMended(note=NoteEvent(name=name, version=1))
    assert events.make(mended, NOW).id != events.make(written(name), NOW).id


def test_an_id_is_the_same_in_every_release() -> None:
    event = events.make(written("hromadas/tatarbunary/notes/01a204b5-b7a7-71ca-aefe-aca181b3de26"), NOW)
    assert event.id == UUID("0ecad17e-0419-53c3-9949-30a66006e421")


@given(names)
def test_the_hromada_of_an_event_is_that_of_the_name(name: str) -> None:
    assert events.make(written(name), NOW).bus_subject.split(".")[2] == name.split("/")[1]


@given(names)
def test_the_bus_knows_a_repetition_by_the_events_id(name: str) -> None:
    event = events.make(written(name), NOW)
    assert event.headers["Nats-Msg-Id"] == event.headers["ce-id"] == str(event.id)


@given(names, st.datetimes(timezones=st.just(UTC)))
def test_headers_are_text_without_line_breaks(name: str, time: datetime) -> None:
    headers = events.make(written(name), time).headers
    assert all(value.isascii() and value.isprintable() for value in headers.values())


@given(st.datetimes(timezones=st.just(UTC)))
def test_the_time_of_an_event_can_be_read_back(time: datetime) -> None:
    assert datetime.fromisoformat(events.make(written("hromadas/a/notes/b"), time).headers["ce-time"]) == time


@pytest.mark.parametrize(("service", "stream"), [("reception", "EV_RECEPTION"), ("cctv-gateway", "EV_CCTV_GATEWAY")])
def test_a_stream_is_named_for_its_service(service: str, stream: str) -> None:
    assert events.stream_of(service) == stream


def test_a_service_of_two_words_is_spelled_with_a_dash() -> None:
    assert events.service_of("spilno.cctv_gateway.v1.IncidentLogged") == "cctv-gateway"
