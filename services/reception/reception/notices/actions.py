"""The verbs of notices that need reception's records."""

from uuid import UUID

from kit.call import Call
from kit.errors import Refused
from kit.notices.actions import again, of
from kit.notices.model import Notice

from reception.appeals import actions as appeals
from reception.receptions import actions as receptions


async def about(call: Call, visit: UUID | None, appeal: UUID | None) -> list[Notice]:
    """The notices about one record, the newest first.

    Raises:
        Refused: none is named, or two are.
        Missing: there is no such record for the caller.
    """
    if (visit is None) == (appeal is None):
        raise Refused("visit", "notice.one-record")
    name = f"appeals/{appeal}" if visit is None else f"visits/{visit}"
    await _seen(call, name)
    return await of(call, name)


async def send_again(call: Call, notice_id: UUID) -> Notice:
    """Sends the same words once more, about a record that the caller sees.

    Raises:
        Missing: there is no such notice for the caller.
        WrongState: it cannot be sent again as it stands.
    """
    await _seen(call, (await call.db.get(Notice, notice_id)).about)
    return await again(call, notice_id)


async def _seen(call: Call, name: str) -> None:
    noun, _, id = name.partition("/")
    await (appeals if noun == "appeals" else receptions).get(call, UUID(id))
