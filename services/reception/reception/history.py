"""The service's events made again from the history of its nouns."""

from datetime import datetime
from uuid import UUID

from google.protobuf.message import Message
from kit.call import Call

from reception.appeals import actions as appeals
from reception.duties import actions as duties
from reception.hazards import steps as hazards
from reception.mediation import telling as mediation
from reception.persons import events as persons
from reception.receptions import actions as receptions
from reception.referrals import actions as referrals

_PAGE = 200


async def events_again(
    call: Call, since: datetime | None, after: UUID | None
) -> tuple[UUID | None, list[tuple[Message, datetime]]]:
    """The hromada's events, oldest first, a page at a time: the steps of every noun are numbered by time."""
    found = [
        *await appeals.told_since(call, since, after, _PAGE),
        *await receptions.told_since(call, since, after, _PAGE),
        *await hazards.told_since(call, since, after, _PAGE),
        *await referrals.told_since(call, since, after, _PAGE),
        *await duties.told_since(call, since, after, _PAGE),
        *await mediation.told_since(call, since, after, _PAGE),
        *await persons.told_since(call, since, after, _PAGE),
    ]
    page = sorted(found, key=lambda each: each[0])[:_PAGE]
    return (page[-1][0] if len(page) == _PAGE else None), [(message, at) for _, message, at in page]
