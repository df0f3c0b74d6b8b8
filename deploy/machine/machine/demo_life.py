"""Two months of an office's life, invented: names and streets are of samples, and every text says what could be said.

Everything is done as staff would do it, at the time at which they would: the demo's clock is set back, and comes up to
the present a few days at a time.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import yaml
from kit.clock import kyiv_date
from spilno.reception.v1 import appeals_pb2, appeals_pb2_grpc, particulars_pb2, proceedings_pb2, proceedings_pb2_grpc

from machine import demo_help
from machine.demo_help import Helping, Referral
from machine.house import House

BEGAN = timedelta(days=61)
"""How long ago the demo's offices were opened."""

_TOLD = Path(__file__).with_name("life.yaml")
_LIFE = uuid.UUID("6f4c0d51-2f0e-4a57-9d53-2b8f5f0c9a10")
_TRIES = 20
_PHONE = "+380971234567"

Tokens = Callable[[], Awaitable[tuple[str, str]]]
"""Signs the officer and the head in at the clock's time: their tokens."""


@dataclass(frozen=True, slots=True)
class Story:
    """One invented appeal, and what becomes of it. Days are days ago."""

    came: int
    text: str
    area: str
    channel: str = "phone"
    kind: str = "application"
    taken: int | None = None
    """None: nobody has."""
    extended: int | None = None
    """When the officer asked for more time and the head granted it."""
    answered: int | None = None
    answer: str = ""
    outcome: str = "granted"
    referral: Referral | None = None
    """Whom the office asked to help."""


def stories() -> list[Story]:
    """All that is told, in the order in which it came."""
    told = yaml.safe_load(_TOLD.read_text(encoding="utf-8"))
    return [
        Story(**{**each, "referral": Referral(**asked) if (asked := each.get("referral")) else None}) for each in told
    ]


_NAMES = ("Зразкова Марія", "Прикладний Іван", "Вигадана Олена", "Зразковий Петро", "Прикладна Ганна")


def begin(house: House) -> None:
    """Sets the clock back, before a house starts for the first time."""
    if not (house.folder / "nats").exists():
        set_back(house, BEGAN)


def end(house: House) -> None:
    """The clock is the machine's again."""
    house.clock_file.unlink(missing_ok=True)


async def live(house: House, slug: str, tokens: Tokens) -> None:
    """The two months, unless the house began without them. Broken off, they go on from the day on which the clock
    stands, and what is there is not done again: request ids are forgotten when the clock has gone on for a day."""
    told = stories()
    days = sorted({day for each in told for day in _days(each)} | demo_help.DAYS)
    async with (
        grpc.aio.insecure_channel(house.grpc_address("reception")) as channel,
        grpc.aio.insecure_channel(house.grpc_address("identity")) as identity,
    ):

        def helping(tokens: tuple[str, str], day: int) -> Helping:
            today = kyiv_date(datetime.now(UTC) - timedelta(days=day))
            return Helping((channel, identity), f"hromadas/{slug}", tokens, today, _patiently)

        officer, _ = await tokens()
        names = await _registered(appeals_pb2_grpc.AppealsStub(channel), f"hromadas/{slug}", officer, told)
        for day in (each for each in reversed(days) if each <= _days_left(house)):
            set_back(house, timedelta(days=day))
            officer, head = await tokens()
            desk = _Desk(channel, f"hromadas/{slug}", officer, head)
            helps = helping((officer, head), day)
            for place, story in enumerate(told):
                if story.came == day and place not in names:
                    names[place] = await desk.register(place, story)
                if story.taken == day:
                    await _settled(desk.take, names[place])
                if story.extended == day:
                    await _settled(desk.extend, names[place])
                if story.referral is not None and story.referral.made == day:
                    await _settled(helps.refer, names[place], story.referral)
                if story.referral is not None and story.referral.replied == day:
                    await _settled(helps.reply, names[place], story.referral)
                if story.answered == day:
                    await _settled(desk.answer, names[place], story)
            if day in demo_help.DAYS:
                await _settled(helps.reconcile, day)
        is_told = bool(names)
        end(house)
        officer, head = await tokens()
        if is_told:
            helps = helping((officer, head), 0)
            await helps.owe({46: "Зустріч із радою, у залі ради", 32: "Звіт за пів року, на сесії"}, planned=9)
            await _settled(helps.hear_persons, names[0])
        asked = appeals_pb2.ListAppealsRequest(parent=f"hromadas/{slug}", page_size=1)
        await _patiently(appeals_pb2_grpc.AppealsStub(channel).ListAppeals, asked, officer)


async def _registered(appeals: Any, parent: str, token: str, told: list[Story]) -> dict[int, str]:
    """The names of what has been registered before the demo was broken off, by its place among the stories."""
    asked = appeals_pb2.ListAppealsRequest(parent=parent, page_size=100)
    there = {each.text: each.name for each in (await _patiently(appeals.ListAppeals, asked, token)).appeals}
    return {place: there[story.text] for place, story in enumerate(told) if story.text in there}


def _days_left(house: House) -> float:
    """How far back the clock stands; before all days when it is the machine's."""
    return -float(house.clock_file.read_text()) / 86400 if house.clock_file.exists() else -1


def _days(story: Story) -> list[int]:
    """When something of it happens."""
    days = [story.came, story.taken, story.answered, story.extended]
    if story.referral is not None:
        days += [story.referral.made, story.referral.replied]
    return [each for each in days if each is not None]


def set_back(house: House, back: timedelta) -> None:
    """Forwards only: a demo that was broken off goes on where it stopped."""
    stands = float(house.clock_file.read_text()) if house.clock_file.exists() else -back.total_seconds()
    house.clock_file.write_text(str(max(stands, -back.total_seconds())))


class _Desk:
    """What staff do on one day."""

    def __init__(self, channel: grpc.aio.Channel, parent: str, officer: str, head: str) -> None:
        self._appeals: Any = appeals_pb2_grpc.AppealsStub(channel)
        self._proceedings: Any = proceedings_pb2_grpc.ProceedingsStub(channel)
        self._parent, self._officer, self._head = parent, officer, head

    async def register(self, place: int, story: Story) -> str:
        """Enters the appeal; tells its name."""
        is_letter = story.channel == "post"
        draft = appeals_pb2.AppealDraft(
            kind=appeals_pb2.AppealKind.Value(f"APPEAL_KIND_{story.kind.upper()}"),
            area=appeals_pb2.SafetyArea.Value(f"SAFETY_AREA_{story.area.upper()}"),
            text=story.text,
            applicant=appeals_pb2.Applicant(
                name=_NAMES[place % len(_NAMES)],
                residence=f"вул. Зразкова, {place + 1}",
                phone="" if is_letter else _PHONE,
            ),
        )
        asked = appeals_pb2.RegisterAppealRequest(
            parent=self._parent,
            appeal=draft,
            channel=appeals_pb2.AppealChannel.Value(f"APPEAL_CHANNEL_{story.channel.upper()}"),
            request_id=str(uuid.uuid5(_LIFE, f"{self._parent}/{place}")),
        )
        registered = await _patiently(self._appeals.RegisterAppeal, asked, self._officer)
        return str(registered.appeal.name)

    async def take(self, name: str) -> None:
        appeal = await self._now(name)
        if appeal.state == appeals_pb2.APPEAL_STATE_REGISTERED:
            asked = appeals_pb2.TakeAppealRequest(name=name, etag=appeal.etag)
            await _patiently(self._appeals.TakeAppeal, asked, self._officer)

    async def answer(self, name: str, story: Story) -> None:
        appeal = await self._now(name)
        if appeal.state == appeals_pb2.APPEAL_STATE_IN_WORK:
            asked = appeals_pb2.AnswerAppealRequest(
                name=name,
                etag=appeal.etag,
                answer=story.answer,
                outcome=particulars_pb2.AppealOutcome.Value(f"APPEAL_OUTCOME_{story.outcome.upper()}"),
            )
            await _patiently(self._appeals.AnswerAppeal, asked, self._officer)

    async def extend(self, name: str) -> None:
        """The officer asks for the most that there is, and the head grants it."""
        appeal = await self._now(name)
        if appeal.due.term != particulars_pb2.TERM_GENERAL:
            return
        way = await _patiently(
            self._proceedings.GetProceedings, proceedings_pb2.GetProceedingsRequest(name=name), self._officer
        )
        if not way.HasField("extension_asked"):
            asked = proceedings_pb2.AskExtensionRequest(
                name=name, etag=appeal.etag, until=way.most.raw_on, reason="Чекаємо на висновок комунальної служби."
            )
            appeal = await _patiently(self._proceedings.AskExtension, asked, self._officer)
        granted = proceedings_pb2.DecideExtensionRequest(name=name, etag=appeal.etag, granted=True)
        await _patiently(self._proceedings.DecideExtension, granted, self._head)

    async def _now(self, name: str) -> Any:
        return await _patiently(self._appeals.GetAppeal, appeals_pb2.GetAppealRequest(name=name), self._officer)


async def _settled(act: Callable[..., Awaitable[object]], *told: Any) -> None:
    """Does what looks first at how things stand, once more when that changed meanwhile: by a job that warns of a term,
    or by an earlier try whose answer was lost."""
    for _ in range(_TRIES):
        try:
            await act(*told)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.ABORTED:
                raise
        else:
            return
    raise RuntimeError("it changes each time that it is looked at")


async def _patiently(verb: Any, asked: Any, token: str) -> Any:
    """For a moment after the clock was set, services find their own tokens too old."""
    for _ in range(_TRIES):
        try:
            return await verb(asked, metadata=(("authorization", f"Bearer {token}"),))
        except grpc.aio.AioRpcError as error:
            if error.code() not in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAUTHENTICATED}:
                raise
            refused = error
            await asyncio.sleep(0.3)
    raise refused
