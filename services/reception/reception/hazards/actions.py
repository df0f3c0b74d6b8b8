"""The verbs of hazards."""

import csv
import io
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import shapely
from google.protobuf.message import Message
from kit.call import Call
from kit.clock import KYIV, kyiv_date
from kit.database import table_of
from kit.errors import Missing, Refused, WrongState
from kit.notices.actions import forget
from kit.throttle import Throttle
from shapely.geometry import Point
from sqlalchemy import delete, false, func, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from uuid_utils.compat import uuid7

from reception.appeals.rules import Wish, code_digits
from reception.beats.areas import UKRAINE
from reception.codes import actions as codes
from reception.hazards import letters, rules
from reception.hazards.events import told
from reception.hazards.model import Confirmation, Follower, Hazard, HazardSettings, ReportKey, Step
from reception.hazards.rules import (
    NOBODY,
    Body,
    Category,
    Channel,
    Contact,
    Deed,
    Draft,
    Known,
    Place,
    Publication,
    Settings,
    State,
)
from reception.maps import actions as maps
from reception.maps.rules import borders
from reception.photos import actions as photos
from reception.photos import fetching
from reception.photos.model import Photo
from reception.photos.rules import State as PhotoState
from reception.settings import own

CODE_DIGITS = 12
MOST_ALIKE = 5
_LOOKED_AT = 200
_MOST_IN_A_SHEET = 20_000
_FORGOTTEN_AT_ONCE = 500
_REPORTS = Throttle("hazard-report", most=20, window=timedelta(hours=1), reason="hazard.too-many")
_CONFIRMATIONS = Throttle("hazard-confirm", most=30, window=timedelta(hours=1), reason="hazard.too-many")
_REOPENINGS = Throttle("hazard-reopen", most=5, window=timedelta(hours=1), reason="hazard.too-many")
_WRONG_CODES = Throttle("hazard-code", most=10, window=timedelta(minutes=15), reason="hazard.too-many-codes")
_OPEN = [state for state in State if state.is_open]
_CLOSED = [state for state in State if not state.is_open]
_HAS_A_PHOTO_WAITING = (
    select(col(Photo.id)).where(col(Photo.hazard_id) == col(Hazard.id), col(Photo.state) == PhotoState.WAITING).exists()
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which hazards are listed."""

    categories: Sequence[str] = ()
    is_open: bool | None = None
    publications: Sequence[Publication] = ()
    since: datetime | None = None
    until: datetime | None = None
    numbers: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Followed:
    """A hazard as whoever holds a code of it knows it."""

    hazard: Hazard
    follower: Follower


async def receive_settings(call: Call, settings: Settings) -> bool:
    """Gives the hromada its first settings, unless it has some; tells whether they were written now."""
    table = table_of(HazardSettings)
    values = {
        "hromada_id": call.hromada.id,
        "id": uuid7(),
        "version": 1,
        "last_number": 0,
        **_columns(rules.check_settings(settings, ())),
    }
    unless_there = insert(table).values(values).on_conflict_do_nothing(index_elements=[table.c.hromada_id])
    return bool(await call.db.records(unless_there.returning(table.c.id)))


async def settings_row(call: Call) -> HazardSettings:
    """The hromada's settings.

    Raises:
        WrongState: it has none yet: its provisioning is under way.
    """
    found = await call.db.one_or_none(select(HazardSettings))
    if found is None:
        raise WrongState("hazard.not-open", retry_after=timedelta(seconds=2))
    return found


def said(row: HazardSettings) -> Settings:
    """The settings as the rules know them."""
    return Settings(
        tuple(
            Category(**{**each, "body": Body(UUID(body["id"]) if body["id"] else None, body["title"])})
            for each in row.categories
            for body in (each["body"],)
        ),
        row.anyone_reopens,
        row.kept_days,
    )


async def update_settings(call: Call, etag: str, settings: Settings) -> HazardSettings:
    """How the hromada deals with hazards from now on.

    Raises:
        Refused: a category stands twice or is gone, or has nobody in charge.
    """
    row = await call.db.lock(HazardSettings, (await settings_row(call)).id, etag)
    for name, value in _columns(rules.check_settings(settings, said(row).categories)).items():
        setattr(row, name, value)
    return row


def _columns(settings: Settings) -> dict[str, Any]:
    return {
        "categories": [
            {**asdict(each), "body": {"id": str(each.body.id or ""), "title": each.body.title}}
            for each in settings.categories
        ],
        "anyone_reopens": settings.anyone_reopens,
        "kept_days": settings.kept_days,
    }


async def report(
    call: Call,
    draft: Draft,
    channel: Channel,
    *,
    key: ReportKey | None = None,
    told_on: date | None = None,
    media_url: str = "",
) -> tuple[Hazard, str]:
    """Keeps what somebody tells, and tells the secret code by which they follow it.

    Raises:
        Refused: the category is none, nobody can tell where it is, it is outside the hromada, or whoever tells it
            cannot be told of it as they wish, or a photo is none; names the field.
        TooMany: too many reports from the same place.
    """
    is_staff = channel in {Channel.PHONE, Channel.RECEPTION}
    draft = rules.clean(draft)
    settings = await settings_row(call)
    category = rules.check(draft, said(settings).categories)
    await _check_place(call, draft.place)
    address = rules.told_at(draft.wish, draft.contact, own(call.settings).channels, "hazard.")
    day = rules.happened(told_on, call.today, date.min)
    if not is_staff and key is None:
        await _REPORTS.attempt(call, call.hromada.slug, call.caller.subject or call.caller.address)
    at = _moment(call, day)
    hazard = Hazard(
        number=await _next_number(call),
        category=category.code,
        state=State.REPORTED,
        publication=rules.publication(category, draft.text, draft.address, by_staff=is_staff),
        channel=channel,
        latitude=round(draft.place.latitude, 6) if draft.place else None,
        longitude=round(draft.place.longitude, 6) if draft.place else None,
        address=draft.address,
        public_address=rules.without_doubts(draft.address),
        text=draft.text,
        public_text=rules.without_doubts(draft.text),
        contact_name=draft.contact.name,
        contact_phone=draft.contact.phone,
        contact_email=draft.contact.email,
        reported_at=at,
        updated_at=at,
        registered_by=call.caller.subject,
        registered_by_name=key.title if key else call.caller.display_name,
        key_id=key.id if key else None,
        body_id=category.body.id,
        body_title=category.body.title,
    )
    call.db.add(hazard)
    await call.db.flush()
    await photos.name_for(call, hazard.id, draft.photos, "hazard.photos")
    if media_url:
        await fetching.ask(call, hazard.id, fetching.told(media_url, is_known=channel is Channel.INTEGRATION))
    code = await _follow(call, hazard, draft.wish, address, is_reporter=True)
    _happened(call, hazard, Deed.REPORTED, day)
    return hazard, code


async def _check_place(call: Call, place: Place | None) -> None:
    """Within the border of the hromada's map, if it has one; else within Ukraine."""
    if place is None:
        return
    brought = await maps.find(call)
    drawn = borders(brought.features) if brought is not None else []
    point = Point(place.longitude, place.latitude)
    if not any(shapely.covers(border, point) for border in drawn or [UKRAINE]):
        raise Refused("hazard.point", "hazard.outside-the-hromada")


async def _next_number(call: Call) -> int:
    table = table_of(HazardSettings)
    counted = update(table).values(last_number=table.c.last_number + 1).returning(table.c.last_number)
    return int((await call.db.records(counted))[0]["last_number"])


async def _follow(call: Call, hazard: Hazard, wish: Wish | None, address: str, *, is_reporter: bool) -> str:
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    follower = Follower(
        hazard_id=hazard.id,
        code_hash=await codes.digest(call, "hazard", code),
        is_reporter=is_reporter,
        channel=wish.channel if wish else None,
        address=address,
        language=wish.language if wish else "",
        agreed_at=call.now if wish else None,
    )
    call.db.add(follower)
    return code


async def alike(call: Call, draft: Draft, *, public_only: bool, besides: UUID | None = None) -> list[Hazard]:
    """What may be the same as a draft, the likeliest first; what was closed within a year too."""
    draft = rules.clean(draft)
    statement = select(Hazard).where(
        col(Hazard.category) == draft.category,
        (col(Hazard.closed_on).is_(None)) | (col(Hazard.closed_on) >= rules.seen_since(call.today)),
        col(Hazard.state).not_in([State.DUPLICATE, State.REJECTED]),
    )
    if public_only:
        statement = statement.where(col(Hazard.publication) == Publication.SHOWN)
    if draft.place is not None:
        low, high = rules.around(draft.place)
        is_near = col(Hazard.latitude).between(low.latitude, high.latitude) & col(Hazard.longitude).between(
            low.longitude, high.longitude
        )
        statement = statement.where(is_near | col(Hazard.latitude).is_(None))
    found = await call.db.all(statement.order_by(col(Hazard.id).desc()).limit(_LOOKED_AT))
    sought = Known(draft.place, f"{draft.address} {draft.text}")
    scored = [
        (score, each)
        for each in found
        if each.id != besides
        and (score := rules.likeness(sought, Known(each.place, f"{each.public_address} {each.public_text}")))
        is not None
    ]
    scored.sort(key=lambda one: (-one[0], -one[1].number))
    return [each for _, each in scored[:MOST_ALIKE]]


def _known(hazard: Hazard) -> Known:
    return Known(hazard.place, f"{hazard.public_address} {hazard.public_text}")


async def similar(call: Call, hazard: Hazard) -> list[Hazard]:
    """What may be the same as a hazard, public or not."""
    draft = Draft(hazard.category, hazard.place, hazard.public_address, hazard.public_text)
    return await alike(call, draft, public_only=False, besides=hazard.id)


async def follow(call: Call, typed: str) -> Followed:
    """The hazard of a secret code.

    Raises:
        Missing: no hazard of this hromada has that code.
        TooMany: too many wrong codes from the same place.
    """
    who = (call.hromada.slug, call.caller.subject or call.caller.address)
    await _WRONG_CODES.attempt(call, *who)
    code_hash = await codes.digest(call, "hazard", code_digits(typed))
    follower = await call.db.one_or_none(select(Follower).where(col(Follower.code_hash) == code_hash))
    if follower is None:
        raise Missing("hazard.code-unknown")
    await _WRONG_CODES.succeeded(call, *who)
    return Followed(await call.db.get(Hazard, follower.hazard_id), follower)


async def stop_notices(call: Call, typed: str) -> Followed:
    """Whoever holds the code is told nothing more; their address is forgotten."""
    found = await follow(call, typed)
    follower = await call.db.lock(Follower, found.follower.id)
    follower.channel, follower.address, follower.agreed_at = None, "", None
    return replace(found, follower=follower)


async def public(call: Call, number: int, key: ReportKey | None = None) -> Hazard:
    """A hazard that everybody may see, or that the key's system has told.

    Raises:
        Missing: there is none for the caller.
    """
    found = await call.db.one_or_none(select(Hazard).where(col(Hazard.number) == number))
    is_theirs = found is not None and key is not None and found.key_id == key.id
    if found is None or not (found.is_public or is_theirs):
        raise Missing
    return found


async def confirm(
    call: Call, number: int, visitor: str, contact: Contact = NOBODY, wish: Wish | None = None
) -> tuple[Hazard, bool, str]:
    """Somebody saw it too, once each; tells whether it is new, and the code of a new follower.

    Raises:
        Missing: there is no such hazard for everybody.
        Refused: whoever confirms it cannot be told of it as they wish.
        TooMany: too many from the same place.
    """
    found = await public(call, number)
    address = rules.told_at(wish, contact, own(call.settings).channels, "")
    await _CONFIRMATIONS.attempt(call, call.hromada.slug, call.caller.subject or call.caller.address)
    who = await codes.digest(call, f"hazard-visitor {found.id}", f"{call.caller.subject} {visitor}")
    row = {"hromada_id": call.hromada.id, "id": uuid7(), "version": 1, "hazard_id": found.id, "visitor": who}
    table = table_of(Confirmation)
    is_new = bool(await call.db.records(insert(table).values(row).on_conflict_do_nothing().returning(table.c.id)))
    code = await _follow(call, found, wish, address, is_reporter=False) if wish and is_new else ""
    if is_new:
        found = await call.db.lock(Hazard, found.id)
        found.confirmations += 1
        _happened(call, found, Deed.CONFIRMED, call.today)
    return found, is_new, code


async def reopen(call: Call, number: int, reason: str, code: str) -> Hazard:
    """A resident says that it is not fixed.

    Raises:
        Missing: there is no such hazard for them, or the code is none of it.
        Refused: it is not said what is still wrong, or a code is needed.
        WrongState: it is open.
    """
    text = rules.reason(reason, "reason")
    if code:
        followed = (await follow(call, code)).hazard
        if followed.number != number:
            raise Missing("hazard.code-unknown")
        hazard = followed
    else:
        hazard = await public(call, number)
        if not said(await settings_row(call)).anyone_reopens:
            raise Refused("code", "hazard.code-missing")
    await _REOPENINGS.attempt(call, call.hromada.slug, call.caller.subject or call.caller.address)
    hazard = await call.db.lock(Hazard, hazard.id)
    if hazard.state is State.DUPLICATE:
        raise WrongState("hazard.not-so-now")
    hazard.state = rules.move(hazard.state, Deed.REOPENED)
    hazard.closed_on = None
    await _changed(call, hazard, Deed.REOPENED, call.today, text, of_office=False)
    return hazard


async def moderate(
    call: Call, hazard_id: UUID, etag: str, *, shown: bool, text: str, address: str, with_photos: Collection[UUID] = ()
) -> Hazard:
    """Lets everybody see a hazard, in the moderator's words and with these of its photos, or keeps it out.

    Raises:
        Refused: one of them is no photo of it.
    """
    hazard = await call.db.lock(Hazard, hazard_id, etag)
    cleaned = rules.clean(Draft(hazard.category, None, address, text))
    hazard.public_text, hazard.public_address = cleaned.text, cleaned.address
    hazard.publication = Publication.SHOWN if shown else Publication.WITHHELD
    await photos.show(call, hazard.id, with_photos if shown else (), "photos")
    _happened(call, hazard, Deed.SHOWN if shown else Deed.WITHHELD, call.today)
    return hazard


async def change(
    call: Call,
    hazard_id: UUID,
    etag: str,
    deed: Deed,
    *,
    note: str = "",
    body: Body | None = None,
    duplicate_of: int = 0,
    on: date | None = None,
) -> Hazard:
    """What staff say became of a hazard.

    Raises:
        Refused: a reason, a body or the other hazard is missing, or the day is wrong.
        WrongState: it cannot be done as the hazard stands.
    """
    hazard = await call.db.lock(Hazard, hazard_id, etag)
    state = rules.move(hazard.state, deed)
    steps = await history(call, [hazard])
    day = rules.happened(on, call.today, max(each.happened_on for each in steps[hazard.id]))
    is_explained = deed in {Deed.REJECTED, Deed.REOPENED}
    text = rules.reason(note, "note") if is_explained else rules.clean(Draft("", None, "", note)).text
    if deed is Deed.HANDED_OVER:
        _hand_over(call, hazard, body or await _body_of(call, hazard))
    if deed is Deed.MERGED:
        await _merge(call, hazard, duplicate_of)
    if deed is Deed.REOPENED:
        hazard.duplicate_of = None
    hazard.state = state
    hazard.closed_on = None if state.is_open else day
    await _changed(call, hazard, deed, day, text, of_office=True)
    return hazard


async def _body_of(call: Call, hazard: Hazard) -> Body:
    categories = said(await settings_row(call)).categories
    return next((each.body for each in categories if each.code == hazard.category), Body(None, ""))


def _hand_over(call: Call, hazard: Hazard, body: Body) -> None:
    title = rules.clean(Draft("", None, body.title, "")).address
    if not any(letter.isalnum() for letter in title):
        raise Refused("body.title", "hazard.body-missing")
    hazard.body_id, hazard.body_title = body.id, title


async def _merge(call: Call, hazard: Hazard, number: int) -> None:
    """It is the same as another, which is confirmed by as many more."""
    found = await call.db.one_or_none(select(Hazard).where(col(Hazard.number) == number))
    if found is None or found.id == hazard.id or found.state is State.DUPLICATE:
        raise Refused("duplicate_of", "hazard.duplicate-of-nothing")
    original = await call.db.lock(Hazard, found.id)
    original.confirmations += 1 + hazard.confirmations
    hazard.duplicate_of = original.id


async def _changed(call: Call, hazard: Hazard, deed: Deed, day: date, note: str, *, of_office: bool) -> None:
    if of_office:
        hazard.note = note
    hazard.updated_at = _moment(call, day)
    _happened(call, hazard, deed, day, note, of_office=of_office)
    for follower in await call.db.all(
        select(Follower).where(col(Follower.hazard_id) == hazard.id, col(Follower.channel).is_not(None))
    ):
        await letters.tell_changed(call, hazard, deed, follower)


def _moment(call: Call, day: date) -> datetime:
    """Now, or the noon of a day before."""
    return call.now if day == call.today else datetime.combine(day, time(12), KYIV)


def _happened(call: Call, hazard: Hazard, deed: Deed, day: date, note: str = "", *, of_office: bool = True) -> None:
    """Writes a deed into the hazard's history, and tells it."""
    hazard.changes += deed not in {Deed.REPORTED, Deed.CONFIRMED}
    step = Step(
        hazard_id=hazard.id,
        deed=deed,
        state=hazard.state,
        publication=hazard.publication,
        happened_on=day,
        note=note,
        is_of_office=of_office,
        body_title=hazard.body_title if deed is Deed.HANDED_OVER else "",
        hazard_version=hazard.version,
        at=call.now,
    )
    call.db.add(step)
    call.emit(told(call.hromada, hazard, step))


async def history(call: Call, hazards: Iterable[Hazard]) -> dict[UUID, list[Step]]:
    """What happened to hazards, oldest first; that somebody confirmed one is a number, not a step."""
    steps: dict[UUID, list[Step]] = {each.id: [] for each in hazards}
    statement = (
        select(Step)
        .where(col(Step.hazard_id).in_(steps), col(Step.deed) != Deed.CONFIRMED)
        .order_by(col(Step.happened_on), col(Step.id))
    )
    for step in await call.db.all(statement):
        steps[step.hazard_id].append(step)
    return steps


async def numbers_of(call: Call, ids: Iterable[UUID]) -> dict[UUID, int]:
    """The numbers of hazards."""
    found = await call.db.all(select(Hazard).where(col(Hazard.id).in_(set(ids))))
    return {each.id: each.number for each in found}


async def page(call: Call, which: Filter, after: tuple[datetime, UUID] | None, size: int) -> list[Hazard]:
    """Hazards, the newest first, at most `size`."""
    statement = select(Hazard).limit(size)
    if which.categories:
        statement = statement.where(col(Hazard.category).in_(which.categories))
    if which.is_open is not None:
        statement = statement.where(col(Hazard.state).in_(_OPEN if which.is_open else _CLOSED))
    if which.publications:
        is_one = col(Hazard.publication).in_(which.publications)
        has_one = _HAS_A_PHOTO_WAITING if Publication.WAITING in which.publications else false()
        statement = statement.where(is_one | has_one)
    if which.since is not None:
        statement = statement.where(col(Hazard.reported_at) >= which.since)
    if which.until is not None:
        statement = statement.where(col(Hazard.reported_at) <= which.until)
    if which.numbers:
        statement = statement.where(col(Hazard.number).in_(which.numbers))
    if after is not None:
        statement = statement.where(tuple_(col(Hazard.reported_at), col(Hazard.id)) < after)
    return await call.db.all(statement.order_by(col(Hazard.reported_at).desc(), col(Hazard.id).desc()))


async def counts(call: Call) -> tuple[int, int, int]:
    """How many wait to be looked through, are open, and are closed."""
    is_waiting = (col(Hazard.publication) == Publication.WAITING) | _HAS_A_PHOTO_WAITING
    is_open = col(Hazard.state).in_(_OPEN)
    statement = select(
        func.count().filter(is_waiting).label("waiting"),
        func.count().filter(is_open).label("open"),
        func.count().filter(~is_open).label("closed"),
    ).select_from(Hazard)
    record = (await call.db.records(statement))[0]
    return record["waiting"], record["open"], record["closed"]


_HEADS = (
    "Номер",
    "Повідомлено",
    "Категорія",
    "Стан",
    "Оприлюднення",
    "Широта",
    "Довгота",
    "Адреса",
    "Текст",
    "Хто відповідає",
    "Підтвердили",
    "Закрито",
    "Рішення",
)


async def sheet(call: Call) -> bytes:
    """All hazards as CSV in the words that everybody may read, without anybody's contacts."""
    titles = {each.code: each.title for each in said(await settings_row(call)).categories}
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(_HEADS)
    for each in await call.db.all(select(Hazard).order_by(col(Hazard.number)).limit(_MOST_IN_A_SHEET)):
        row = (
            each.number,
            kyiv_date(each.reported_at),
            titles.get(each.category, each.category),
            each.state.value,
            each.publication.value,
            "" if each.latitude is None else each.latitude,
            "" if each.longitude is None else each.longitude,
            each.public_address,
            each.public_text,
            each.body_title,
            each.confirmations,
            each.closed_on or "",
            each.note,
        )
        lines.writerow([rules.cell(value) for value in row])
    return written.getvalue().encode("utf-8-sig")


async def told_since(
    call: Call, since: datetime | None, after: UUID | None, most: int
) -> list[tuple[UUID, Message, datetime]]:
    """The events of the hromada's hazards made from their history, oldest first."""
    statement = select(Step).order_by(col(Step.id)).limit(most)
    if since is not None:
        statement = statement.where(col(Step.at) >= since)
    if after is not None:
        statement = statement.where(col(Step.id) > after)
    steps = await call.db.all(statement)
    found = await call.db.all(select(Hazard).where(col(Hazard.id).in_({step.hazard_id for step in steps})))
    hazards = {hazard.id: hazard for hazard in found}
    return [(step.id, told(call.hromada, hazards[step.hazard_id], step), step.at) for step in steps]


async def forget_people(call: Call) -> None:
    """Forgets who told, followed and confirmed what has been closed for as long as the settings say, and what they
    wrote: what everybody may read stays."""
    settings = await call.db.one_or_none(select(HazardSettings))
    if settings is None:
        return
    until = call.today - timedelta(days=settings.kept_days)
    due = await call.db.all(
        select(Hazard)
        .where(col(Hazard.closed_on) <= until, col(Hazard.forgotten_on).is_(None))
        .order_by(col(Hazard.closed_on))
        .limit(_FORGOTTEN_AT_ONCE)
    )
    ids = {each.id for each in due}
    for each in due:
        row = await call.db.lock(Hazard, each.id)
        row.text = row.public_text = row.public_text if row.is_public else ""
        row.address = row.public_address = row.public_address if row.is_public else ""
        row.contact_name = row.contact_phone = row.contact_email = ""
        row.forgotten_on = call.today
    steps, followers, confirmations = table_of(Step), table_of(Follower), table_of(Confirmation)
    said_by_residents = steps.c.hazard_id.in_(ids) & ~steps.c.is_of_office
    await call.db.records(update(steps).where(said_by_residents).values(note=""))
    await call.db.records(delete(followers).where(followers.c.hazard_id.in_(ids)))
    await call.db.records(delete(confirmations).where(confirmations.c.hazard_id.in_(ids)))
    await photos.forget_of(call, ids)
    await forget(call, [letters.about(each) for each in ids])
