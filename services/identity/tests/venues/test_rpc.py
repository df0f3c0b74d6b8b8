"""Venues over gRPC: what residents are told of the way in."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from identity.testing import Clock, Office, Opened, as_whom
from kit.clock import kyiv_date
from kit.rpc.client import Failure
from spilno.identity.v1 import venues_pb2 as pb
from spilno.identity.v1.venues_pb2_grpc import VenuesStub


def stub(office: Office) -> Any:
    return VenuesStub(office.identity.channel)


async def create(office: Office, **changes: Any) -> pb.Venue:
    said: dict[str, Any] = {"title": "Офіс безпеки", "address": "вул. Центральна, 50, м. Татарбунари", **changes}
    with as_whom(await office.as_head()):
        made: pb.Venue = await stub(office).CreateVenue(
            pb.CreateVenueRequest(parent=office.name, venue=pb.VenueDraft(**said), request_id=str(uuid4()))
        )
    return made


async def shown(office: Office) -> list[str]:
    """What a resident sees."""
    listed = await stub(office).ListOpenVenues(
        pb.ListOpenVenuesRequest(parent=office.name), metadata=await office.identity.resident_of(office)
    )
    return [each.title for each in listed.venues]


async def test_a_venue_is_kept_as_it_was_entered(office: Office) -> None:
    made = await create(office, own_entrance=pb.PRESENCE_YES, hearing_loop=pb.PRESENCE_NO, steps=0)
    with as_whom(await office.as_head()):
        found = await stub(office).GetVenue(pb.GetVenueRequest(name=made.name))
        listed = await stub(office).ListVenues(pb.ListVenuesRequest(parent=office.name))
    assert found == made == listed.venues[0]
    assert (found.own_entrance, found.hearing_loop, found.ramp) == (
        pb.PRESENCE_YES,
        pb.PRESENCE_NO,
        pb.PRESENCE_UNSPECIFIED,
    )
    assert found.HasField("steps")


async def test_steps_that_nobody_has_counted_are_not_told_as_none(office: Office) -> None:
    assert not (await create(office)).HasField("steps")


async def test_residents_see_open_venues_and_not_closed_ones(office: Office) -> None:
    await create(office)
    await create(office, title="Стара кімната", closed_on="2019-01-01")
    assert await shown(office) == ["Офіс безпеки"]


async def test_a_venue_closes_on_its_day(office: Office, clock: Clock) -> None:
    async with office.call() as call:
        tomorrow = kyiv_date(call.now) + timedelta(days=1)
    await create(office, closed_on=tomorrow.isoformat())
    assert await shown(office) == ["Офіс безпеки"]
    clock.move(timedelta(days=1))
    assert await shown(office) == []


async def test_a_residents_list_holds_nothing_of_another_office(office: Office, opened: Opened) -> None:
    await create(await opened(), title="Чужа кімната")
    assert await shown(office) == []


async def test_a_change_says_only_what_its_mask_names(office: Office) -> None:
    made = await create(office, steps=3, ramp=pb.PRESENCE_NO)
    with as_whom(await office.as_head()):
        changed = await stub(office).UpdateVenue(
            pb.UpdateVenueRequest(
                name=made.name,
                etag=made.etag,
                venue=pb.VenueDraft(ramp=pb.PRESENCE_YES),
                update_mask=FieldMask(paths=["ramp"]),
            )
        )
        cleared = await stub(office).UpdateVenue(
            pb.UpdateVenueRequest(name=made.name, etag=changed.etag, update_mask=FieldMask(paths=["steps"]))
        )
    assert (changed.ramp, changed.steps, changed.title) == (pb.PRESENCE_YES, 3, made.title)
    assert not cleared.HasField("steps")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "venue.title"),
        ({"address": ""}, "venue.address"),
        ({"steps": -1}, "venue.steps"),
        ({"ramp": 7}, "venue.ramp"),
        ({"closed_on": "2020-02-30"}, "venue.closed_on"),
    ],
)
async def test_a_mistake_is_told_at_its_field(office: Office, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Failure) as failure:
        await create(office, **changes)
    assert (failure.value.code, set(failure.value.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, {field})
