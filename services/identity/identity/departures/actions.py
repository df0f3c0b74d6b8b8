"""What happens when somebody leaves an office: their rights there end, and every sign-in that stood on them."""

from uuid import UUID

from kit.call import Call

from identity.issuer import actions as issuer
from identity.members import actions as members
from identity.members.actions import Member
from identity.operators import actions as operators


async def revoke(call: Call, id: UUID, etag: str) -> Member:
    """Ends a membership now, and the tokens for that office; with the last membership all of the person's sign-ins.

    Raises:
        Denied, Missing, Refused, Stale: as `members.revoke`.
    """
    member = await members.revoke(call, id, etag)
    person = member.membership.person_id
    await issuer.end_tokens(call, person, call.hromada.slug)
    left = any(each.hromada.id != call.hromada.id for each in await members.workplaces(call, person))
    if not left and not await operators.is_operator(call.db, person):
        await issuer.end_others(call, person)
    return member
