"""The first pictures of a connection."""

from contextlib import suppress

from cctv_gateway.engine.packaging import AccessUnit
from cctv_gateway.engine.sources import Connection


class _Enough(Exception):
    """As many pictures as were wanted."""


def poured(connection: Connection, count: int) -> list[AccessUnit]:
    """Waits for so many pictures. The connection stays open.

    Raises:
        Trouble: it ends before.
        Unsuited: it cannot be read directly.
    """
    units = list[AccessUnit]()

    def take(unit: AccessUnit) -> None:
        units.append(unit)
        if len(units) == count:
            raise _Enough

    with suppress(_Enough):
        connection.pour(take)
    return units
