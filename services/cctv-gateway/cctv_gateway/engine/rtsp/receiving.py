"""One thread that waits for all the cameras of a process which are read directly: threads that each wait for one would
be in each other's way, as one alone runs at a time."""

import selectors
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future


class Receiver:
    """The thread, which runs from the first connection on."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def receive(self, connection: socket.socket, receive: Callable[[], None]) -> None:
        """Has `receive` called whenever something has come, until it raises; raises that.

        Args:
            connection: one that waits for nothing.
            receive: takes what has come.
        """
        ended = Future[None]()
        self._selector.register(connection, selectors.EVENT_READ, (receive, ended))
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="receiving", daemon=True)
                self._thread.start()
        ended.result()

    def _run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                receive, ended = key.data
                try:
                    receive()
                except BaseException as error:
                    self._selector.unregister(key.fileobj)
                    ended.set_exception(error)
