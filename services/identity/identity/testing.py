"""People, portals and systems that come to identity: what tests are told with."""

import asyncio
import base64
import hashlib
import json
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import grpc.aio
import httpx
import pyotp
from kit.auth.authority import Authorisation
from kit.call import Call, Caller, Hromada
from kit.rpc.client import SERVICE, Acting, acting
from kit.service import Kit
from kit.testing.ground import PASSWORD
from spilno.identity.v1 import (
    authority_pb2_grpc,
    hromadas_pb2,
    hromadas_pb2_grpc,
    integrators_pb2_grpc,
    members_pb2,
    members_pb2_grpc,
    provisioning_pb2,
    provisioning_pb2_grpc,
)

from identity.authority.actions import authorisation
from identity.hromadas import actions as hromadas
from identity.persons import actions as persons

WEB = "http://localhost:8080"
CALLBACK = f"{WEB}/callback"
_TLS = httpx.create_ssl_context()
"""Made once: each client would make its own, which takes longer than a sign-in."""
PORTAL = ("web", PASSWORD)
OPERATOR = ("operator@platform.example.org", "a first password of the platform")


@dataclass
class Clock:
    """The clock of identity, moved by a file."""

    file: Path

    def move(self, by: timedelta) -> None:
        self.file.write_text(str(by.total_seconds()))


@dataclass(frozen=True)
class Person:
    email: str
    password: str


@dataclass
class Asked:
    """An authorization request of the portal."""

    scope: str = "openid"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    changes: dict[str, str | None] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        said: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "web",
            "redirect_uri": CALLBACK,
            "scope": self.scope,
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **self.changes,
        }
        return {name: value for name, value in said.items() if value is not None}


class Visitor:
    """A person with a browser at the issuer, and a network address of their own: from one, attempts are counted."""

    def __init__(self, issuer: str) -> None:
        headers = {"accept-language": "en", "x-forwarded-for": str(IPv6Address(0xFC << 120 | secrets.randbits(64)))}
        self.client = httpx.AsyncClient(base_url=issuer, trust_env=False, verify=_TLS, headers=headers, timeout=60)

    async def ask(self, asked: Asked) -> httpx.Response:
        """Goes to the authorization endpoint; follows redirects within the issuer."""
        return await self.within(await self.client.get("/authorize", params=asked.query))

    async def sign_in(self, asked: Asked, person: Person) -> httpx.Response:
        """From the portal's link over the sign-in page back to the portal, which is not followed."""
        page = await self.ask(asked)
        if page.is_redirect:
            return page
        return await self.within(await self.fill(page, email=person.email, password=person.password))

    async def fill(self, page: httpx.Response, **values: str) -> httpx.Response:
        """Sends the page's form."""
        return await self.client.post(page.url, data={"proof": proof_in(page), **values})

    async def accept(self, url: str, password: str) -> httpx.Response:
        """Opens an invitation and sets, or tells, a password."""
        page = await self.client.get(url)
        return await self.fill(page, password=password, again_password=password)

    async def within(self, page: httpx.Response) -> httpx.Response:
        while page.is_redirect and not page.headers["location"].startswith(WEB):
            page = await self.client.get(page.headers["location"])
        return page


def proof_in(page: httpx.Response) -> str:
    found = re.search(r'name="proof" value="([^"]+)"', page.text)
    if found is None:
        raise AssertionError(f"{page.status_code} {page.url} has no form")
    return found[1]


def answer_in(back: httpx.Response) -> dict[str, str]:
    """What the issuer tells the portal in its redirect."""
    if not back.headers.get("location", "").startswith(CALLBACK):
        raise AssertionError(f"{back.status_code} {back.url} does not lead back to the portal")
    return {name: values[0] for name, values in parse_qs(urlsplit(back.headers["location"]).query).items()}


def claims_in(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    body = token.split(".")[1]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return said


@dataclass
class Identity:
    """The served service, and the ways to it."""

    kit: Kit
    issuer: str
    channel: grpc.aio.Channel
    clock: Clock
    hromadas: "hromadas_pb2_grpc.HromadasAsyncStub"
    members: "members_pb2_grpc.MembersAsyncStub"
    integrators: "integrators_pb2_grpc.IntegratorsAsyncStub"
    authority: "authority_pb2_grpc.AuthorityAsyncStub"

    def visitor(self) -> Visitor:
        return Visitor(self.issuer)

    async def post(self, path: str, data: dict[str, str], auth: tuple[str, str] | None = PORTAL) -> httpx.Response:
        """A post of a client of the protocol."""
        async with httpx.AsyncClient(base_url=self.issuer, trust_env=False, verify=_TLS, timeout=60) as client:
            return await client.post(path, data=data, auth=auth if auth is not None else httpx.USE_CLIENT_DEFAULT)

    async def exchange(self, code: str, verifier: str, **changes: str) -> httpx.Response:
        """A code for tokens, as the portal."""
        said = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}
        return await self.post("/token", {**said, **changes})

    async def refresh(self, token: str) -> httpx.Response:
        return await self.post("/token", {"grant_type": "refresh_token", "refresh_token": token})

    async def tokens(self, person: Person, organization: str = "", visitor: Visitor | None = None) -> dict[str, Any]:
        """A person signs in through the pages."""
        asked = Asked(f"openid organization:{organization}" if organization else "openid")
        back = await (visitor or self.visitor()).sign_in(asked, person)
        answer = await self.exchange(answer_in(back)["code"], asked.verifier)
        tokens: dict[str, Any] = answer.raise_for_status().json()
        return tokens

    async def client_token(self, client_id: str, secret: str) -> str:
        answer = await self.post("/token", {"grant_type": "client_credentials"}, (client_id, secret))
        return str(answer.raise_for_status().json()["access_token"])

    async def operator(self) -> str:
        return str((await self.tokens(Person(*OPERATOR)))["access_token"])

    @property
    def provisionings(self) -> Any:
        return provisioning_pb2_grpc.ProvisioningsStub(self.channel)

    @property
    def templates(self) -> Any:
        return provisioning_pb2_grpc.TemplatesStub(self.channel)

    @asynccontextmanager
    async def call(self, hromada: Hromada | None = None, caller: Caller | None = None) -> AsyncIterator[Call]:
        """A call of a verb, without gRPC around it."""
        async with self.kit.chain.call(caller or Caller("tester"), hromada, "uk") as call:
            yield call

    async def resident_of(self, office: "Office") -> tuple[tuple[str, str], ...]:
        """The metadata of web's own calls, as for a resident."""
        return ((SERVICE, f"Bearer {await self.client_token('svc.web', PASSWORD)}"),)


@dataclass(frozen=True)
class Office:
    """A hromada with a head who has accepted."""

    slug: str
    katotth: str
    etag: str
    head: Person
    identity: Identity
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"hromadas/{self.slug}"

    async def authorisation(self, email: str) -> Authorisation:
        """What the person of an address may do in the office at this moment: nobody remembers an earlier answer."""
        async with self.identity.call() as call:
            person = await persons.find(call.db, email)
            return await authorisation(call, self.slug, str(person.id) if person else "")

    @asynccontextmanager
    async def call(self) -> AsyncIterator[Call]:
        """A call of a verb in the hromada, without gRPC around it."""
        async with self.identity.call() as outside:
            hromada = (await hromadas.find(outside.db, self.slug)).as_called()
        async with self.identity.call(hromada) as call:
            yield call

    async def as_head(self) -> str:
        """The head's access token; the same for as long as a test lasts."""
        if "head" not in self._tokens:
            self._tokens["head"] = str((await self.identity.tokens(self.head, self.slug))["access_token"])
        return self._tokens["head"]

    async def invitation(self, email: str, *roles: "members_pb2.Role.ValueType", **more: Any) -> members_pb2.Invitation:
        """The head invites somebody."""
        with as_whom(await self.as_head()):
            invitation: members_pb2.Invitation = await self.identity.members.InviteMember(
                members_pb2.InviteMemberRequest(
                    parent=self.name,
                    member=members_pb2.MemberDraft(display_name="Дільничний офіцер", email=email),
                    roles=roles or [members_pb2.ROLE_DISTRICT_OFFICER],
                    request_id=str(uuid4()),
                    **more,
                )
            )
        return invitation

    async def member(self, *roles: "members_pb2.Role.ValueType", **more: Any) -> tuple[Person, members_pb2.Member]:
        """Somebody who was invited and has accepted."""
        person = Person(f"{uuid4().hex}@example.org", secrets.token_urlsafe(16))
        invitation = await self.invitation(person.email, *roles, **more)
        (await self.identity.visitor().accept(invitation.url, person.password)).raise_for_status()
        return person, invitation.member


Opened = Callable[[], Awaitable[Office]]
"""Opens an office that is nobody else's."""


def secret_in(page: httpx.Response) -> str:
    """The app's secret that a page shows."""
    found = re.search(r'<code class="secret">([^<]+)</code>', page.text)
    if found is None:
        raise AssertionError(f"{page.status_code} {page.url} shows no secret")
    return found[1].replace(" ", "")


def codes_in(page: httpx.Response) -> list[str]:
    """The recovery codes that a page shows."""
    return re.findall(r"<li><code>([0-9 ]+)</code></li>", page.text)


def now_code(office: Office, secret: str, steps: int = 1) -> str:
    """What the app shows in half a minute, which is taken already; 0: what it shows now."""
    moment = office.identity.kit.clock.now() + timedelta(seconds=30 * steps)
    return pyotp.TOTP(secret).at(moment)


async def signed_in(office: Office, person: Person) -> Visitor:
    """A browser in which the person is signed in."""
    visitor = office.identity.visitor()
    await visitor.sign_in(Asked(f"openid organization:{office.slug}"), person)
    return visitor


async def enrolled(office: Office, person: Person) -> tuple[Visitor, str, list[str]]:
    """A person with an app, its secret, and the recovery codes."""
    visitor = await signed_in(office, person)
    page = await visitor.client.get("/account/app")
    secret = secret_in(page)
    done = await visitor.fill(page, code=now_code(office, secret, 0))
    return visitor, secret, codes_in(done)


@contextmanager
def as_whom(token: str | None, locale: str = "en") -> Iterator[None]:
    before = acting.set(Acting(token, locale))
    try:
        yield
    finally:
        acting.reset(before)


async def ready(identity: Identity, slug: str, operator: str) -> str:
    """Waits for a hromada's provisioning; tells the hromada's etag."""
    asked = provisioning_pb2.GetProvisioningRequest(name=f"hromadas/{slug}/provisioning")
    async with asyncio.timeout(60):
        with as_whom(operator):
            found = await identity.provisionings.GetProvisioning(asked)
            while not found.done:
                await asyncio.sleep(0.05)
                found = await identity.provisionings.GetProvisioning(asked)
            hromada = await identity.hromadas.GetHromada(hromadas_pb2.GetHromadaRequest(name=f"hromadas/{slug}"))
    return str(hromada.etag)


def a_katotth() -> str:
    """The code of some hromada that nobody else has."""
    return f"UA5104{secrets.randbelow(999) + 1:03}00000{secrets.randbelow(100_000):05}"


def an_office(slug: str | None = None, **changes: Any) -> hromadas_pb2.CreateHromadaRequest:
    """A request that opens an office."""
    said: dict[str, Any] = {
        "hromada_id": slug or f"h-{uuid4().hex[:12]}",
        "katotth": a_katotth(),
        "office": hromadas_pb2.Office(
            title="Татарбунарська громада",
            title_en="Tatarbunary hromada",
            address="вул. Центральна, 50, м. Татарбунари, 68100",
            phones=["+380484432124"],
        ),
        "head": members_pb2.MemberDraft(display_name="Керівник офісу", email=f"{uuid4().hex}@example.org"),
        "request_id": str(uuid4()),
        **changes,
    }
    return hromadas_pb2.CreateHromadaRequest(**said)
