"""What happens to recordings: planned, found, held; deleted by retention alone."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from kit.call import Call
from sqlmodel import col, select

from cctv_gateway.recordings.model import Recording

_PAGE = 500


async def between(
    call: Call, camera_id: UUID, from_at: datetime, to_at: datetime, rendition: str | None = None
) -> AsyncIterator[Recording]:
    """The recordings of a camera that hold something of a range, the oldest first."""
    wanted = select(Recording).where(
        col(Recording.camera_id) == camera_id, col(Recording.from_at) < to_at, col(Recording.to_at) > from_at
    )
    if rendition is not None:
        wanted = wanted.where(col(Recording.rendition) == rendition)
    wanted = wanted.order_by(col(Recording.from_at), col(Recording.id)).limit(_PAGE)
    place = 0
    while True:
        page = await call.db.all(wanted.offset(place))
        for each in page:
            yield each
        if len(page) < _PAGE:
            return
        place += len(page)
