"""Where notices go on one machine: a mail server that keeps every letter in a maildir, and an SMS gateway that keeps
every message in a file. Nothing leaves the machine."""

import asyncio
import json
import mailbox
import os
import re
import sys
from collections.abc import Sequence
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any

from kit.servers.process import Child

_NUMBERS = re.compile(r"\d+")
_KEEPER = "aiosmtpd.handlers.Mailbox"


class Letters:
    """Two processes and what they were given."""

    def __init__(
        self,
        folder: Path,
        mail_port: int,
        sms_port: int,
        token: str,
        *,
        logs: Path,
        keeper: str = _KEEPER,
        options: Sequence[str] = (),
    ) -> None:
        self.mailbox = folder / "mail"
        self.messages = folder / "sms.jsonl"
        self._ports = (mail_port, sms_port)
        self._token = token
        self._folder = folder
        plain = {name: value for name, value in os.environ.items() if not name.startswith("SPILNO_")}
        listens = ["-n", "-u", "-c", keeper, "-l", f"127.0.0.1:{mail_port}", *options, str(self.mailbox)]
        self.mail = Child(
            "mail", [sys.executable, "-m", "aiosmtpd", *listens], log=logs / "mail.log", environment=plain
        )
        self.sms = Child(
            "sms",
            [sys.executable, "-m", "kit.servers.sms", str(sms_port), str(self.messages)],
            log=logs / "sms.log",
            environment={**plain, "SMS_TOKEN": token},
        )

    @property
    def children(self) -> tuple[Child, Child]:
        return self.mail, self.sms

    def settings(self) -> dict[str, str]:
        """What a service is told that sends notices there."""
        mail_port, sms_port = self._ports
        return {
            "SPILNO_SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
            "SPILNO_SMTP_FROM": "office@spilno.example.org",
            "SPILNO_SMS_URL": f"http://127.0.0.1:{sms_port}",
            "SPILNO_SMS_TOKEN": self._token,
        }

    async def start(self) -> None:
        """Starts both and waits until they listen."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for child, port in zip(self.children, self._ports, strict=True):
            child.start()
            await child.wait_ready(partial(_listens, port))

    async def stop(self) -> None:
        for child in self.children:
            await child.stop()

    def letters(self) -> list[EmailMessage]:
        """Every letter, the oldest first."""
        if not self.mailbox.exists():
            return []
        box = mailbox.Maildir(self.mailbox, create=False)
        read = [BytesParser(policy=default).parsebytes(box.get_bytes(key)) for key in sorted(box.keys(), key=_when)]
        return [one for one in read if isinstance(one, EmailMessage)]

    def texts(self) -> list[dict[str, Any]]:
        """Every SMS, the oldest first."""
        return [json.loads(line) for line in self.messages.read_text().splitlines()] if self.messages.exists() else []


def _when(key: str) -> list[int]:
    """The second, microsecond, process and count that a letter's file is named by: numbers that are not padded."""
    return [int(number) for number in _NUMBERS.findall(key)[:4]]


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 1)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
