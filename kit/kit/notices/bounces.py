"""Letters that come back (RFC 3464): `python -m <service> bounces < letter`, or `bounces <maildir>`.

A mail server pipes to the first what comes for `bounce+…@`; the second reads what was delivered into a maildir since
it was read last. Whose letter came back stands in the address to which it did, else in its own Message-ID.
"""

import asyncio
import mailbox
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.parser import BytesParser, Parser
from email.policy import default
from pathlib import Path
from uuid import UUID

from kit.errors import Missing
from kit.notices.delivery import over
from kit.notices.model import Notice
from kit.notices.rules import State, Trouble
from kit.notices.sending import token_read
from kit.service import Kit, Service

_TOKEN = re.compile(r"(?:bounce\+|<)([a-z2-7]{52})@", re.IGNORECASE)
_RECEIVED_AT = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-RcptTo")
_STATUS = re.compile(r"([45])\.(\d{1,3})\.(\d{1,3})")
_LARGEST = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounce:
    """A letter that came back for good."""

    hromada: UUID
    notice: UUID
    trouble: Trouble


def read(letter: bytes) -> Bounce | None:
    """What a report says. None of what is no report, of one that a letter is late, and of one about no notice."""
    message = BytesParser(policy=default).parsebytes(letter)
    if message.get_content_type() != "multipart/report" or message.get_param("report-type") != "delivery-status":
        return None
    parts = [part for part in message.iter_parts() if isinstance(part, EmailMessage)]
    ids = next(_ids(message, parts), None)
    failed = next((one for one in _recipients(parts) if str(one["Action"] or "").strip().lower() == "failed"), None)
    return Bounce(*ids, _trouble(str(failed["Status"] or ""))) if ids and failed is not None else None


def _ids(message: EmailMessage, parts: Sequence[EmailMessage]) -> Iterator[tuple[UUID, UUID]]:
    """The notice by the address that the report was sent to, then by the Message-ID of what it quotes."""
    told = [str(value) for name in _RECEIVED_AT for value in message.get_all(name, [])]
    told += [str(quoted["Message-ID"] or "") for quoted in map(_quoted, parts) if quoted is not None]
    for value in told:
        for found in _TOKEN.findall(value):
            if (ids := token_read(found)) is not None:
                yield ids


def _quoted(part: EmailMessage) -> Message | None:
    """The letter, or its headers, that a part of a report quotes."""
    match part.get_content_type():
        case "text/rfc822-headers":
            return Parser(policy=default).parsestr(part.get_content())
        case "message/rfc822":
            return next(iter(_inner(part)), None)
        case _:
            return None


def _recipients(parts: Sequence[EmailMessage]) -> Iterator[Message]:
    """The fields of each recipient; those of the whole report, which come first, name no action."""
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            yield from _inner(part)


def _inner(part: EmailMessage) -> Sequence[Message]:
    inner = part.get_payload()
    return [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []


def _trouble(status: str) -> Trouble:
    match _STATUS.match(status.strip()):
        case None:
            return Trouble.REFUSED
        case found if found[1] == "4":
            return Trouble.SERVER_AWAY
        case found if found[2] == "1":
            return Trouble.NO_SUCH_ADDRESS
        case found if (found[2], found[3]) == ("2", "2"):
            return Trouble.MAILBOX_FULL
        case found if found[2] == "2":
            return Trouble.NO_SUCH_ADDRESS
        case _:
            return Trouble.REFUSED


async def mark(kit: Kit, bounce: Bounce) -> bool:
    """Writes it on its notice; tells whether there was one to write it on."""
    async with kit.database.transaction(bounce.hromada) as db:
        try:
            row = await db.lock(Notice, bounce.notice)
        except Missing:
            return False
        was_sent = row.state is State.SENT
        if was_sent:
            over(row, State.BOUNCED, bounce.trouble, kit.clock.now())
        return was_sent


async def command(service: Service, arguments: Sequence[str]) -> int:
    """`bounces < letter`, `bounces <maildir>`. Says how many notices came back, and of whom nothing."""
    letters = list(_of_maildir(Path(arguments[0]))) if arguments else [sys.stdin.buffer.read(_LARGEST)]
    marked = 0
    async with AsyncExitStack() as stack:
        kit = await service.kit(stack)
        for letter in letters:
            bounce = await asyncio.to_thread(read, letter)
            marked += bounce is not None and await mark(kit, bounce)
    sys.stdout.write(f"read {len(letters)}, came back {marked}\n")
    return 0


def _of_maildir(folder: Path) -> Iterator[bytes]:
    """What is new there; once read it is not new any more."""
    box = mailbox.Maildir(folder, create=False)
    for key, message in list(box.iteritems()):
        if message.get_subdir() == "new":
            yield box.get_bytes(key)
            message.set_subdir("cur")
            message.add_flag("S")
            box[key] = message
