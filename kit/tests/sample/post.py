"""Real servers for notices, and a hromada whose notices are sent by a clock of its own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from kit.call import Caller
from kit.jobs.worker import Worker
from kit.notices import Channel, To
from kit.notices.actions import of
from kit.notices.model import Notice
from kit.notices.settings import NoticeSettings
from kit.servers.letters import Letters
from kit.servers.process import free_port
from kit.testing.ground import Ground, at
from pydantic import SecretStr

from sample.tellings import READ, notices

NOON = at("2126-05-03 09:00")
ABOUT = "notes/1"


def moody(folder: Path, *options: str) -> Letters:
    """A mail server with moods, and an SMS gateway."""
    keeper = "kit.testing.mail.Moody"
    return Letters(folder, free_port(), free_port(), "token", logs=folder, keeper=keeper, options=options)


class SetClock:
    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment


class Post:
    """A hromada of its own: what is told there, and what was taken."""

    def __init__(self, ground: Ground, letters: Letters, **changes: Any) -> None:
        self.slug = f"h-{uuid4().hex[:8]}"
        self.clock = SetClock(NOON)
        self.letters = letters
        self.hromada = ground.hromada(self.slug)
        told = {name.removeprefix("SPILNO_").lower(): value for name, value in letters.settings().items()}
        secret = {name: SecretStr(told.pop(name)) for name in ("smtp_url", "sms_url", "sms_token")}
        base = ground.kit.settings.model_dump()
        self.settings = NoticeSettings.model_validate({**base, **told, **secret, **changes})
        self.chain = replace(ground.kit.chain, settings=self.settings, clock=self.clock)
        self.kit = ground.kit
        self._worker = Worker(
            ground.kit.database,
            self.clock,
            notices.jobs,
            lambda caller, hromada: self.chain.call(caller, hromada, "uk"),
            list,
        )

    def call(self, caller: Caller | None = None) -> Any:
        return self.chain.call(caller or Caller("tester"), self.hromada, "uk")

    async def tell(
        self,
        address: str,
        *,
        language: str = "uk",
        note: str = "Привіт",
        until: datetime | None = None,
        caller: Caller | None = None,
    ) -> Notice | None:
        channel = Channel.SMS if address.startswith("+") else Channel.EMAIL
        async with self.call(caller) as call:
            to = To(channel, address, language, call.now)
            values = {"note": note, "link": "https://spilno.example.org/n"}
            return await notices.tell(call, READ, about=ABOUT, to=to, values=values, until=until)

    async def work(self, after: float = 0) -> None:
        """What is due after so many seconds is done."""
        self.clock.moment += timedelta(seconds=after)
        await self._worker.work()

    async def kept(self) -> Sequence[Notice]:
        async with self.call() as call:
            return await of(call, ABOUT)

    async def only(self) -> Notice:
        [notice] = await self.kept()
        return notice

    def mailed(self, to: str) -> list[Any]:
        return [letter for letter in self.letters.letters() if letter["X-RcptTo"] == to]

    def texted(self, to: str) -> list[Any]:
        return [text for text in self.letters.texts() if text["phone"] == to]


def address() -> str:
    return f"o{uuid4().hex[:10]}@example.org"


def phone() -> str:
    return f"+38097{uuid4().int % 999_999:06}7"
