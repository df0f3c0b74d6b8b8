"""A mail server with moods: `aiosmtpd -c kit.testing.mail.Moody <maildir>`. What it says of a recipient stands before
their @, such as 550 in 550@example.org; a file `busy` beside the maildir
makes it put everybody off, and `slow` makes it keep a letter and take five seconds to say so."""

import asyncio
from pathlib import Path
from typing import Any

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, Envelope, Session

_SAID = {
    "550": "550 5.1.1 no such user",
    "552": "552 5.2.2 mailbox full",
    "554": "554 5.7.1 not from you",
    "451": "451 4.7.1 come back later",
}


class Moody(Mailbox):
    """Keeps the letters that it takes."""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._is("busy"):
            return _SAID["451"]
        refusal = _SAID.get(address.partition("@")[0])
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        kept: str = await super().handle_DATA(server, session, envelope)
        if self._is("slow"):
            await asyncio.sleep(5)
        return kept

    def _is(self, mood: str) -> bool:
        folder: Any = self.mail_dir
        return Path(folder).with_name(mood).exists()
