"""Translates: members and invitations."""

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.message import Message
from kit.call import Call, Hromada
from kit.errors import Refused
from kit.localisation import Catalogue
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.paging import DEFAULT_SIZE, start_of, token_for
from spilno.identity.v1 import members_pb2 as pb

from identity.departures import actions as departures
from identity.members import actions
from identity.members.model import Membership
from identity.members.rules import ALL, INTEGRATOR_PERMISSIONS, PERMISSIONS, Role
from identity.persons import actions as persons
from identity.recovery import actions as recovery

_TEXTS = Catalogue(["identity"])


class Members(Servicer, contract=pb.DESCRIPTOR.services_by_name["Members"]):
    async def InviteMember(self, request: pb.InviteMemberRequest, call: Call) -> pb.Invitation:
        draft = actions.Draft(
            display_name=request.member.display_name,
            email=request.member.email,
            roles=[_role(each) for each in request.roles],
            not_before=_moment(request, "from") or call.now,
            until=_moment(request, "until"),
        )
        return invitation_message(await actions.invite(call, draft), call.now)

    async def ListMembers(self, request: pb.ListMembersRequest, call: Call) -> pb.ListMembersResponse:
        size = request.page_size or DEFAULT_SIZE
        start = start_of(call, request, request.page_token)
        found = await actions.page(call, UUID(start[0]) if start else None, size + 1)
        shown = found[:size]
        more = token_for(call, request, [str(shown[-1].membership.id)]) if len(found) > size else ""
        members = [_message(call.hromada, each.membership, each.email, call.now) for each in shown]
        return pb.ListMembersResponse(members=members, next_page_token=more)

    async def RevokeMember(self, request: pb.RevokeMemberRequest, call: Call) -> pb.Member:
        revoked = await departures.revoke(call, uid(request.name), request.etag)
        return _message(call.hromada, revoked.membership, revoked.email, call.now)

    async def ChangeRoles(self, request: pb.ChangeRolesRequest, call: Call) -> pb.Member:
        roles = [_role(each) for each in request.roles]
        changed = await actions.change_roles(call, uid(request.name), roles, _moment(request, "until"), request.etag)
        return _message(call.hromada, changed.membership, changed.email, call.now)

    async def CreateRecoveryLink(self, request: pb.CreateRecoveryLinkRequest, call: Call) -> pb.RecoveryLink:
        made = await recovery.make(call, uid(request.name), forgets_factors=request.forget_second_factors)
        message = pb.RecoveryLink(url=made.url)
        message.expires_at.FromDatetime(made.expires_at)
        return message

    async def GetOwnMembership(self, request: pb.GetOwnMembershipRequest, call: Call) -> pb.OwnMembership:
        return _own(await actions.own(call), call)

    async def ListColleagues(self, request: pb.ListColleaguesRequest, call: Call) -> pb.ListColleaguesResponse:
        return pb.ListColleaguesResponse(
            colleagues=[
                pb.Colleague(id=str(each.person_id), display_name=each.display_name)
                for each in await actions.colleagues(call, request.permission)
            ]
        )

    async def GetOwnAccess(self, request: pb.GetOwnAccessRequest, call: Call) -> pb.OwnAccess:
        membership = await actions.own(call)
        own = _own(membership, call)
        message = pb.OwnAccess(membership=own, abilities=[_ability(each, own, call.locale) for each in sorted(ALL)])
        if membership is not None:
            message.email = (await persons.emails(call.db, [membership.person_id]))[membership.person_id]
            message.granted_by = membership.granted_by_name
            message.granted_at.FromDatetime(membership.granted_at)
            getattr(message, "from").FromDatetime(membership.not_before)
            message.workplaces.extend(map(_workplace, await actions.workplaces(call, membership.person_id)))
        return message


def _own(membership: Membership | None, call: Call) -> pb.OwnMembership:
    if membership is None:
        return pb.OwnMembership(display_name=call.caller.display_name, permissions=sorted(INTEGRATOR_PERMISSIONS))
    message = pb.OwnMembership(
        name=f"{call.hromada.name}/members/{membership.id}",
        display_name=membership.display_name,
        roles=[_role_message(each) for each in membership.held],
        permissions=sorted(membership.permissions),
    )
    if membership.until is not None:
        message.until.FromDatetime(membership.until)
    return message


def _ability(permission: str, own: pb.OwnMembership, locale: str) -> pb.Ability:
    return pb.Ability(
        permission=permission,
        meaning=_TEXTS.text(f"may {permission}", locale),
        held=permission in own.permissions,
        roles=[_role_message(role) for role, given in PERMISSIONS.items() if permission in given],
    )


def _workplace(one: actions.Workplace) -> pb.Workplace:
    return pb.Workplace(
        hromada=f"hromadas/{one.hromada.slug}",
        title=one.hromada.title,
        display_name=one.membership.display_name,
        roles=[_role_message(each) for each in one.membership.held],
    )


def invitation_message(enrolled: actions.Enrolled, now: datetime) -> pb.Invitation:
    """An invitation, with the link in it."""
    message = pb.Invitation(
        member=_message(enrolled.hromada, enrolled.membership, enrolled.email, now), url=enrolled.url
    )
    message.expires_at.FromDatetime(enrolled.expires_at)
    return message


def _message(hromada: Hromada, membership: Membership, email: str, now: datetime) -> pb.Member:
    message = pb.Member(
        name=f"{hromada.name}/members/{membership.id}",
        display_name=membership.display_name,
        email=email,
        roles=[_role_message(each) for each in membership.held],
        active=membership.is_current(now),
        etag=membership.etag,
    )
    getattr(message, "from").FromDatetime(membership.not_before)
    if membership.until is not None:
        message.until.FromDatetime(membership.until)
    return message


def _moment(request: Message, field: str) -> datetime | None:
    if not request.HasField(field):
        return None
    try:
        moment: datetime = getattr(request, field).ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise Refused(field, "period.unreadable") from None
    return moment


def _role(value: "pb.Role.ValueType") -> Role:
    return Role(pb.Role.Name(value).removeprefix("ROLE_").lower())


def _role_message(role: Role) -> "pb.Role.ValueType":
    return pb.Role.Value(f"ROLE_{role.value.upper()}")
