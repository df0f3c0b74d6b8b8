"""Connections to cameras over HTTP: JPEG after JPEG, and HLS."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import av

from cctv_gateway.engine.addresses import Address, Kind
from cctv_gateway.engine.fetching import Poured, Visitor
from cctv_gateway.engine.formats import Format
from cctv_gateway.engine.packaging import AccessUnit
from cctv_gateway.engine.parts import SCALE
from cctv_gateway.engine.sources import PROBE, USUAL_RATE, Connection, Opened, Paced, Source, trouble_of
from cctv_gateway.engine.troubles import Trouble


def connect(source: Source, address: Address, is_wanted: Callable[[], bool]) -> Connection:
    """Opens a connection; it is given up when it is wanted no more.

    Raises:
        Trouble: it cannot be opened.
    """
    visitor = Visitor(address, source.kind, source.allowed, source.username, source.password)
    if source.kind is Kind.MJPEG:
        return _Poured(visitor, address.url)
    return _Playlist(visitor, address.url, is_wanted)


class _Poured(Opened):
    """JPEG after JPEG over HTTP. They bear no times, so the time of arrival is theirs."""

    def __init__(self, visitor: Visitor, url: str) -> None:
        self._visitor = visitor
        self._file = Poured(visitor.pieces(url))
        try:
            super().__init__(av.open(self._file, format="mpjpeg", options=PROBE, buffer_size=1 << 16))
        except av.error.FFmpegError as error:
            raise self._file.trouble or trouble_of(error) from None
        self.format = Format("mjpeg", USUAL_RATE, is_annex_b=False)

    def units(self) -> Iterator[AccessUnit]:
        try:
            for packet in self._packets():
                arrived = time.time()
                now = round(time.monotonic() * SCALE)
                yield AccessUnit(packet, now, now, True, arrived)
        except Trouble as trouble:
            raise self._file.trouble or trouble from None

    def close(self) -> None:
        self._visitor.close()


class _Playlist(Paced):
    """HLS. Every file of it is fetched by the visitor."""

    def __init__(self, visitor: Visitor, url: str, is_wanted: Callable[[], bool]) -> None:
        self._visitor = visitor
        self._trouble: Trouble | None = None
        try:
            container = av.open(
                url,
                format="hls",
                options={**PROBE, "http_persistent": "0", "max_reload": "3", "seg_max_retry": "2"},
                io_open=self._open,
            )
            super().__init__(container, is_wanted)
        except av.error.FFmpegError as error:
            raise self._trouble or trouble_of(error) from None

    def _open(self, url: str, flags: int, options: dict[str, str]) -> Any:
        try:
            return self._visitor.fetch(url)
        except Trouble as trouble:
            self._trouble = trouble
            raise OSError from None

    def units(self) -> Iterator[AccessUnit]:
        try:
            for packet in self._packets():
                yield self._at_its_time(self._unit(packet, time.time()))
        except Trouble as trouble:
            raise self._trouble or trouble from None

    def close(self) -> None:
        self._visitor.close()
