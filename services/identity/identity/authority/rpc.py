"""Translates: what the other services ask before they serve a call."""

from uuid import UUID

from kit.call import Call
from kit.rpc import Servicer
from spilno.identity.v1 import authority_pb2 as pb

from identity.authority.actions import authorisation, kin, mailboxes, partner
from kit import days


class Authority(Servicer, contract=pb.DESCRIPTOR.services_by_name["Authority"]):
    async def GetAuthority(self, request: pb.GetAuthorityRequest, call: Call) -> pb.Authorisation:
        known = await authorisation(call, request.hromada, request.subject)
        message = pb.Authorisation(
            hromada_id=str(known.hromada_id or ""),
            suspended=known.suspended,
            provisioning=known.provisioning,
            display_name=known.display_name,
            permissions=sorted(known.permissions),
            integrator=known.integrator,
            pseudonym=known.pseudonym,
        )
        if known.until is not None:
            message.until.FromDatetime(known.until)
        return message

    async def GetMailboxes(self, request: pb.GetMailboxesRequest, call: Call) -> pb.Mailboxes:
        known = await mailboxes(call, request.hromada, request.subjects, request.permission)
        return pb.Mailboxes(
            staff=[
                pb.Mailbox(subject=subject, email=email, permitted=subject in known.permitted)
                for subject, email in known.of.items()
            ],
            office=known.office,
        )

    async def GetKin(self, request: pb.GetKinRequest, call: Call) -> pb.Kin:
        known = await kin(call, request.hromada, UUID(request.organisation))
        return pb.Kin(parent=str(known.parent or ""), units=sorted(str(each) for each in known.units))

    async def GetPartner(self, request: pb.GetPartnerRequest, call: Call) -> pb.Partner:
        on = days.day(request.as_of, "as_of")
        return pb.Partner(title=await partner(call, request.hromada, UUID(request.organisation), on))
