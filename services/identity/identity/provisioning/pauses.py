"""How long what has failed is left alone: twice as long each time, up to some seconds."""

import time
from uuid import UUID

_SHORTEST, _LONGEST = 0.5, 5.0


class Pauses:
    """A worker's: of services that are away by their address, of what was refused or broke by its id, so that one
    hromada's trouble keeps no other waiting."""

    def __init__(self) -> None:
        self._known: dict[str | UUID, tuple[float, float]] = {}

    def rests(self, what: str | UUID) -> bool:
        """Whether it is to be left alone now."""
        return time.monotonic() < self._known.get(what, (0.0, 0.0))[1]

    def rest(self, what: str | UUID) -> None:
        """It has failed, perhaps again."""
        pause = min(self._known.get(what, (_SHORTEST / 2, 0.0))[0] * 2, _LONGEST)
        self._known[what] = (pause, time.monotonic() + pause)

    def forget(self, what: str | UUID) -> None:
        """It has done well."""
        self._known.pop(what, None)
