"""Translates: venues."""

from uuid import UUID

from kit.call import Call, Hromada
from kit.days import day_or_none, written
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.masks import judge, merged
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from spilno.identity.v1 import venues_pb2 as pb

from identity.venues import actions
from identity.venues.model import Venue

_KNOWN = {pb.PRESENCE_YES: True, pb.PRESENCE_NO: False}


class Venues(Servicer, contract=pb.DESCRIPTOR.services_by_name["Venues"]):
    async def CreateVenue(self, request: pb.CreateVenueRequest, call: Call) -> pb.Venue:
        return _message(call.hromada, await actions.enter(call, _draft(request.venue)))

    async def GetVenue(self, request: pb.GetVenueRequest, call: Call) -> pb.Venue:
        return _message(call.hromada, await actions.find(call, uid(request.name)))

    async def ListVenues(self, request: pb.ListVenuesRequest, call: Call) -> pb.ListVenuesResponse:
        size = request.page_size or DEFAULT_SIZE
        start = start_of(call, request, request.page_token)
        found = await actions.page(call, UUID(start[0]) if start else None, size + 1)
        shown = found[:size]
        more = token_for(call, request, [str(shown[-1].id)]) if len(found) > size else ""
        return pb.ListVenuesResponse(venues=[_message(call.hromada, each) for each in shown], next_page_token=more)

    async def ListOpenVenues(self, request: pb.ListOpenVenuesRequest, call: Call) -> pb.ListOpenVenuesResponse:
        found = await actions.open_ones(call)
        return pb.ListOpenVenuesResponse(venues=[_message(call.hromada, each) for each in found])

    async def UpdateVenue(self, request: pb.UpdateVenueRequest, call: Call) -> pb.Venue:
        held = await actions.hold(call, uid(request.name), request.etag)
        draft = merged(_as_draft(held), request.venue, request.update_mask)
        judge(pb.CreateVenueRequest(parent=call.hromada.name, venue=draft, request_id=str(held.id)))
        return _message(call.hromada, await actions.change(call, held, _draft(draft)))


def _draft(message: pb.VenueDraft) -> actions.Draft:
    return actions.Draft(
        title=message.title,
        title_en=message.title_en,
        address=message.address,
        address_en=message.address_en,
        locator=message.locator,
        neutral_ground=_KNOWN.get(message.neutral_ground),
        own_entrance=_KNOWN.get(message.own_entrance),
        steps=message.steps if message.HasField("steps") else None,
        ramp=_KNOWN.get(message.ramp),
        accessible_toilet=_KNOWN.get(message.accessible_toilet),
        hearing_loop=_KNOWN.get(message.hearing_loop),
        transport=message.transport,
        distances=message.distances,
        closed_on=day_or_none(message.closed_on, "venue.closed_on"),
    )


def _as_draft(venue: Venue) -> pb.VenueDraft:
    return pb.VenueDraft(
        title=venue.title,
        title_en=venue.title_en,
        address=venue.address,
        address_en=venue.address_en,
        locator=venue.locator,
        neutral_ground=_presence(venue.neutral_ground),
        own_entrance=_presence(venue.own_entrance),
        steps=venue.steps,
        ramp=_presence(venue.ramp),
        accessible_toilet=_presence(venue.accessible_toilet),
        hearing_loop=_presence(venue.hearing_loop),
        transport=venue.transport,
        distances=venue.distances,
        closed_on=written(venue.closed_on),
    )


def _presence(known: bool | None) -> "pb.Presence.ValueType":
    if known is None:
        return pb.PRESENCE_UNSPECIFIED
    return pb.PRESENCE_YES if known else pb.PRESENCE_NO


def _message(hromada: Hromada, venue: Venue) -> pb.Venue:
    return pb.Venue(
        name=f"{hromada.name}/venues/{venue.id}",
        title=venue.title,
        title_en=venue.title_en,
        address=venue.address,
        address_en=venue.address_en,
        locator=venue.locator,
        neutral_ground=_presence(venue.neutral_ground),
        own_entrance=_presence(venue.own_entrance),
        steps=venue.steps,
        ramp=_presence(venue.ramp),
        accessible_toilet=_presence(venue.accessible_toilet),
        hearing_loop=_presence(venue.hearing_loop),
        transport=venue.transport,
        distances=venue.distances,
        closed_on=written(venue.closed_on),
        etag=venue.etag,
    )
