"""Members over gRPC: invited, listed, revoked; and nobody else's."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from identity.members import actions
from identity.members.actions import page
from identity.members.rules import PERMISSIONS, Role
from identity.testing import OPERATOR, Asked, Identity, Office, Opened, an_office, as_whom
from kit.errors import Refused
from kit.rpc.client import Failure
from spilno.identity.v1 import members_pb2 as pb


def in_(apart: timedelta) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(datetime.now(UTC) + apart)
    return moment


def an_invitation(office: Office, *roles: "pb.Role.ValueType", **changes: Any) -> pb.InviteMemberRequest:
    said: dict[str, Any] = {
        "parent": office.name,
        "member": pb.MemberDraft(display_name="Координатор", email=f"{uuid4().hex}@example.org"),
        "roles": roles or [pb.ROLE_COORDINATOR],
        "request_id": str(uuid4()),
        **changes,
    }
    return pb.InviteMemberRequest(**said)


async def refused(office: Office, request: pb.InviteMemberRequest, token: str | None = None) -> Failure:
    with as_whom(token or await office.as_head()), pytest.raises(Failure) as failure:
        await office.identity.members.InviteMember(request)
    return failure.value


async def members_of(office: Office) -> list[pb.Member]:
    with as_whom(await office.as_head()):
        listed = await office.identity.members.ListMembers(pb.ListMembersRequest(parent=office.name, page_size=500))
    return list(listed.members)


async def test_an_invited_member_is_listed_but_not_active(office: Office) -> None:
    invitation = await office.invitation("officer@invited.example.org")
    listed = {each.email: each.active for each in await members_of(office)}
    assert listed == {office.head.email: True, "officer@invited.example.org": False}
    assert not invitation.member.active


async def test_a_member_who_accepted_is_active(office: Office) -> None:
    person, _ = await office.member()
    assert {each.email: each.active for each in await members_of(office)}[person.email]


async def test_members_come_page_by_page(office: Office) -> None:
    for _ in range(3):
        await office.invitation(f"{uuid4().hex}@example.org")
    with as_whom(await office.as_head()):
        first = await office.identity.members.ListMembers(pb.ListMembersRequest(parent=office.name, page_size=3))
        rest = await office.identity.members.ListMembers(
            pb.ListMembersRequest(parent=office.name, page_size=3, page_token=first.next_page_token)
        )
    names = [each.name for each in (*first.members, *rest.members)]
    assert (len(first.members), len(set(names)), rest.next_page_token) == (3, 4, "")


async def test_a_page_token_of_another_office_is_refused(office: Office, opened: Opened) -> None:
    await office.invitation("one-more@example.org")
    with as_whom(await office.as_head()):
        page = await office.identity.members.ListMembers(pb.ListMembersRequest(parent=office.name, page_size=1))
    other = await opened()
    with as_whom(await other.as_head()), pytest.raises(Failure) as failure:
        await office.identity.members.ListMembers(
            pb.ListMembersRequest(parent=other.name, page_size=1, page_token=page.next_page_token)
        )
    assert set(failure.value.fields) == {"page_token"}


async def test_a_revoked_member_is_listed_no_more(office: Office) -> None:
    _, member = await office.member()
    await revoke(office, await fresh(office, member))
    assert member.name not in {each.name for each in await members_of(office)}


async def test_a_revoked_member_may_nothing_any_more(office: Office) -> None:
    person, member = await office.member()
    await revoke(office, await fresh(office, member))
    assert (await office.authorisation(person.email)).permissions == frozenset()


async def test_an_auditor_is_not_administrator(office: Office) -> None:
    failure = await refused(office, an_invitation(office, pb.ROLE_AUDITOR, pb.ROLE_ADMINISTRATOR))
    assert (failure.code, set(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, {"roles"})


async def test_a_grant_that_ends_before_it_starts_is_refused_at_until(office: Office) -> None:
    late = an_invitation(office, **{"from": in_(timedelta(days=2)), "until": in_(timedelta(days=1))})
    assert set((await refused(office, late)).fields) == {"until"}


@pytest.mark.parametrize("seconds", [10**18, -(10**18)])
async def test_a_date_that_does_not_exist_is_refused_at_its_field(office: Office, seconds: int) -> None:
    failure = await refused(office, an_invitation(office, until=Timestamp(seconds=seconds)))
    assert (failure.code, set(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, {"until"})


async def test_whoever_works_here_is_not_invited_again(office: Office) -> None:
    person, _ = await office.member()
    again = pb.MemberDraft(display_name="Ще раз", email=person.email.upper())
    failure = await refused(office, an_invitation(office, member=again))
    assert (failure.code, set(failure.fields)) == (grpc.StatusCode.ALREADY_EXISTS, {"member.email"})


async def test_whoever_has_not_accepted_is_invited_anew_in_place_of_before(office: Office) -> None:
    await office.invitation("slow@example.org")
    again = await office.invitation("slow@example.org", pb.ROLE_COORDINATOR)
    listed = [each.name for each in await members_of(office) if each.email == "slow@example.org"]
    assert listed == [again.member.name]


async def test_the_head_does_not_revoke_themselves(office: Office) -> None:
    (own,) = await members_of(office)
    with as_whom(await office.as_head()), pytest.raises(Failure) as failure:
        await office.identity.members.RevokeMember(pb.RevokeMemberRequest(name=own.name, etag=own.etag))
    assert failure.value.code is grpc.StatusCode.PERMISSION_DENIED


async def test_an_administrator_makes_no_head(office: Office) -> None:
    person, _ = await office.member(pb.ROLE_ADMINISTRATOR)
    token = str((await office.identity.tokens(person, office.slug))["access_token"])
    failure = await refused(office, an_invitation(office, pb.ROLE_HEAD), token)
    assert set(failure.fields) == {"roles"}


async def test_an_administrator_does_not_revoke_the_head(office: Office) -> None:
    person, _ = await office.member(pb.ROLE_ADMINISTRATOR)
    head = next(each for each in await members_of(office) if each.email == office.head.email)
    token = str((await office.identity.tokens(person, office.slug))["access_token"])
    with as_whom(token), pytest.raises(Failure) as failure:
        await office.identity.members.RevokeMember(pb.RevokeMemberRequest(name=head.name, etag=head.etag))
    assert failure.value.code is grpc.StatusCode.INVALID_ARGUMENT


async def test_an_officer_invites_nobody(office: Office) -> None:
    person, _ = await office.member(pb.ROLE_DISTRICT_OFFICER)
    token = str((await office.identity.tokens(person, office.slug))["access_token"])
    assert (await refused(office, an_invitation(office), token)).code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_stale_etag_revokes_nobody(office: Office) -> None:
    _, member = await office.member()
    with as_whom(await office.as_head()), pytest.raises(Failure) as failure:
        await office.identity.members.RevokeMember(pb.RevokeMemberRequest(name=member.name, etag=member.etag))
    assert failure.value.code is grpc.StatusCode.ABORTED


async def test_another_offices_member_is_missing(office: Office, opened: Opened) -> None:
    other = await opened()
    _, theirs = await other.member()
    foreign = theirs.name.replace(other.name, office.name)
    with as_whom(await office.as_head()), pytest.raises(Failure) as failure:
        await office.identity.members.RevokeMember(pb.RevokeMemberRequest(name=foreign, etag="2"))
    assert failure.value.code is grpc.StatusCode.NOT_FOUND


async def test_another_offices_list_is_missing(office: Office, opened: Opened) -> None:
    other = await opened()
    with as_whom(await office.as_head()), pytest.raises(Failure) as failure:
        await office.identity.members.ListMembers(pb.ListMembersRequest(parent=other.name))
    assert failure.value.code is grpc.StatusCode.NOT_FOUND


async def test_the_database_itself_shows_no_other_offices_members(office: Office, opened: Opened) -> None:
    other = await opened()
    async with office.call() as call:
        emails = {each.email for each in await page(call, None, 500)}
    assert other.head.email not in emails
    assert emails == {office.head.email}


async def test_a_person_may_work_in_two_offices(office: Office, opened: Opened) -> None:
    other = await opened()
    person, _ = await office.member()
    invitation = await other.invitation(person.email, pb.ROLE_COORDINATOR)
    accepted = await other.identity.visitor().accept(invitation.url, person.password)
    assert accepted.status_code == 200
    for one in (office, other):
        assert (await office.identity.tokens(person, one.slug))["access_token"]


async def test_a_membership_that_begins_later_does_not_count_yet(office: Office) -> None:
    person, _ = await office.member(**{"from": in_(timedelta(days=1))})
    assert (await office.authorisation(person.email)).permissions == frozenset()


async def test_nobody_invites_themselves(office: Office) -> None:
    own = pb.MemberDraft(display_name="Ще й аудитор", email=office.head.email.upper())
    failure = await refused(office, an_invitation(office, member=own))
    assert (failure.code, set(failure.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, {"member.email"})


async def test_an_operator_does_not_make_themselves_a_head(identity: Identity) -> None:
    own = pb.MemberDraft(display_name="Керівник", email=OPERATOR[0])
    with as_whom(await identity.operator()), pytest.raises(Failure) as failure:
        await identity.hromadas.CreateHromada(an_office(head=own))
    assert set(failure.value.fields) == {"head.email"}


async def test_changed_roles_count_at_once(office: Office) -> None:
    person, member = await office.member(pb.ROLE_DISTRICT_OFFICER)
    changed = await change(office, await fresh(office, member), pb.ROLE_AUDITOR)
    assert list(changed.roles) == [pb.ROLE_AUDITOR]
    permissions = (await office.authorisation(person.email)).permissions
    assert "appeals.read" not in permissions
    assert "members.read" in permissions


@pytest.mark.parametrize(
    ("roles", "until", "field"),
    [
        ([pb.ROLE_AUDITOR, pb.ROLE_HEAD], timedelta(days=1), "roles"),
        ([pb.ROLE_COORDINATOR], -timedelta(days=1), "until"),
        ([], timedelta(days=1), "roles"),
    ],
)
async def test_a_wrong_change_of_roles_is_refused_at_its_field(
    office: Office, roles: list["pb.Role.ValueType"], until: timedelta, field: str
) -> None:
    _, member = await office.member()
    with pytest.raises(Failure) as failure:
        await change(office, await fresh(office, member), *roles, until=in_(until))
    assert (failure.value.code, set(failure.value.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, {field})


async def test_nobody_changes_their_own_roles(office: Office) -> None:
    (own,) = await members_of(office)
    with pytest.raises(Failure) as failure:
        await change(office, own, pb.ROLE_AUDITOR)
    assert set(failure.value.fields) == {"roles"}


async def test_an_administrator_does_not_unmake_the_head(office: Office) -> None:
    person, _ = await office.member(pb.ROLE_ADMINISTRATOR)
    head = next(each for each in await members_of(office) if each.email == office.head.email)
    token = str((await office.identity.tokens(person, office.slug))["access_token"])
    with pytest.raises(Failure) as failure:
        await change(office, head, pb.ROLE_COORDINATOR, token=token)
    assert set(failure.value.fields) == {"roles"}


async def test_of_two_heads_who_end_each_other_one_remains(office: Office) -> None:
    second, _ = await office.member(pb.ROLE_HEAD)
    listed = {each.email: each for each in await members_of(office)}
    tokens = {
        second.email: await office.as_head(),
        office.head.email: str((await office.identity.tokens(second, office.slug))["access_token"]),
    }

    async def end(email: str) -> bool:
        with as_whom(tokens[email]):
            try:
                await office.identity.members.RevokeMember(
                    pb.RevokeMemberRequest(name=listed[email].name, etag=listed[email].etag)
                )
            except Failure:
                return False
        return True

    ended = await asyncio.gather(end(second.email), end(office.head.email))
    assert sorted(ended) == [False, True]


async def test_the_last_head_is_not_ended_even_by_one_whose_own_term_is_over(office: Office) -> None:
    _, other = await office.member(pb.ROLE_HEAD)
    head = next(each for each in await members_of(office) if each.email == office.head.email)
    async with office.call() as call:
        call.caller = replace(call.caller, permissions=PERMISSIONS[Role.HEAD])
        await actions.revoke(call, UUID(other.name.rpartition("/")[2]), "2")
        with pytest.raises(Refused) as refusal:
            await actions.revoke(call, UUID(head.name.rpartition("/")[2]), head.etag)
    assert (refusal.value.field, refusal.value.reason) == ("name", "roles.last-head")


async def test_ones_own_access_says_what_why_and_where(office: Office, opened: Opened) -> None:
    person, _ = await office.member(pb.ROLE_DISTRICT_OFFICER)
    other = await opened()
    invitation = await other.invitation(person.email, pb.ROLE_COORDINATOR)
    await other.identity.visitor().accept(invitation.url, person.password)
    token = str((await office.identity.tokens(person, office.slug))["access_token"])
    with as_whom(token, "uk"):
        told = await office.identity.members.GetOwnAccess(pb.GetOwnAccessRequest(parent=office.name))
    abilities = {each.permission: each for each in told.abilities}
    assert {name for name, each in abilities.items() if each.held} == set(told.membership.permissions)
    assert abilities["appeals.answer"].meaning == "Відповідати на звернення, які взяли"
    assert list(abilities["members.appoint"].roles) == [pb.ROLE_HEAD]
    assert (told.email, told.granted_by) == (person.email, "Керівник офісу")
    assert {each.hromada for each in told.workplaces} == {office.name, other.name}


async def test_a_revoked_members_refresh_tokens_and_sign_ins_end(office: Office) -> None:
    person, member = await office.member()
    visitor = office.identity.visitor()
    tokens = await office.identity.tokens(person, office.slug, visitor)
    await revoke(office, await fresh(office, member))
    assert (await office.identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert "password" in (await visitor.ask(Asked())).text


async def test_whoever_works_elsewhere_stays_signed_in_there(office: Office, opened: Opened) -> None:
    person, member = await office.member()
    other = await opened()
    await other.identity.visitor().accept((await other.invitation(person.email)).url, person.password)
    here = await office.identity.tokens(person, office.slug)
    there = await office.identity.tokens(person, other.slug)
    await revoke(office, await fresh(office, member))
    assert (await office.identity.refresh(here["refresh_token"])).status_code == 400
    assert (await office.identity.refresh(there["refresh_token"])).status_code == 200


async def change(
    office: Office, member: pb.Member, *roles: "pb.Role.ValueType", until: Timestamp | None = None, token: str = ""
) -> pb.Member:
    with as_whom(token or await office.as_head()):
        changed: pb.Member = await office.identity.members.ChangeRoles(
            pb.ChangeRolesRequest(name=member.name, roles=roles, until=until, etag=member.etag)
        )
    return changed


async def revoke(office: Office, member: pb.Member) -> pb.Member:
    with as_whom(await office.as_head()):
        return await office.identity.members.RevokeMember(pb.RevokeMemberRequest(name=member.name, etag=member.etag))


async def fresh(office: Office, member: pb.Member) -> pb.Member:
    return next(each for each in await members_of(office) if each.name == member.name)
