"""The demo: two hromadas with their offices, and role accounts to try them with.

Everything is made as a person would make it: the operator signs in at the issuer, opens the offices over the
contract, and each account accepts its invitation.
"""

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
from kit.clock import kyiv_date
from kit.servers.process import ServerTrouble
from spilno.identity.v1 import (
    hromadas_pb2,
    hromadas_pb2_grpc,
    members_pb2,
    members_pb2_grpc,
    provisioning_pb2,
    provisioning_pb2_grpc,
)
from spilno.reception.v1 import maps_pb2, maps_pb2_grpc, officers_pb2, officers_pb2_grpc

from machine import demo_hazards, demo_life, demo_partners, pages
from machine.house import House

_READY_SECONDS = 30.0
_MAP = Path(__file__).with_name("map.geojson")
_NO_MAP = "Умовна схема громади з вигаданими вулицями"
_DEMO = uuid.UUID("3f9a3f0e-7d0c-4d6c-9a8e-51c0a1f0de30")


@dataclass(frozen=True, slots=True)
class Account:
    """A role account; its address is `<mailbox>@<slug>.example.org`."""

    mailbox: str
    display_name: str
    role: "members_pb2.Role.ValueType"


@dataclass(frozen=True, slots=True)
class DemoOffice:
    """A hromada and its office, as residents see it."""

    slug: str
    katotth: str
    office: hromadas_pb2.Office


@dataclass(frozen=True, slots=True)
class Login:
    """What to sign in with."""

    who: str
    email: str
    password: str


OFFICES = (
    DemoOffice(
        slug="tatarbunary",
        katotth="UA51040250000099866",
        office=hromadas_pb2.Office(
            title="Татарбунарська громада",
            title_en="Tatarbunary hromada",
            address="вул. Центральна, 50, м. Татарбунари, 68100",
            address_en="50 Tsentralna Street, Tatarbunary, 68100",
            directions="Кімната в будівлі міської ради, окремий вхід з вулиці, поруч ринок і автостанція",
            directions_en="A room in the city council with an entrance of its own, near the market and the bus station",
            phones=["+380484432124", "+380949623024"],
            email="odesakvu@gmail.com",
        ),
    ),
    DemoOffice(
        slug="kamianets-podilskyi",
        katotth="UA68020110000071202",
        office=hromadas_pb2.Office(
            title="Кам'янець-Подільська громада",
            title_en="Kamianets-Podilskyi hromada",
            address="м. Кам'янець-Подільський, 32300",
            address_en="Kamianets-Podilskyi, 32300",
            phones=["+380800000000"],
        ),
    ),
)

HEAD = Account("head", "Керівник офісу", members_pb2.ROLE_HEAD)
OFFICER = Account("officer", "Дільничний офіцер, дільниця 1", members_pb2.ROLE_DISTRICT_OFFICER)
STAFF = (
    Account("coordinator", "Координатор", members_pb2.ROLE_COORDINATOR),
    OFFICER,
    Account("volunteer", "Черговий волонтер", members_pb2.ROLE_DUTY_VOLUNTEER),
    Account("auditor", "Аудитор", members_pb2.ROLE_AUDITOR),
)


async def ensure(house: House) -> list[Login]:
    """Makes the demo the first time; the logins, each time."""
    done = house.folder / "demo.done"
    if not done.exists():
        operator = await token(house, *house.operator)
        for office in OFFICES:
            await _open_office(house, operator, office)
            house.say(f"demo: {office.slug}")
        await _draw_beat(house, OFFICES[0])
        await _live(house, OFFICES[0])
        await _tell_hazards(house, OFFICES[0])
        done.touch()
    demo_life.end(house)
    return [_login(house, office, account) for office in OFFICES for account in (HEAD, *STAFF)]


async def head_of(house: House, slug: str) -> str:
    """A token of the head of a demo office."""
    office = next(each for each in OFFICES if each.slug == slug)
    login = _login(house, office, HEAD)
    return await token(house, login.email, login.password, slug)


def _login(house: House, office: DemoOffice, account: Account) -> Login:
    password = house.secrets.password(f"demo.{office.slug}.{account.mailbox}")
    return Login(f"{office.slug} {account.mailbox}", f"{account.mailbox}@{office.slug}.example.org", password)


async def token(house: House, email: str, password: str, hromada: str = "") -> str:
    """Signs in as web does; only the redirect back to web is not followed."""
    client = ("web", house.client("web")[1])
    return await pages.sign_in(house.issuer_url, client, f"{house.web_url}/callback", email, password, hromada)


async def _open_office(house: House, operator: str, office: DemoOffice) -> None:
    """The same request ids each time, and what is there is taken as it is: request ids are forgotten when the clock has
    gone on for a day, and a first run that was broken off goes on where it stopped."""
    head = _login(house, office, HEAD)
    async with grpc.aio.insecure_channel(house.grpc_address("identity")) as channel:
        hromadas = hromadas_pb2_grpc.HromadasStub(channel)
        members = members_pb2_grpc.MembersStub(channel)
        with _explained(f"opening {office.slug}"):
            opened = await _unless_there(hromadas.CreateHromada)(
                hromadas_pb2.CreateHromadaRequest(
                    hromada_id=office.slug,
                    katotth=office.katotth,
                    office=office.office,
                    head=members_pb2.MemberDraft(display_name=HEAD.display_name, email=head.email),
                    request_id=_request_id(office, HEAD.mailbox),
                ),
                metadata=_as(operator),
            )
            if opened is not None:
                await pages.accept_invitation(opened.invitation.url, head.password)
            await until_ready(channel, office.slug, operator)
            head_token = await token(house, head.email, head.password, office.slug)
            for account in STAFF:
                login = _login(house, office, account)
                invitation = await _unless_there(members.InviteMember)(
                    members_pb2.InviteMemberRequest(
                        parent=f"hromadas/{office.slug}",
                        member=members_pb2.MemberDraft(display_name=account.display_name, email=login.email),
                        roles=[account.role],
                        request_id=_request_id(office, account.mailbox),
                    ),
                    metadata=_as(head_token),
                )
                if invitation is not None:
                    await pages.accept_invitation(invitation.url, login.password)
            if office.slug == demo_partners.SLUG:
                await demo_partners.enter(channel, office.slug, _as(head_token))


async def _live(house: House, office: DemoOffice) -> None:
    async def tokens() -> tuple[str, str]:
        logins = (_login(house, office, account) for account in (OFFICER, HEAD))
        officer, head = [await token(house, login.email, login.password, office.slug) for login in logins]
        return officer, head

    with _explained(f"two months of {office.slug}"):
        await demo_life.live(house, office.slug, tokens)
    house.say(f"demo: two months of {office.slug}, invented")


async def _draw_beat(house: House, office: DemoOffice) -> None:
    """A beat with its officer, on a map. The streets are invented, and the title and the map say so."""
    head = _login(house, office, HEAD)
    parent, as_head = f"hromadas/{office.slug}", _as(await token(house, head.email, head.password, office.slug))
    async with grpc.aio.insecure_channel(house.grpc_address("reception")) as channel:
        with _explained(f"drawing the beat of {office.slug}"):
            officers: Any = officers_pb2_grpc.OfficersStub(channel)
            cards = officers_pb2.ListOfficerCardsRequest(parent=parent)
            known = (await officers.ListOfficerCards(cards, metadata=as_head)).officers
            officer = next(iter(known), None) or await officers.CreateOfficer(
                officers_pb2.CreateOfficerRequest(
                    parent=parent,
                    officer=officers_pb2.OfficerDraft(
                        display_name="Дільничний офіцер, дільниця 1",
                        kind=officers_pb2.OFFICER_KIND_DISTRICT,
                        phone=office.office.phones[0],
                        public=True,
                        text="Демонстраційна картка. Телефон офісу.",
                    ),
                    request_id=_request_id(office, "officer-card"),
                ),
                metadata=as_head,
            )
            request = officers_pb2.CreateBeatRequest(
                parent=parent,
                beat=officers_pb2.BeatDraft(
                    number=1,
                    title="демонстраційні вулиці",
                    streets=["вул. Зразкова (Прикладна) 1-25 непарні", "вул. Зразкова 2-40 парні", "пров. Вигаданий"],
                    officer=officer.name,
                    area='{"type":"Polygon","coordinates":[[[29.602,45.833],[29.616,45.833],[29.619,45.842],[29.604,45.844],[29.602,45.833]]]}',
                ),
                request_id=_request_id(office, "beat-1"),
            )
            beats: Any = officers_pb2_grpc.BeatsStub(channel)
            if not (await beats.ListBeats(officers_pb2.ListBeatsRequest(parent=parent), metadata=as_head)).beats:
                await beats.CreateBeat(request, metadata=as_head)
        with _explained(f"bringing the map of {office.slug}"):
            brought = maps_pb2.UpdateMapRequest(
                parent=parent, features=_MAP.read_text(encoding="utf-8"), attribution=_NO_MAP, etag="0"
            )
            try:
                await maps_pb2_grpc.MapsStub(channel).UpdateMap(brought, metadata=as_head)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.ABORTED:  # brought before the demo was interrupted
                    raise


async def _tell_hazards(house: House, office: DemoOffice) -> None:
    head = _login(house, office, HEAD)
    as_head = _as(await token(house, head.email, head.password, office.slug))
    async with grpc.aio.insecure_channel(house.grpc_address("reception")) as channel:
        with _explained(f"telling the hazards of {office.slug}"):
            await demo_hazards.enter(channel, as_head, kyiv_date(datetime.now(UTC)))


async def until_ready(channel: grpc.aio.Channel, slug: str, operator: str) -> None:
    """Waits for the hromada's provisioning.

    Raises:
        ServerTrouble: it takes too long; names the services that are waited for.
    """
    provisionings: Any = provisioning_pb2_grpc.ProvisioningsStub(channel)
    asked = provisioning_pb2.GetProvisioningRequest(name=f"hromadas/{slug}/provisioning")
    until = time.monotonic() + _READY_SECONDS
    while not (found := await provisionings.GetProvisioning(asked, metadata=_as(operator))).done:
        if time.monotonic() > until:
            raise ServerTrouble(f"{slug} is not ready: still waiting for {', '.join(found.missing_services)}")
        await asyncio.sleep(0.1)


def _unless_there(verb: Any) -> Any:
    """The verb, which tells nothing when what it would make is there already."""

    async def call(asked: Any, *, metadata: tuple[tuple[str, str], ...]) -> Any:
        try:
            return await verb(asked, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.ALREADY_EXISTS:
                raise
            return None

    return call


def _request_id(office: DemoOffice, what: str) -> str:
    return str(uuid.uuid5(_DEMO, f"{office.slug}/{what}"))


def _as(token: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except grpc.aio.AioRpcError as why:
        raise ServerTrouble(f"The demo failed at {what}: {why.code().name} {why.details()}") from why
