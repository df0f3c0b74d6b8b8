"""Which role may do what, and who may give it to whom."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity.members import rules
from identity.members.rules import PERMISSIONS, Role
from kit.errors import Denied, Refused

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)

roles = st.sets(st.sampled_from(Role), min_size=1)
moments = st.timedeltas(timedelta(days=-2000), timedelta(days=2000)).map(lambda apart: NOW + apart)


def field_at_fault(rule: Callable[[], None]) -> str:
    try:
        rule()
    except Refused as refusal:
        return refusal.field
    return ""


def test_every_role_says_what_it_may_do() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_a_head_may_do_everything_that_any_role_may() -> None:
    assert PERMISSIONS[Role.HEAD] >= rules.permissions_of(list(Role))


def test_an_auditor_only_looks() -> None:
    assert all(each.endswith(".read") for each in PERMISSIONS[Role.AUDITOR])


def test_an_administrator_reads_no_appeals() -> None:
    assert not {each for each in PERMISSIONS[Role.ADMINISTRATOR] if each.startswith("appeals.")}


@given(roles)
def test_an_auditor_is_never_administrator_or_head(held: set[Role]) -> None:
    is_both = Role.AUDITOR in held and bool(held & {Role.ADMINISTRATOR, Role.HEAD})
    assert field_at_fault(lambda: rules.check_roles(held)) == ("roles" if is_both else "")


@given(roles)
def test_an_administrator_makes_neither_heads_nor_administrators(given_roles: set[Role]) -> None:
    is_above = bool(given_roles & {Role.ADMINISTRATOR, Role.HEAD})
    fault = field_at_fault(lambda: rules.check_appointment(given_roles, PERMISSIONS[Role.ADMINISTRATOR], "roles"))
    assert fault == ("roles" if is_above else "")


@given(roles)
def test_a_head_may_give_any_role(given_roles: set[Role]) -> None:
    rules.check_appointment(given_roles, PERMISSIONS[Role.HEAD], "roles")


@pytest.mark.parametrize("until", [NOW - HOUR, NOW, NOW + HOUR])
def test_a_grant_that_ends_before_it_starts_is_refused_at_until(until: datetime) -> None:
    with pytest.raises(Refused) as refusal:
        rules.check_period(NOW + HOUR, until, NOW)
    assert refusal.value.field == "until"


def test_a_grant_that_has_ended_already_is_refused() -> None:
    with pytest.raises(Refused):
        rules.check_period(NOW - 2 * HOUR, NOW - HOUR, NOW)


def test_a_grant_may_have_no_end() -> None:
    rules.check_period(NOW, None, NOW)


@given(st.uuids(), st.uuids())
def test_nobody_gives_themselves_a_role(person: UUID, caller: UUID) -> None:
    assert field_at_fault(lambda: rules.check_grant(person, str(caller), "roles")) == (
        "roles" if person == caller else ""
    )
    assert field_at_fault(lambda: rules.check_grant(person, str(person), "head.email")) == "head.email"


@given(st.integers(0, 12))
def test_an_office_always_keeps_a_head(other_heads: int) -> None:
    assert field_at_fault(lambda: rules.check_head_remains(other_heads, "name")) == ("" if other_heads else "name")


def test_nobody_revokes_their_own_membership() -> None:
    person = uuid4()
    with pytest.raises(Denied):
        rules.check_revocation(person, str(person))


def test_somebody_elses_membership_may_be_revoked() -> None:
    rules.check_revocation(uuid4(), str(uuid4()))


@given(st.none() | moments, st.none() | moments, moments, st.none() | moments, moments)
def test_a_membership_counts_only_while_nothing_speaks_against_it(
    accepted_at: datetime | None,
    revoked_at: datetime | None,
    not_before: datetime,
    until: datetime | None,
    now: datetime,
) -> None:
    counts = rules.is_current(
        accepted_at=accepted_at, revoked_at=revoked_at, not_before=not_before, until=until, now=now
    )
    has_begun = not_before <= now
    is_over = until is not None and until <= now
    assert counts == (accepted_at is not None and revoked_at is None and has_begun and not is_over)
