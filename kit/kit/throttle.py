"""Counts attempts in the service's own database, so that replicas share the count and a restart keeps it."""

from datetime import timedelta

from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, Table, case, delete, or_
from sqlalchemy.dialects.postgresql import insert

from kit.call import Call
from kit.errors import TooMany

_attempt = Table(
    "attempt",
    MetaData(),
    Column("key", LargeBinary, primary_key=True),
    Column("since", DateTime(timezone=True)),
    Column("count", Integer),
)
_PURPOSE = "attempt"


class Throttle:
    """So many attempts of one kind without success within a window; then no more until it has passed."""

    def __init__(self, kind: str, most: int, window: timedelta, reason: str = "access.too-many") -> None:
        self._kind = kind
        self._most = most
        self._window = window
        self._reason = reason

    async def attempt(self, call: Call, *who: str) -> None:
        """Counts an attempt before it is made, in a transaction that stays even though the call is refused.

        Raises:
            TooMany: there were too many; says when to come back.
        """
        fresh = insert(_attempt).values(key=self._key(call, who), since=call.now, count=1)
        since = _attempt.c.since
        over = or_(since + self._window < call.now, since - self._window > call.now)  # or the clock was set back
        counted = fresh.on_conflict_do_update(
            index_elements=[_attempt.c.key],
            set_={
                "since": case((over, fresh.excluded.since), else_=since),
                "count": case((over, 1), else_=_attempt.c.count + 1),
            },
        ).returning(since, _attempt.c.count)
        async with call.apart() as db:
            attempt = (await db.records(counted))[0]
        if attempt["count"] > self._most:
            left = attempt["since"] + self._window - call.now
            raise TooMany(self._reason, retry_after=left, minutes=max(1, -(-int(left.total_seconds()) // 60)))

    async def succeeded(self, call: Call, *who: str) -> None:
        """Forgets the attempts."""
        await call.db.records(delete(_attempt).where(_attempt.c.key == self._key(call, who)))

    def _key(self, call: Call, who: tuple[str, ...]) -> bytes:
        return call.keys.digest(_PURPOSE, self._kind, *who)
