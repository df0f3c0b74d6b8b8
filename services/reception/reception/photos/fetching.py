"""Photos that lie where another system keeps them: fetched in a job, never in the request that tells of them."""

import tempfile
from urllib.parse import urlsplit
from uuid import UUID

from kit.call import Call
from kit.errors import Refused, TooMany
from kit.fetching import Hindered
from kit.fetching import fetch as fetched
from kit.files import Received
from kit.files.kinds import MEGABYTE
from kit.files.receiving import judged

from reception.hazards.model import Hazard
from reception.photos import actions
from reception.photos.model import Photo
from reception.photos.rules import Objection, State
from reception.settings import own

_MOST = 10 * MEGABYTE
_SECONDS = 15.0
_FIELD = "media_url"


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


async def fetch(call: Call, photo: str) -> None:
    """Fetches a photo, or writes down why it is kept out. The office looks at it either way."""
    row = await call.db.lock(Photo, UUID(photo))
    if row.state is not State.COMING:
        return
    folder = call.files.fresh(call.hromada.id, Photo, row.id)
    try:
        with tempfile.TemporaryFile() as file:
            size = await fetched(
                row.source, file, most=_MOST, seconds=_SECONDS, allowed=own(call.settings).photo_sources
            )
            laid = await actions.lay(folder, Received(file, judged(file, size, _FIELD), size), _FIELD)
        await call.files.take_room(call.db, laid.kept, _FIELD)
    except Hindered as hindered:
        _keep_out(row, Objection(hindered.hindrance.value))
    except Refused as refused:
        _keep_out(row, Objection.TOO_LARGE if refused.reason == "files.too-large" else Objection.NO_PHOTO)
    except TooMany:
        _keep_out(row, Objection.NO_ROOM)
    else:
        await actions.enter(call, row, laid)
        row.state = State.WAITING
    if row.hazard_id is not None:
        (await call.db.lock(Hazard, row.hazard_id)).changes += 1


def _keep_out(row: Photo, objection: Objection) -> None:
    row.state, row.objection = State.KEPT_OUT, objection
