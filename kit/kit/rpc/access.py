"""Access as the contract declares it on each method: one place decides, for every service."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from re import Pattern

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from spilno.contract.v1 import contract_pb2

from kit.audit import Record
from kit.auth.authority import Authorisation, Authority
from kit.auth.tokens import Bearer
from kit.call import Caller, Hromada
from kit.clock import Clock
from kit.errors import Denied, Missing, Refused, Unknown, WrongState
from kit.names import pattern_of

WEB = "web"
"""The portals: the one service that speaks for residents, and whose word on a person's address is taken."""


_SOON = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Callers:
    """Who stands behind a call: the one who acts, and the service it came through."""

    principal: Bearer | None
    through: Bearer | None
    address: str

    @property
    def service(self) -> str:
        """The platform's service that calls or passes the call on; empty when none does."""
        if self.through is not None:
            return self.through.service
        return self.principal.service if self.principal is not None else ""

    @property
    def subject(self) -> str:
        """The person or integrator who acts; empty when a service does so in its own name."""
        return self.principal.subject if self.principal is not None and not self.principal.service else ""

    @property
    def home(self) -> str:
        """The hromada whose token the one who acts has shown; empty for a service, an operator, a resident."""
        return self.principal.hromada if self.principal is not None and self.subject else ""


@dataclass(frozen=True)
class Rule:
    """What a method declares, read once from its descriptor."""

    access: contract_pb2.Access
    audit: "contract_pb2.Audit.ValueType"
    names: tuple[tuple[str, Pattern[str]], ...]
    """Fields of the request that hold resource names, and what they must look like."""

    @cached_property
    def who(self) -> str:
        """What the access is given by: "permission", "platform", …"""
        return str(self.access.WhichOneof("who"))

    @cached_property
    def permission(self) -> str:
        """What a member must be permitted; empty if nothing."""
        return self.access.permission

    def name_of_hromada(self, request: Message) -> str:
        """The slug of the hromada whose names the request carries; empty when it carries none.

        Raises:
            Refused: a name is malformed, or names two hromadas; names the field.
        """
        slug = ""
        for field, name, pattern in self._named(request):
            match = pattern.fullmatch(name)
            if match is None:
                raise Refused(field, "name.malformed")
            found = match["hromada"] if "hromada" in pattern.groupindex else ""
            if slug and found != slug:
                raise Refused(field, "name.two-hromadas")
            slug = found
        return slug

    def records(self, request: Message) -> Iterator[Record]:
        """The records that the request names."""
        yield from (Record(name) for _, name, _ in self._named(request) if name.count("/") > 1)

    def _named(self, request: Message) -> Iterator[tuple[str, str, Pattern[str]]]:
        """Each name that the request carries, with its field and what it must look like."""
        for field, pattern in self.names:
            value = getattr(request, field)
            for name in [value] if isinstance(value, str) else value:
                if name:
                    yield field, name, pattern


def rule_of(method: MethodDescriptor) -> Rule:
    """The rule of a method.

    Raises:
        TypeError: the method does not declare who may call it, or what the trail keeps of it: the service must not
            start.
    """
    options = method.GetOptions().Extensions
    access, audit = options[contract_pb2.access], options[contract_pb2.audit]
    if access.WhichOneof("who") is None:
        raise TypeError(f"{method.full_name} declares no access")
    if audit == contract_pb2.AUDIT_UNSPECIFIED:
        raise TypeError(f"{method.full_name} declares no audit")
    names = tuple(
        (field.name, pattern_of(resource)) for field in method.input_type.fields if (resource := _resource_of(field))
    )
    return Rule(access, audit, names)


def _resource_of(field: FieldDescriptor) -> str:
    return (
        str(field.GetOptions().Extensions[contract_pb2.resource]) if field.type == FieldDescriptor.TYPE_STRING else ""
    )


async def admit(
    rule: Rule, callers: Callers, slug: str, authorities: Authority, clock: Clock
) -> tuple[Caller, Hromada | None]:
    """Decides whether a call may go on, and as whom.

    Raises:
        Unknown: nobody, or not somebody who may call such a method at all.
        Denied: somebody without the permission.
        Missing: another hromada's caller, or a hromada that does not exist: the two look the same.
        WrongState: the hromada is suspended, or not ready yet.
        Away: whoever knows does not answer.
    """
    if callers.principal is None and callers.through is None:
        raise Unknown
    match rule.who:
        case "service":
            return await _service(callers, slug, authorities)
        case "platform":
            return await _operator(rule, callers, authorities, clock)
        case "public" if callers.service == WEB:
            return await _resident(callers, slug, authorities)
        case "public":
            return await _member(rule, callers, slug, authorities, clock, integrators_only=True)
        case _:
            return await _member(rule, callers, slug, authorities, clock)


async def _service(callers: Callers, slug: str, authorities: Authority) -> tuple[Caller, Hromada | None]:
    if not callers.service:
        raise Denied
    authorisation = await authorities.of(slug, "") if slug else None
    return _caller(callers, "", authorisation), _hromada(slug, authorisation)


async def _operator(
    rule: Rule, callers: Callers, authorities: Authority, clock: Clock
) -> tuple[Caller, Hromada | None]:
    if not callers.subject:
        raise Unknown
    authorisation = await authorities.of("", callers.subject)
    _permit(authorisation, rule.access.platform, clock)
    return _caller(callers, callers.subject, authorisation), None


async def _resident(callers: Callers, slug: str, authorities: Authority) -> tuple[Caller, Hromada | None]:
    """A resident has no account: web speaks for them, whoever else is signed in at its browser."""
    if not slug:
        raise Missing
    authorisation = await authorities.of(slug, "")
    _open(authorisation)
    return _caller(callers, "", authorisation), _hromada(slug, authorisation)


async def _member(
    rule: Rule,
    callers: Callers,
    slug: str,
    authorities: Authority,
    clock: Clock,
    *,
    integrators_only: bool = False,
) -> tuple[Caller, Hromada | None]:
    principal, subject = callers.principal, callers.subject
    if principal is None or not subject:
        raise Unknown
    if not principal.hromada:
        raise Denied
    if principal.hromada != slug:
        raise Missing
    authorisation = await authorities.of(slug, subject)
    _open(authorisation)
    if rule.permission:
        _permit(authorisation, rule.permission, clock)
    if integrators_only and not authorisation.integrator:
        raise Denied
    return _caller(callers, subject, authorisation), _hromada(slug, authorisation)


async def subject_at_home(callers: Callers, authorities: Authority) -> tuple[Caller, Hromada]:
    """The one who acts, as the hromada of their token knows them, whatever they may do.

    Raises:
        Missing: there is no such hromada.
        Away: whoever knows does not answer.
    """
    authorisation = await authorities.of(callers.home, callers.subject)
    if authorisation.hromada_id is None:
        raise Missing
    return _caller(callers, callers.subject, authorisation), Hromada(callers.home, authorisation.hromada_id)


def _open(authorisation: Authorisation) -> None:
    if authorisation.suspended:
        raise WrongState("hromada.suspended")
    if authorisation.provisioning:
        raise WrongState("hromada.provisioning", retry_after=_SOON)


def _permit(authorisation: Authorisation, permission: str, clock: Clock) -> None:
    ended = authorisation.until is not None and authorisation.until <= clock.now()
    if ended or permission not in authorisation.permissions:
        raise Denied


def _hromada(slug: str, authorisation: Authorisation | None) -> Hromada | None:
    if authorisation is None or authorisation.hromada_id is None:
        return None
    return Hromada(slug, authorisation.hromada_id)


def _caller(callers: Callers, subject: str, authorisation: Authorisation | None) -> Caller:
    known = authorisation if authorisation is not None else Authorisation(None)
    return Caller(
        subject=subject,
        display_name=known.display_name,
        permissions=known.permissions,
        integrator=known.integrator,
        service=callers.service,
        address=callers.address,
        pseudonym=known.pseudonym,
    )
