"""A demo whose filling is broken off goes on at the next start, and is as whole as one that nobody touched."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import grpc
from machine import demo, demo_hazards, demo_life, demo_partners
from machine.house import House
from machine.services import Ports
from spilno.identity.v1 import (
    agreements_pb2,
    agreements_pb2_grpc,
    controllers_pb2,
    controllers_pb2_grpc,
    members_pb2,
    members_pb2_grpc,
    organisations_pb2,
    organisations_pb2_grpc,
    projects_pb2,
    projects_pb2_grpc,
    venues_pb2,
    venues_pb2_grpc,
)
from spilno.reception.v1 import (
    appeals_pb2,
    appeals_pb2_grpc,
    duties_pb2,
    duties_pb2_grpc,
    hazards_pb2,
    hazards_pb2_grpc,
    mediations_pb2,
    mediations_pb2_grpc,
    officers_pb2,
    officers_pb2_grpc,
    persons_pb2,
    persons_pb2_grpc,
    referrals_pb2,
    referrals_pb2_grpc,
)

_SECONDS = 240
_PARENT = "hromadas/tatarbunary"


def said(line: str) -> Callable[[House, list[str]], bool]:
    return lambda house, lines: any(line in each for each in lines)


def days_left(most: float) -> Callable[[House, list[str]], bool]:
    """So many days or fewer are to be told yet."""

    def is_there(house: House, lines: list[str]) -> bool:
        clock = house.clock_file
        return clock.exists() and -float(clock.read_text() or "-inf") <= timedelta(days=most).total_seconds()

    return is_there


BROKEN_OFF_AT = (days_left(24.5), said("demo: two months"))
"""Between the days that are told, when request ids of the beginning are forgotten; and among the hazards."""


async def test_a_demo_that_is_broken_off_while_it_is_filled_goes_on(tmp_path: Path) -> None:
    lines = list[str]()
    house = House(tmp_path, Ports.free(), "demo", durable=False, say=lines.append)
    demo_life.begin(house)
    async with house:
        for moment in BROKEN_OFF_AT:
            await break_off(house, partial(moment, house, lines))
        await demo.ensure(house)
        await look_through(house)
    assert not house.clock_file.exists()


async def break_off(house: House, is_there: Callable[[], bool]) -> None:
    """Whoever fills is gone from one moment to the next, as when `make up` is killed."""
    filling = asyncio.create_task(demo.ensure(house))
    async with asyncio.timeout(_SECONDS):
        while not is_there():
            assert not filling.done(), "the demo was filled before it was broken off"
            await asyncio.sleep(0.02)
    filling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await filling


async def look_through(house: House) -> None:
    """All of the demo, each once."""
    as_head = (("authorization", f"Bearer {await demo.head_of(house, 'tatarbunary')}"),)
    async with (
        grpc.aio.insecure_channel(house.grpc_address("identity")) as identity,
        grpc.aio.insecure_channel(house.grpc_address("reception")) as reception,
    ):
        await look_at_partners(identity, as_head)
        await look_at_life(reception, as_head)
        await look_at_help(reception, as_head)
    for office in demo.OFFICES:
        assert await demo.head_of(house, office.slug)


async def look_at_partners(channel: grpc.aio.Channel, as_head: Any) -> None:
    listing: dict[str, Any] = {"metadata": as_head}
    members = members_pb2_grpc.MembersStub(channel)
    found = await members.ListMembers(members_pb2.ListMembersRequest(parent=_PARENT), **listing)
    assert len(found.members) == len((demo.HEAD, *demo.STAFF))
    assert all(each.active for each in found.members)
    asked = organisations_pb2.ListOrganisationsRequest(parent=_PARENT, show_all=True, page_size=500)
    organisations = await organisations_pb2_grpc.OrganisationsStub(channel).ListOrganisations(asked, **listing)
    assert all(many == 1 for many in Counter(each.title for each in organisations.organisations).values())
    assert len(organisations.organisations) == len(demo_partners.PARTNERS) + 1
    stub = agreements_pb2_grpc.AgreementsStub(channel)
    [memorandum] = (
        await stub.ListAgreements(agreements_pb2.ListAgreementsRequest(parent=_PARENT), **listing)
    ).agreements
    signed = await stub.ListSignatories(
        agreements_pb2.ListSignatoriesRequest(parent=memorandum.name, show_all=True), **listing
    )
    assert len(signed.signatories) == len(demo_partners.PARTNERS)
    venues = await venues_pb2_grpc.VenuesStub(channel).ListVenues(
        venues_pb2.ListVenuesRequest(parent=_PARENT), **listing
    )
    projects = await projects_pb2_grpc.ProjectsStub(channel).ListProjects(
        projects_pb2.ListProjectsRequest(parent=_PARENT), **listing
    )
    controllers = await controllers_pb2_grpc.ControllersStub(channel).ListControllers(
        controllers_pb2.ListControllersRequest(parent=_PARENT), **listing
    )
    assert (len(venues.venues), len(projects.projects), len(controllers.controllers)) == (1, 1, 1)


async def look_at_life(channel: grpc.aio.Channel, as_head: Any) -> None:
    stories = demo_life.stories()
    asked = appeals_pb2.ListAppealsRequest(parent=_PARENT, page_size=100)
    found = (await appeals_pb2_grpc.AppealsStub(channel).ListAppeals(asked, metadata=as_head)).appeals
    assert sorted(each.text for each in found) == sorted(each.text for each in stories)
    states = {each.text: each.state for each in found}
    for story in stories:
        expected = (
            appeals_pb2.APPEAL_STATE_ANSWERED
            if story.answered is not None
            else appeals_pb2.APPEAL_STATE_REGISTERED
            if story.taken is None
            else appeals_pb2.APPEAL_STATE_IN_WORK
        )
        assert states[story.text] == expected, story.text
    names = {each.text: each.name for each in found}
    referrals = referrals_pb2_grpc.ReferralsStub(channel)
    for story in (each for each in stories if each.referral is not None):
        asked_of = referrals_pb2.ListReferralsRequest(parent=_PARENT, appeal=names[story.text])
        [referral] = (await referrals.ListReferrals(asked_of, metadata=as_head)).referrals
        assert bool(referral.reply) == (story.referral is not None and story.referral.replied is not None)
    hazards = await hazards_pb2_grpc.HazardsStub(channel).ListHazards(
        hazards_pb2.ListHazardsRequest(parent=_PARENT, page_size=100), metadata=as_head
    )
    told = Counter((each.address, each.category) for each in demo_hazards.TOLD)
    assert Counter((each.hazard.address, each.hazard.category) for each in hazards.hazards) == told
    assert hazards.waiting == demo_hazards.WAITING


async def look_at_help(channel: grpc.aio.Channel, as_head: Any) -> None:
    officers = await officers_pb2_grpc.OfficersStub(channel).ListOfficerCards(
        officers_pb2.ListOfficerCardsRequest(parent=_PARENT), metadata=as_head
    )
    beats = await officers_pb2_grpc.BeatsStub(channel).ListBeats(
        officers_pb2.ListBeatsRequest(parent=_PARENT), metadata=as_head
    )
    assert (len(officers.officers), len(beats.beats)) == (1, 1)
    asked = duties_pb2.ListDutiesRequest(parent=_PARENT)
    duties = await duties_pb2_grpc.DutiesStub(channel).ListDuties(asked, metadata=as_head)
    assert len(duties.held) == 2
    assert sum(each.HasField("planned") for each in duties.standings) == 1
    persons = persons_pb2_grpc.PersonsStub(channel)
    requests = await persons.ListPersonRequests(persons_pb2.ListPersonRequestsRequest(parent=_PARENT), metadata=as_head)
    states = sorted(each.request.state for each in requests.requests)
    assert states == [persons_pb2.PERSON_REQUEST_STATE_OPEN, persons_pb2.PERSON_REQUEST_STATE_GRANTED]
    holds = await persons.ListHolds(persons_pb2.ListHoldsRequest(parent=_PARENT), metadata=as_head)
    assert len(holds.holds) == 1
    mediating = mediations_pb2_grpc.MediationsStub(channel)
    [listed] = (
        await mediating.ListMediations(mediations_pb2.ListMediationsRequest(parent=_PARENT), metadata=as_head)
    ).mediations
    seen = mediations_pb2.GetMediationRequest(name=listed.name, purpose=mediations_pb2.MEDIATION_PURPOSE_MEETING)
    case = await mediating.GetMediation(seen, metadata=as_head)
    assert [each.consent for each in case.parties] == [mediations_pb2.CONSENT_GIVEN] * 2
    assert all(each.signed_on for each in case.parties)
    assert (len(case.meetings), len(case.follow_ups)) == (1, 2)
    assert len(case.staff) == 1
