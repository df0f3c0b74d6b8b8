"""Ends what says nothing for too long: one thread looks after everything that a process waits for."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_LOOK_SECONDS = 0.5


@dataclass(slots=True, eq=False)
class Watched:
    """Something that is waited for."""

    heard: float
    """When it last said something: seconds of the monotonic clock."""
    within: float
    end: Callable[[], None]
    is_ended: bool = False


class Watch:
    """The thread, which runs from the first that is watched on."""

    def __init__(self) -> None:
        self._watched = set[Watched]()
        self._changing = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, end: Callable[[], None], within: float) -> Iterator[Watched]:
        """Ends it, once, when it has said nothing for so many seconds, or half a second more."""
        watched = Watched(time.monotonic(), within, end)
        with self._changing:
            self._watched.add(watched)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
                self._thread.start()
        try:
            yield watched
        finally:
            with self._changing:
                self._watched.discard(watched)

    def _run(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            with self._changing:
                late = [each for each in self._watched if not each.is_ended and now - each.heard > each.within]
                for each in late:
                    each.is_ended = True
            for each in late:
                each.end()
