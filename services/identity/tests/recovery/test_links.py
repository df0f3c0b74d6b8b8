"""Somebody who has lost their way in is helped back by the office, and by nobody else."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from identity.recovery.model import RecoveryLink
from identity.testing import Asked, Clock, Office, Opened, Person, answer_in, as_whom, enrolled
from kit.rpc.client import Failure
from spilno.identity.v1 import members_pb2
from sqlmodel import select

NEW = "quite another few words"


async def link_for(office: Office, member: str, token: str = "", **more: Any) -> str:
    with as_whom(token or await office.as_head()):
        made: members_pb2.RecoveryLink = await office.identity.members.CreateRecoveryLink(
            members_pb2.CreateRecoveryLinkRequest(name=member, request_id=str(uuid4()), **more)
        )
    return made.url


async def refused(office: Office, member: str, token: str = "") -> tuple[grpc.StatusCode, str]:
    with pytest.raises(Failure) as failure:
        await link_for(office, member, token)
    return failure.value.code, failure.value.reason


async def head_of(office: Office) -> str:
    with as_whom(await office.as_head()):
        listed = await office.identity.members.ListMembers(members_pb2.ListMembersRequest(parent=office.name))
    return next(each.name for each in listed.members if each.email == office.head.email)


async def test_by_the_link_a_new_password_is_set_and_opens(office: Office) -> None:
    person, member = await office.member()
    url = await link_for(office, member.name)
    assert (await office.identity.visitor().accept(url, NEW)).status_code == 200
    assert await office.identity.tokens(Person(person.email, NEW), office.slug)
    old = await office.identity.visitor().sign_in(Asked(), person)
    assert old.status_code == 422


async def test_the_link_ends_what_came_of_the_old_password(office: Office) -> None:
    person, member = await office.member()
    tokens = await office.identity.tokens(person, office.slug)
    await office.identity.visitor().accept(await link_for(office, member.name), NEW)
    assert (await office.identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_the_link_works_once(office: Office) -> None:
    _, member = await office.member()
    url = await link_for(office, member.name)
    await office.identity.visitor().accept(url, NEW)
    assert (await office.identity.visitor().client.get(url)).status_code == 410


async def test_the_link_works_for_a_day(office: Office, clock: Clock) -> None:
    _, member = await office.member()
    url = await link_for(office, member.name)
    clock.move(timedelta(hours=24, seconds=1))
    assert (await office.identity.visitor().client.get(url)).status_code == 410


async def test_a_newer_link_takes_the_place_of_an_older(office: Office) -> None:
    _, member = await office.member()
    older = await link_for(office, member.name)
    await link_for(office, member.name)
    assert (await office.identity.visitor().client.get(older)).status_code == 410


async def test_a_poor_password_is_refused_and_the_link_stays(office: Office) -> None:
    _, member = await office.member()
    url = await link_for(office, member.name)
    assert (await office.identity.visitor().accept(url, "short")).status_code == 422
    assert (await office.identity.visitor().client.get(url)).status_code == 200


@pytest.mark.parametrize("link", ["x", "a" * 43, "%00", "ґ"])
async def test_a_link_that_never_was_says_so(office: Office, link: str) -> None:
    assert (await office.identity.visitor().client.get(f"/recovery/{link}")).status_code == 404


async def test_nobody_makes_a_link_for_themselves(office: Office) -> None:
    assert await refused(office, await head_of(office)) == (grpc.StatusCode.PERMISSION_DENIED, "recovery.own")


async def test_an_administrator_makes_none_for_the_head(office: Office) -> None:
    administrator, _ = await office.member(members_pb2.ROLE_ADMINISTRATOR)
    token = (await office.identity.tokens(administrator, office.slug))["access_token"]
    code, _ = await refused(office, await head_of(office), token)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    _, officer = await office.member()
    assert "/recovery/" in await link_for(office, officer.name, token)


async def test_no_office_opens_the_account_of_another_offices_head(office: Office, opened: Opened) -> None:
    other = await opened()
    invitation = await other.invitation(office.head.email)
    await office.identity.visitor().accept(invitation.url, office.head.password)
    assert (await refused(other, invitation.member.name))[1] == "recovery.works-elsewhere"


async def test_who_has_not_accepted_gets_no_link(office: Office) -> None:
    invitation = await office.invitation(f"{uuid4().hex}@example.org")
    assert (await refused(office, invitation.member.name))[1] == "recovery.not-accepted"


async def test_a_member_of_another_office_is_missing(office: Office, opened: Opened) -> None:
    other = await opened()
    _, member = await other.member()
    foreign = member.name.replace(other.slug, office.slug)
    assert (await refused(office, foreign))[0] is grpc.StatusCode.NOT_FOUND


async def test_who_made_a_link_is_kept_and_the_link_is_not(office: Office) -> None:
    _, member = await office.member()
    secret = (await link_for(office, member.name)).rpartition("/")[2]
    async with office.identity.call() as call:
        links = [each for each in await call.db.all(select(RecoveryLink)) if str(each.membership_id) in member.name]
    assert len(links) == 1
    assert links[0].made_by
    assert secret.encode() not in links[0].digest


async def test_the_password_alone_comes_back_unless_the_office_says_more(office: Office) -> None:
    person, member = await office.member()
    await enrolled(office, person)
    await office.identity.visitor().accept(await link_for(office, member.name), NEW)
    person = Person(person.email, NEW)
    page = await office.identity.visitor().sign_in(Asked(), person)
    assert page.url.path == "/sign-in/code"
    await office.identity.visitor().accept(await link_for(office, member.name, forget_second_factors=True), NEW + "!")
    back = await office.identity.visitor().sign_in(Asked(), Person(person.email, NEW + "!"))
    assert "code" in answer_in(back)
