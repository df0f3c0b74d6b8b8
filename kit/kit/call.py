"""A call: what a verb is given, whoever calls it: gRPC, the bus, or a job."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from google.protobuf.message import Message

from kit.audit import Act, Outcome, Record
from kit.auth.authority import Authorities
from kit.clock import kyiv_date
from kit.database import Session
from kit.errors import Away, Denied, Missing
from kit.files import Files
from kit.jobs import queue
from kit.jobs.declared import Verb, name_of
from kit.keys import Keys
from kit.settings import Settings
from kit.vault import Vault


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and what they may do in the call's hromada."""

    subject: str
    """A person's UUID, an integrator's or a service's client id; empty for a resident."""
    display_name: str = ""
    permissions: frozenset[str] = frozenset()
    integrator: bool = False
    service: str = ""
    """The platform's service through which the call came, such as "web"."""
    address: str = ""
    """The person's network address, if web forwarded one; else the peer's."""
    pseudonym: str = ""
    """By which the trail knows the person."""


@dataclass(frozen=True, slots=True)
class Hromada:
    """The hromada of a call."""

    slug: str
    id: UUID

    @property
    def name(self) -> str:
        return f"hromadas/{self.slug}"


@dataclass(slots=True)
class Call:
    """One call of a verb: one transaction, one moment, one caller."""

    caller: Caller
    db: Session
    now: datetime
    locale: str
    keys: Keys
    vault: Vault
    files: Files
    settings: Settings
    authorities: Authorities
    apart: Callable[[], AbstractAsyncContextManager[Session]]
    """Opens a short transaction that stays even if the call is refused."""
    hromada_or_none: Hromada | None = None
    emitted: list[Message] = field(default_factory=list)
    shared: list[tuple[str, dict[str, object] | None]] = field(default_factory=list)
    purpose: str = ""
    """What the caller says the call is for: a short code."""

    @property
    def hromada(self) -> Hromada:
        if self.hromada_or_none is None:
            raise Denied
        return self.hromada_or_none

    @property
    def today(self) -> date:
        """The calendar day in Ukraine."""
        return kyiv_date(self.now)

    def emit(self, event: Message) -> None:
        """Tells the other services, after the commit, what happened."""
        self.emitted.append(event)

    def share(self, key: str, state: dict[str, object] | None) -> None:
        """Puts a state into every service's memory, after the commit, in place of the key's earlier one; None takes the
        key out of it."""
        self.shared.append((key, state))

    async def later(self, verb: Verb, due_at: datetime, key: str, **said: object) -> bool:
        """Has a verb, declared among the service's jobs as `Delayed`, called by itself once it is due.

        Args:
            verb: called with the call and with what is said here, which JSON must be able to hold.
            due_at: not before this moment.
            key: what the job is about. Under one name and key a hromada has one job: asking again changes nothing.

        Returns:
            whether it is new.
        """
        hromada = self.hromada
        return await queue.put(self.db, hromada.id, hromada.slug, name_of(verb), key, said, due_at)

    async def not_later(self, verb: Verb, key: str) -> bool:
        """Takes back what `later` asked for, unless it was done; tells whether there was something."""
        return await queue.take_back(self.db, self.hromada.id, name_of(verb), key)

    def keep(self, method: str, records: Iterable[Record] = (), outcome: Outcome = Outcome.DONE) -> None:
        """Writes into the trail of the transaction's hromada what is being done, and by whom: kept if the call is.

        Raises:
            Away: the caller is a person by no pseudonym yet.
        """
        if self.db.hromada is None:
            raise ValueError("an audited call outside a hromada")
        caller = self.caller
        is_person = bool(caller.subject) and not caller.integrator
        if is_person and not caller.pseudonym:
            raise Away("identity.away")
        subject = caller.pseudonym or caller.subject
        self.db.add(
            Act.done(self.db.hromada, self.now, subject, method, records, purpose=self.purpose, outcome=outcome)
        )

    async def colleague(self, subject: str) -> Caller:
        """Somebody else who works in this hromada now.

        Raises:
            Missing: nobody of that subject does.
            Away: nobody who knows answers.
        """
        found = await self.authorities.of(self.hromada.slug, subject)
        if found.integrator or not found.permissions:
            raise Missing
        return Caller(subject, found.display_name, found.permissions)

    async def partner(self, organisation: UUID) -> str:
        """The title of an organisation that is a party today to a memorandum of this hromada.

        Raises:
            Missing: it is none.
            Away: nobody who knows answers.
        """
        return await self.authorities.partner(self.hromada.slug, organisation, self.today)

    def may(self, permission: str) -> bool:
        return permission in self.caller.permissions
