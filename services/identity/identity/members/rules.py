"""Which role may do what, and who may give it to whom."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from kit.errors import Denied, Refused


class Role(StrEnum):
    HEAD = "head"
    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    DISTRICT_OFFICER = "district_officer"
    DUTY_VOLUNTEER = "duty_volunteer"
    ORGANISER = "organiser"
    TRAINER = "trainer"
    INTERVIEWER = "interviewer"
    RESEARCHER = "researcher"
    PUBLISHER = "publisher"
    LAWYER = "lawyer"
    AUDITOR = "auditor"


_APPEALS = frozenset({"appeals.read", "appeals.register", "appeals.take", "appeals.answer"})
_DECIDES = frozenset({"appeals.decide"})
_MEMBERS = frozenset({"members.read", "members.invite", "members.revoke"})
_INTEGRATORS = frozenset({"integrators.create", "integrators.read", "integrators.revoke"})
_PARTNERS_READ = frozenset(
    {"organisations.read", "agreements.read", "venues.read", "projects.read", "controllers.read"}
)
_PARTNERS = _PARTNERS_READ | {"organisations.write", "agreements.write", "venues.write", "projects.write"}
_CONTROLLERS = frozenset({"controllers.record"})
_BEATS = frozenset({"officers.manage", "beats.manage"})
_DUTIES = frozenset({"duties.read", "duties.record"})
"""What officers owe the hromada: to see how it stands, and to write down what was held."""
_MEDIATION = frozenset({"mediations.work"})
"""To lead mediation, or to be named in a case: nobody sees a case by their role alone."""
_MEDIATION_FIGURES = frozenset({"figures.read"})
_PERSONS = frozenset({"persons.read", "persons.correct", "persons.erase", "persons.hold"})
"""A person's own data: shown to them, corrected, erased by rule; and the legal hold."""
_SCHEDULE = frozenset({"receptions.manage", "calendar.read", "calendar.manage"})
_RECEPTIONS = frozenset({"receptions.read", "receptions.book", "receptions.record"})
_NOTICES = frozenset({"notices.read", "notices.send"})
_NOTICE_TEXTS = frozenset({"notices.write"})
_TRAIL = frozenset({"trail.read"})
_CAMERAS = frozenset({"cameras.read", "cameras.write"})
_WATCHING = frozenset({"cameras.read", "cameras.view"})
_FOOTAGE = frozenset({"recordings.view", "recordings.hold"})
"""To look at what was recorded, for a purpose and a case, and to keep it from being overwritten."""
_EVIDENCE = frozenset({"evidence.read", "evidence.request", "evidence.export"})
"""To enter what an authority asks for, and to hand over what was approved. It is approved by a head."""
_OVERSIGHT = frozenset({"cameras.read", "views.read"})
"""Which cameras there are, and who looked at them and why."""
_LOOKS_UP = frozenset({"calendar.read", "organisations.read", "agreements.read", "cameras.read"})
_HAZARDS = frozenset({"hazards.read", "hazards.moderate"})
_HAZARD_SETTINGS = frozenset({"hazards.read", "hazards.manage"})
"""Categories with whoever is in charge, and the keys of other systems."""
_NOTHING_YET: frozenset[str] = frozenset()

APPOINT = "members.appoint"
"""To make heads and administrators, or to end them. Without it an administrator could make themselves a head."""

PERMISSIONS = MappingProxyType(
    {
        Role.HEAD: _APPEALS
        | _DECIDES
        | _RECEPTIONS
        | _NOTICES
        | _NOTICE_TEXTS
        | _SCHEDULE
        | _BEATS
        | _DUTIES
        | _MEDIATION
        | _MEDIATION_FIGURES
        | _PERSONS
        | _MEMBERS
        | _INTEGRATORS
        | _PARTNERS
        | _CONTROLLERS
        | _TRAIL
        | _CAMERAS
        | _WATCHING
        | _FOOTAGE
        | _OVERSIGHT
        | _EVIDENCE
        | _HAZARDS
        | _HAZARD_SETTINGS
        | {APPOINT, "feed.watch", "cameras.activate", "mediations.assign", "recordings.write", "evidence.approve"},
        Role.ADMINISTRATOR: _SCHEDULE
        | _BEATS
        | _MEMBERS
        | _INTEGRATORS
        | _PARTNERS
        | _CONTROLLERS
        | _CAMERAS
        | _HAZARD_SETTINGS
        | {"recordings.write"},
        Role.COORDINATOR: _APPEALS
        | _RECEPTIONS
        | _NOTICES
        | _SCHEDULE
        | _BEATS
        | _DUTIES
        | _PARTNERS
        | _CAMERAS
        | _WATCHING
        | _FOOTAGE
        | _HAZARDS
        | _HAZARD_SETTINGS
        | _MEDIATION
        | _MEDIATION_FIGURES
        | _EVIDENCE,
        # What the police want of a camera they ask for in writing: they see which there are, not what these see.
        Role.DISTRICT_OFFICER: _APPEALS | _RECEPTIONS | _NOTICES | _DUTIES | _MEDIATION | _LOOKS_UP | _HAZARDS,
        Role.DUTY_VOLUNTEER: _WATCHING,
        Role.AUDITOR: _PARTNERS_READ | _TRAIL | _OVERSIGHT | _MEDIATION_FIGURES | {"members.read", "evidence.read"},
        # Their work comes with services yet to be built; an appeal is shown to whom it is referred, not to all.
        Role.ORGANISER: _NOTHING_YET,
        Role.TRAINER: _NOTHING_YET,
        Role.INTERVIEWER: _NOTHING_YET,
        Role.RESEARCHER: _NOTHING_YET,
        Role.PUBLISHER: _NOTHING_YET,
        Role.LAWYER: _MEDIATION,
    }
)

ALL = frozenset().union(*PERMISSIONS.values())
"""Everything that anybody may do in an office."""

INTEGRATOR_PERMISSIONS = frozenset({"appeals.register", "appeals.read", "feed.watch"})

_APPOINTED = frozenset({Role.HEAD, Role.ADMINISTRATOR})
_WATCHED_BY_THE_AUDITOR = _APPOINTED


def permissions_of(roles: Collection[Role]) -> frozenset[str]:
    """Everything that at least one of the roles allows."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))


def check_roles(roles: Collection[Role]) -> None:
    """An auditor looks over the shoulders of head and administrator, so nobody is both.

    Raises:
        Refused: roles that do not go together.
    """
    if Role.AUDITOR in roles and not _WATCHED_BY_THE_AUDITOR.isdisjoint(roles):
        raise Refused("roles", "roles.auditor-and-administrator")


def check_appointment(roles: Collection[Role], permissions: Collection[str], field: str) -> None:
    """Only a head makes heads and administrators, or ends them.

    Raises:
        Refused: somebody else tries; names the field.
    """
    if APPOINT not in permissions and not _APPOINTED.isdisjoint(roles):
        raise Refused(field, "roles.only-the-head-appoints")


def check_period(not_before: datetime, until: datetime | None, now: datetime) -> None:
    """A grant that ends before it starts, or has ended already, is a mistake.

    Raises:
        Refused: at `until`.
    """
    if until is not None and (until <= not_before or until <= now):
        raise Refused("until", "period.ends-before-it-starts")


def check_grant(person: UUID, caller: str, field: str) -> None:
    """Nobody gives themselves a role, an operator who opens an office included.

    Raises:
        Refused: the caller is the person; names the field.
    """
    if str(person) == caller:
        raise Refused(field, "roles.own")


def check_head_remains(other_heads: int, field: str) -> None:
    """An office is never without a head: without one nobody could appoint the next.

    Raises:
        Refused: no other head is left; names the field.
    """
    if other_heads == 0:
        raise Refused(field, "roles.last-head")


def check_revocation(person: UUID, caller: str) -> None:
    """Nobody revokes their own membership: an office must not lose its head by a slip.

    Raises:
        Denied: the caller is the person.
    """
    if str(person) == caller:
        raise Denied("member.own")


def is_current(
    *,
    accepted_at: datetime | None,
    revoked_at: datetime | None,
    not_before: datetime,
    until: datetime | None,
    now: datetime,
) -> bool:
    """A membership counts from its start until its end, once its invitation was accepted, unless it was revoked."""
    return accepted_at is not None and revoked_at is None and not_before <= now and (until is None or now < until)
