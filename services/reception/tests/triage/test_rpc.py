"""What is kept outside the register, over gRPC."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import grpc
import pytest
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import triage_pb2 as pb
from spilno.reception.v1.triage_pb2_grpc import TriageStub

Opened = Callable[[], Awaitable[str]]


@pytest.fixture
async def office(reception: Ground, opened: Opened) -> AsyncIterator[tuple[Any, str]]:
    """The triage of an office, as its officer uses it, and the office's name."""
    slug = await opened()
    before = acting.set(Acting(reception.staff(slug, "appeals.register", "appeals.take")[1], "uk"))
    async with reception.channel() as channel:
        yield TriageStub(channel), f"hromadas/{slug}"
    acting.reset(before)


async def test_an_anonymous_letter_is_kept_outside_the_register(office: tuple[Any, str]) -> None:
    triage, parent = office
    asked = pb.RecordTipRequest(
        parent=parent,
        area=appeals_pb2.SAFETY_AREA_ORDER,
        text="На розі щовечора продають щось підліткам.",
        request_id=str(uuid4()),
    )
    first, again = await triage.RecordTip(asked), await triage.RecordTip(asked)
    assert first == again, "the same request is the same tip"
    (tip,) = (await triage.ListTips(pb.ListTipsRequest(parent=parent))).tips
    assert tip.text == asked.text


async def test_a_crime_is_handed_over_and_nothing_of_it_is_kept(office: tuple[Any, str]) -> None:
    triage, parent = office
    suggested = await triage.SuggestTracks(pb.SuggestTracksRequest(parent=parent, text="У мене вкрали велосипед."))
    assert list(suggested.tracks) == [pb.TRACK_CRIME]
    await triage.RecordHandover(
        pb.RecordHandoverRequest(
            parent=parent,
            track=pb.TRACK_CRIME,
            unit="Відділення поліції № 1",
            record_number="ЄО 1234",
            request_id=str(uuid4()),
        )
    )
    (handover,) = (await triage.ListHandovers(pb.ListHandoversRequest(parent=parent))).handovers
    assert (handover.unit, handover.record_number) == ("Відділення поліції № 1", "ЄО 1234")
    assert handover.due_at.seconds - handover.handed_at.seconds == 24 * 3600


@pytest.mark.parametrize(
    ("change", "field"), [({"unit": "—" * 3}, "unit"), ({"unit": "я" * 10_000}, "unit"), ({"track": 77}, "track")]
)
async def test_a_handover_that_says_too_little_or_too_much_is_told_at_its_field(
    office: tuple[Any, str], change: dict[str, Any], field: str
) -> None:
    triage, parent = office
    said: dict[str, Any] = {"track": pb.TRACK_CRIME, "unit": "Поліція", "request_id": str(uuid4()), **change}
    with pytest.raises(Failure) as failure:
        await triage.RecordHandover(pb.RecordHandoverRequest(parent=parent, **said))
    assert (failure.value.code, list(failure.value.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, [field])
