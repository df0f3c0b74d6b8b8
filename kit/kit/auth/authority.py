"""What a subject may do in a hromada, by identity's word, kept for two seconds."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol
from uuid import UUID

import grpc
import grpc.aio
from spilno.identity.v1 import authority_pb2 as pb
from spilno.identity.v1 import authority_pb2_grpc as contract

from kit.errors import Away, Missing
from kit.rpc.client import Failure, deadline

_KEPT_SECONDS = 2.0
_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What is true of a subject in a hromada, or on the platform itself."""

    hromada_id: UUID | None
    """None for the platform."""
    suspended: bool = False
    provisioning: bool = False
    """The hromada is on its way: not every service is ready for it."""
    display_name: str = ""
    permissions: frozenset[str] = frozenset()
    until: datetime | None = None
    integrator: bool = False
    pseudonym: str = ""
    """By which the hromada's trail knows the person."""


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """Where staff of a hromada are written to about their work."""

    of: dict[str, str] = field(default_factory=dict)
    """By subject: of those who were asked for and work there now."""
    permitted: frozenset[str] = frozenset()
    """Which of them have the permission that was asked for."""
    office: str = ""
    """The desk's own; empty when the office has none."""


@dataclass(frozen=True, slots=True)
class Kin:
    """What an organisation belongs to, and what belongs to it."""

    parent: UUID | None = None
    units: frozenset[UUID] = frozenset()
    """Its own, theirs, and so on."""


class Authority(Protocol):
    """Whoever knows what a subject may do."""

    async def of(self, hromada: str, subject: str) -> Authorisation:
        """What the subject may do there now.

        Args:
            hromada: the slug; empty for the platform.
            subject: a person's UUID, a client's id, or empty to ask of the hromada alone.

        Raises:
            Missing: there is no such hromada.
            Away: nobody who knows answers; access is denied meanwhile.
        """


class Authorities(Authority, Protocol):
    """Whoever knows that, and what else a service's verbs ask of people and organisations."""

    async def mailboxes(self, hromada: str, subjects: Collection[str], permission: str) -> Mailboxes:
        """Of these subjects, and of whoever has the permission. Asked each time, kept nowhere.

        Raises:
            Missing: there is no such hromada.
            Away: nobody who knows answers.
        """

    async def kin(self, hromada: str, organisation: UUID) -> Kin:
        """Of an organisation of the hromada; of one that is none, nothing.

        Raises:
            Missing: there is no such hromada.
            Away: nobody who knows answers.
        """

    async def partner(self, hromada: str, organisation: UUID, on: date) -> str:
        """The title of an organisation that is a party to a memorandum in force on the day. Asked each time: a party
        may have left today.

        Raises:
            Missing: it is none, or there is no such hromada.
            Away: nobody who knows answers.
        """


class RemoteAuthorities:
    """Asks identity over gRPC."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = contract.AuthorityStub(channel)

    async def of(self, hromada: str, subject: str) -> Authorisation:
        try:
            said = await self._stub.GetAuthority(pb.GetAuthorityRequest(hromada=hromada, subject=subject), timeout=3)
        except Failure as failure:
            if failure.code is grpc.StatusCode.NOT_FOUND:
                raise Missing from failure
            raise Away("identity.away") from failure
        return from_message(said)

    async def mailboxes(self, hromada: str, subjects: Collection[str], permission: str) -> Mailboxes:
        asked = pb.GetMailboxesRequest(hromada=hromada, subjects=subjects, permission=permission)
        try:
            said = await self._stub.GetMailboxes(asked, timeout=3)
        except Failure as failure:
            if failure.code is grpc.StatusCode.NOT_FOUND:
                raise Missing from failure
            raise Away("identity.away") from failure
        return Mailboxes(
            {each.subject: each.email for each in said.staff},
            frozenset(each.subject for each in said.staff if each.permitted),
            said.office,
        )

    async def kin(self, hromada: str, organisation: UUID) -> Kin:
        try:
            said = await self._stub.GetKin(pb.GetKinRequest(hromada=hromada, organisation=str(organisation)), timeout=3)
        except Failure as failure:
            if failure.code is grpc.StatusCode.NOT_FOUND:
                raise Missing from failure
            raise Away("identity.away") from failure
        return Kin(UUID(said.parent) if said.parent else None, frozenset(UUID(each) for each in said.units))

    async def partner(self, hromada: str, organisation: UUID, on: date) -> str:
        asked = pb.GetPartnerRequest(hromada=hromada, organisation=str(organisation), as_of=on.isoformat())
        try:
            return str((await self._stub.GetPartner(asked, timeout=3)).title)
        except Failure as failure:
            if failure.code is grpc.StatusCode.NOT_FOUND:
                raise Missing from failure
            raise Away("identity.away") from failure


def from_message(said: pb.Authorisation) -> Authorisation:
    return Authorisation(
        hromada_id=UUID(said.hromada_id) if said.hromada_id else None,
        suspended=said.suspended,
        provisioning=said.provisioning,
        display_name=said.display_name,
        permissions=frozenset(said.permissions),
        until=said.until.ToDatetime(UTC) if said.HasField("until") else None,
        integrator=said.integrator,
        pseudonym=said.pseudonym,
    )


class Remembered:
    """Keeps each answer for two seconds, and asks once for all who wait for the same one."""

    def __init__(self, source: Authorities) -> None:
        self._source = source
        self._kept: OrderedDict[tuple[str, str], tuple[float, Authorisation]] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Task[Authorisation]] = {}

    async def of(self, hromada: str, subject: str) -> Authorisation:
        key = (hromada, subject)
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() - kept[0] < _KEPT_SECONDS:
            return kept[1]
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._ask(key))
        return await asyncio.shield(task)

    async def mailboxes(self, hromada: str, subjects: Collection[str], permission: str) -> Mailboxes:
        return await self._source.mailboxes(hromada, subjects, permission)

    async def kin(self, hromada: str, organisation: UUID) -> Kin:
        return await self._source.kin(hromada, organisation)

    async def partner(self, hromada: str, organisation: UUID, on: date) -> str:
        return await self._source.partner(hromada, organisation, on)

    def forget(self, hromada: str, subject: str) -> None:
        """What was answered of a subject, or without one of all the hromada, is no longer so."""
        known = [*self._kept, *self._asking]
        for key in [(hromada, subject)] if subject else [key for key in known if key[0] == hromada]:
            self._kept.pop(key, None)
            self._asking.pop(key, None)

    async def _ask(self, key: tuple[str, str]) -> Authorisation:
        deadline.set(None)  # of this task alone: others wait for the answer too
        asked = time.monotonic()
        try:
            answer = await self._source.of(*key)
        finally:
            is_still_so = self._asking.get(key) is asyncio.current_task()
            if is_still_so:
                del self._asking[key]
        if is_still_so:
            self._kept[key] = (asked, answer)
            self._kept.move_to_end(key)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return answer
