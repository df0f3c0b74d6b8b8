"""Photos that lie where another system keeps them: fetched in a job, never in the request that tells of them, and with
no transaction open while that system takes its time."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from kit.call import Call
from kit.errors import Refused, TooMany
from kit.fetching import Hindered
from kit.fetching import fetch as fetched
from kit.files import Received
from kit.files.kinds import MEGABYTE
from kit.files.receiving import judged
from kit.networks import Network

from reception.hazards.model import Hazard
from reception.photos import actions
from reception.photos.model import Photo
from reception.photos.rules import Objection, State
from reception.settings import own

_MOST = 10 * MEGABYTE
_SECONDS = 15.0
_FIELD = "media_url"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a photo lies, and from which places this installation fetches any."""

    source: str
    allowed: Sequence[Network]


def told(url: str, *, is_known: bool) -> str:
    """The address, if it looks like one of the web and another system tells it.

    Raises:
        Refused: it does not, or somebody else does; names the field.
    """
    if not is_known:
        raise Refused(_FIELD, "hazard.photo-address-not-yours")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Refused(_FIELD, "hazard.photo-address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isprintable():
        raise Refused(_FIELD, "hazard.photo-address")
    return url


async def ask(call: Call, hazard: UUID, url: str) -> None:
    """Has the photo at an address fetched soon."""
    photo = Photo(hazard_id=hazard, state=State.COMING, source=url, created_at=call.now)
    call.db.add(photo)
    await call.db.flush()
    await call.later(fetch, call.now, str(photo.id), photo=str(photo.id))


async def look(call: Call, photo: str) -> Wanted | None:
    """What is to be fetched, unless it was."""
    row = await call.db.get(Photo, UUID(photo))
    return Wanted(row.source, own(call.settings).photo_sources) if row.state is State.COMING else None


@asynccontextmanager
async def bring(wanted: Wanted) -> AsyncIterator[Received | Objection]:
    """Fetches it to this machine, or tells why it is kept out."""
    with tempfile.TemporaryFile() as file:
        try:
            size = await fetched(wanted.source, file, most=_MOST, seconds=_SECONDS, allowed=wanted.allowed)
            came: Received | Objection = Received(file, judged(file, size, _FIELD), size)
        except Hindered as hindered:
            came = Objection(hindered.hindrance.value)
        except Refused as refused:
            came = _objection(refused)
        yield came


async def fetch(call: Call, came: Received | Objection, photo: str) -> None:
    """Keeps what was fetched, or writes down why it is kept out; once, however often it was fetched. The office looks
    at it either way."""
    row = await call.db.lock(Photo, UUID(photo))
    if row.state is not State.COMING:
        return
    if isinstance(came, Received):
        came = await _kept(call, row, came)
    if isinstance(came, Objection):
        row.state, row.objection = State.KEPT_OUT, came
    if row.hazard_id is not None:
        (await call.db.lock(Hazard, row.hazard_id)).changes += 1


async def _kept(call: Call, row: Photo, came: Received) -> Received | Objection:
    try:
        laid = await actions.lay(call.files.fresh(call.hromada.id, Photo, row.id), came, _FIELD)
        await call.files.take_room(call.db, laid.kept, _FIELD)
    except Refused as refused:
        return _objection(refused)
    except TooMany:
        return Objection.NO_ROOM
    await actions.enter(call, row, laid)
    row.state = State.WAITING
    return came


def _objection(refused: Refused) -> Objection:
    return Objection.TOO_LARGE if refused.reason == "files.too-large" else Objection.NO_PHOTO
