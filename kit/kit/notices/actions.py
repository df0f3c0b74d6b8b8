"""The verbs of notices."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from kit.call import Call
from kit.database import table_of
from kit.errors import AlreadyThere, Missing, Stale, TooMany, WrongState
from kit.jobs import Daily, Delayed, Job
from kit.localisation import LOCALES, Catalogue
from kit.notices import rules, texts
from kit.notices.delivery import deliver, opened, over, queue, sealed
from kit.notices.model import Notice, NoticeText
from kit.notices.rules import Channel, State, Trouble
from kit.notices.settings import own
from kit.notices.texts import OFFICE, SIGNATURE, Kind, Text
from kit.throttle import Throttle
from kit.vault import Sealed

_FLOOD = Throttle("notice", most=10, window=timedelta(days=1), reason="notice.too-many")
"""Of one address, whoever asks and in whatever hromada: nobody can be flooded by somebody who books in a loop."""

_PUMP = Throttle("notice-from", most=30, window=timedelta(hours=1), reason="notice.too-many")
"""Of one place from which residents write: nobody can have the platform pay for messages to a list of numbers."""

SEALED = Sealed(Notice, "sealed")


@dataclass(frozen=True, slots=True)
class To:
    """Whom to tell: what they agreed to, and when."""

    channel: Channel
    address: str
    language: str
    agreed_at: datetime
    is_staff: bool = False
    """Of the office itself: nobody else chose the address, so nobody is flooded by it."""


def to_staff(call: Call, email: str, language: str) -> To:
    """A member of staff, or the desk, at the address by which identity knows them: it is their work to be told, so
    nobody is asked."""
    return To(Channel.EMAIL, email, language, call.now, is_staff=True)


@dataclass(frozen=True, slots=True)
class InForce:
    """A text as it is sent now."""

    kind: Kind
    language: str
    text: Text
    etag: str
    is_own: bool
    """The hromada has changed it."""


class Notices:
    """What a service tells people: its kinds, and the texts with which a hromada begins.

    The texts stand in the service's catalogue as notice.<kind>.subject, .body and .sms, and the signature as
    notice.signature.
    """

    def __init__(self, package: str, kinds: Iterable[Kind]) -> None:
        self.kinds: Mapping[str, Kind] = {kind.name: kind for kind in (SIGNATURE, *kinds)}
        self._catalogue = Catalogue([package])

    @property
    def jobs(self) -> Sequence[Job]:
        """What the service must declare."""
        return [Delayed(deliver), Daily("04:10", forget_old)]

    async def tell(
        self,
        call: Call,
        kind: Kind,
        *,
        about: str,
        to: To,
        values: Mapping[str, str],
        until: datetime | None = None,
    ) -> Notice | None:
        """Queues a notice in the call's own transaction. Of a channel that is off, nothing.

        Args:
            about: the record, as its name goes on after the hromada's.
            values: what the texts of the kind may name.
            until: from then on it would help nobody.
        """
        if to.channel not in own(call.settings).channels:
            return None
        signed = {OFFICE: await self.signature(call, to.language), **values}
        said = (await self.in_force(call, kind, to.language)).text.filled(signed)
        is_mail = to.channel is Channel.EMAIL
        row = _row(call, about, kind.name, to, until or call.now + rules.LASTS)
        row.sealed = await sealed(
            call, row, to.address, said.subject if is_mail else "", said.body if is_mail else said.sms
        )
        try:
            if not to.is_staff:
                await _check_amount(call, to)
        except TooMany:
            over(row, State.FAILED, Trouble.TOO_MANY, call.now)
        else:
            await queue(call, row, call.now)
        call.db.add(row)
        return row

    async def in_force(self, call: Call, kind: Kind, language: str) -> InForce:
        """The hromada's own text, else the service's."""
        found = await call.db.one_or_none(select(NoticeText).where(_its(kind.name, language)))
        return self._told(kind, language, found)

    async def all_in_force(self, call: Call) -> list[InForce]:
        """Every text of the hromada, the signature first."""
        own_ones = {(row.kind, row.language): row for row in await call.db.all(select(NoticeText))}
        return [
            self._told(kind, language, own_ones.get((kind.name, language)))
            for kind in self.kinds.values()
            for language in LOCALES
        ]

    async def change(self, call: Call, kind: Kind, language: str, text: Text, etag: str) -> InForce:
        """Makes a text the hromada's own.

        Raises:
            Refused: it names what is not there, is empty or too long; at its field.
            Stale: somebody else has changed it.
        """
        clean = texts.check(kind, text)
        found = await call.db.one_or_none(select(NoticeText).where(_its(kind.name, language)))
        if found is not None:
            row = await call.db.lock(NoticeText, found.id, etag)
            row.subject, row.body, row.sms = clean.subject, clean.body, clean.sms
            return self._told(kind, language, row)
        row = NoticeText(kind=kind.name, language=language, subject=clean.subject, body=clean.body, sms=clean.sms)
        if etag != _UNCHANGED:
            raise Stale
        call.db.add(row)
        try:
            await call.db.flush()
        except AlreadyThere:
            raise Stale from None
        return self._told(kind, language, row)

    async def reset(self, call: Call, kind: Kind, language: str) -> InForce:
        """Gives the service's text back."""
        await call.db.records(delete(NoticeText).where(_its(kind.name, language)))
        return self._told(kind, language, None)

    async def preview(self, call: Call, kind: Kind, language: str, text: Text) -> Text:
        """The text with the examples of its values.

        Raises:
            Refused: it could not be kept.
        """
        clean = texts.check(kind, text)
        return clean.filled({OFFICE: await self.signature(call, language), **kind.values})

    async def signature(self, call: Call, language: str) -> str:
        """How the office signs."""
        return (await self.in_force(call, SIGNATURE, language)).text.body

    def kind(self, name: str) -> Kind:
        """The kind of that name.

        Raises:
            Missing: there is none.
        """
        if name not in self.kinds:
            raise Missing
        return self.kinds[name]

    def _told(self, kind: Kind, language: str, row: NoticeText | None) -> InForce:
        if row is not None:
            return InForce(kind, language, Text(row.subject, row.body, row.sms), row.etag, is_own=True)
        if kind is SIGNATURE:
            return InForce(kind, language, Text("", self._default(kind.name, language), ""), _UNCHANGED, is_own=False)
        parts = (self._default(f"{kind.name}.{part}", language) for part in ("subject", "body", "sms"))
        return InForce(kind, language, Text(*parts), _UNCHANGED, is_own=False)

    def _default(self, key: str, language: str) -> str:
        return self._catalogue.text(f"notice.{key}", language)


_UNCHANGED = "0"


async def _check_amount(call: Call, to: To) -> None:
    if not call.caller.subject:
        await _PUMP.attempt(call, call.caller.address)
    await _FLOOD.attempt(call, to.channel, to.address.lower())


async def of(call: Call, about: str) -> list[Notice]:
    """The notices about a record, the newest first."""
    its = select(Notice).where(col(Notice.about) == about)
    return await call.db.all(its.order_by(col(Notice.told_at).desc(), col(Notice.id).desc()))


async def again(call: Call, notice_id: UUID) -> Notice:
    """Sends the same words once more: a new notice, because a mailbox shows the same letter only once.

    Raises:
        Missing: there is no such notice.
        WrongState: it is on its way, forgotten or too late.
        TooMany: the address has had enough for a day.
    """
    earlier = await call.db.get(Notice, notice_id)
    _check_again(earlier, call.now)
    letter = await opened(call, earlier)
    await _FLOOD.attempt(call, letter.channel, letter.to.lower())
    to = To(letter.channel, letter.to, letter.language, earlier.agreed_at)
    row = _row(call, earlier.about, earlier.kind, to, _until(earlier, call.now))
    row.sealed = await sealed(call, row, letter.to, letter.subject, letter.body)
    await queue(call, row, call.now)
    call.db.add(row)
    return row


def can_be_sent_again(row: Notice, now: datetime) -> bool:
    """As it stands now."""
    try:
        _check_again(row, now)
    except WrongState:
        return False
    return True


async def forget(call: Call, abouts: Collection[str]) -> None:
    """Of the notices about these records, to whom they went and what they said. What became of them stays; what still
    waits is withdrawn."""
    await _forget(call, col(Notice.about).in_(abouts))


async def forget_old(call: Call) -> None:
    """The same, of every notice after its thirty days: by then nobody needs to send it again."""
    await _forget(call, col(Notice.told_at) < call.now - rules.KEPT)


async def _forget(call: Call, which: ColumnElement[bool]) -> None:
    known = (which, col(Notice.sealed).is_not(None))
    waits = (*known, col(Notice.state) == State.QUEUED)
    done = {"state": State.WITHDRAWN, "over_at": call.now, "next_at": None}
    await call.db.records(update(Notice).where(*waits).values(**done))
    await call.db.records(update(Notice).where(*known).values(sealed=None, masked="", version=Notice.version + 1))


def _its(kind: str, language: str) -> ColumnElement[bool]:
    own_text = table_of(NoticeText)
    return (own_text.c.kind == kind) & (own_text.c.language == language)


def _row(call: Call, about: str, kind: str, to: To, until: datetime) -> Notice:
    return Notice(
        hromada_id=call.hromada.id,
        id=uuid7(),
        about=about,
        kind=kind,
        channel=to.channel,
        language=to.language,
        agreed_at=to.agreed_at,
        masked=rules.masked(to.channel, to.address),
        sealed=None,
        state=State.QUEUED,
        told_at=call.now,
        until=until,
    )


def _check_again(row: Notice, now: datetime) -> None:
    rules.check_again(row.state, is_forgotten=row.sealed is None, until=_until(row, now), now=now)


def _until(earlier: Notice, now: datetime) -> datetime:
    """Until when it may be sent again: what had a term of its own keeps it, the rest gets a new one."""
    had_the_usual = earlier.until - earlier.told_at == rules.LASTS
    return now + rules.LASTS if had_the_usual else earlier.until
