"""The ground of one service under test: its own migrated database, its streams, its kit, and its gRPC server."""

import base64
import secrets
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

import grpc.aio
import pytest
from uuid_utils.compat import uuid7

from kit.auth.authority import Authorisation, Kin, Mailboxes
from kit.bus import streams
from kit.bus.handlers import handlers_in
from kit.call import Call, Caller, Hromada
from kit.database.migrations import migrate
from kit.errors import Missing
from kit.rpc.client import dial
from kit.servers.postgres import Passwords, database_name, provision
from kit.service import Kit, Service
from kit.testing.containers import AnyNats, AnyPostgres
from kit.testing.issuer import Issuer

PASSWORD = secrets.token_urlsafe(12)
PASSWORDS = Passwords(app=PASSWORD, relay=PASSWORD, migrator=PASSWORD)


@dataclass
class Register:
    """Who may do what, as identity would say it: tests of one service write it down instead of asking identity."""

    hromadas: dict[str, UUID] = field(default_factory=dict)
    suspended: set[str] = field(default_factory=set)
    people: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    emails: dict[tuple[str, str], str] = field(default_factory=dict)
    """By hromada and subject; the office's own without one."""
    kins: dict[UUID, Kin] = field(default_factory=dict)
    partners: dict[UUID, str] = field(default_factory=dict)
    """The parties of memoranda in force, with their titles."""

    async def of(self, hromada: str, subject: str) -> Authorisation:
        if hromada and hromada not in self.hromadas:
            raise Missing
        return Authorisation(
            hromada_id=self.hromadas.get(hromada),
            suspended=hromada in self.suspended,
            display_name=f"{subject} of {hromada}",
            permissions=self.people.get((hromada, subject), frozenset()),
            integrator=subject.startswith(f"int.{hromada}."),
            pseudonym=f"pseudonym-of-{subject}" if subject else "",
        )

    async def mailboxes(self, hromada: str, subjects: Collection[str], permission: str) -> Mailboxes:
        those = {who: may for (where, who), may in self.people.items() if where == hromada}
        permitted = {who for who, may in those.items() if permission in may}
        return Mailboxes(
            {
                who: email
                for (where, who), email in self.emails.items()
                if where == hromada and who in those and who in {*subjects, *permitted}
            },
            frozenset(permitted),
            self.emails.get((hromada, ""), ""),
        )

    async def kin(self, hromada: str, organisation: UUID) -> Kin:
        return self.kins.get(organisation, Kin())

    async def partner(self, hromada: str, organisation: UUID, on: date) -> str:
        try:
            return self.partners[organisation]
        except KeyError:
            raise Missing from None


@dataclass
class Ground:
    """A service with everything it stands on."""

    kit: Kit
    service: Service
    register: Register
    postgres: AnyPostgres
    issuer: Issuer
    address: str

    def hromada(self, slug: str) -> Hromada:
        """A hromada of that slug, made the first time."""
        return Hromada(slug, self.register.hromadas.setdefault(slug, uuid7()))

    def staff(self, slug: str, *permissions: str, subject: str | None = None) -> tuple[str, str]:
        """A person who works in the hromada: subject and token."""
        self.hromada(slug)
        who = subject or str(uuid7())
        self.register.people[slug, who] = frozenset(permissions)
        return who, self.issuer.person(who, slug)

    @asynccontextmanager
    async def call(
        self, slug: str, caller: Caller | None = None, *, now: datetime | None = None
    ) -> AsyncIterator[Call]:
        """A call of the service's own verbs in the hromada, at a moment if one is given."""
        async with self.kit.chain.call(caller or Caller("tester"), self.hromada(slug), "uk") as call:
            if now is not None:
                call.now = now
            yield call

    def channel(self) -> grpc.aio.Channel:
        """A channel to the served service; `kit.rpc.client.acting` says as whom."""
        return dial(self.address, None)


def environment(
    name: str, postgres: AnyPostgres, nats: AnyNats, issuer: str, also: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What a service under test is told."""
    database = database_name(name)
    return {
        "SPILNO_ENVIRONMENT": "test",
        "SPILNO_DATABASE_URL": postgres.url(f"{database}_app", PASSWORD, database),
        "SPILNO_RELAY_DATABASE_URL": postgres.url(f"{database}_relay", PASSWORD, database),
        "SPILNO_NATS_URL": nats.url(name),
        "SPILNO_GRPC_ADDRESS": "127.0.0.1:0",
        "SPILNO_ISSUER_URL": issuer,
        "SPILNO_CLIENT_ID": f"svc.{name}",
        "SPILNO_CLIENT_SECRET": PASSWORD,
        "SPILNO_SECRET": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "SPILNO_WEB_URL": "http://localhost:8080",
        **(also or {}),
    }


@asynccontextmanager
async def standing(
    service: Service, postgres: AnyPostgres, nats: AnyNats, issuer: Issuer, also: Mapping[str, str] | None = None
) -> AsyncIterator[Ground]:
    """Prepares a service and serves it in this process: database, streams, relay, handlers, feed, gRPC."""
    name = service.name
    await provision(postgres, name, PASSWORDS)
    await migrate(service.package, postgres.url(f"{database_name(name)}_migrator", PASSWORD, database_name(name)))
    await streams.ensure(nats.url(), name, [one.message for one in handlers_in(service.handlers)])
    register = Register()
    with pytest.MonkeyPatch.context() as patch:
        for key, value in environment(name, postgres, nats, issuer.url, also).items():
            patch.setenv(key, value)
        async with AsyncExitStack() as stack:
            kit = await service.kit(stack)
            kit.chain.authorities = register
            running = await stack.enter_async_context(service.running(kit, "127.0.0.1:0"))
            yield Ground(kit, service, register, postgres, issuer, f"127.0.0.1:{running.port}")


def at(text: str) -> datetime:
    """A moment in UTC, such as "2026-01-30 10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
