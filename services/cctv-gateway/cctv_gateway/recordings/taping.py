"""Writes what is recorded: whole parts to files of about a minute, on the disk and in the index within two seconds.

A file is fragmented MP4, its init first, and only ever grows; beyond what its row says it holds nothing that counts.
The row is written in a transaction that holds the camera's assignment: who has lost the camera indexes nothing more.
"""

import asyncio
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from kit.call import Call, Caller, Hromada
from kit.database.session import Prepared, table_of
from kit.errors import Refusal
from kit.service import Kit
from sqlalchemy import bindparam
from uuid_utils.compat import uuid7

from cctv_gateway.engine.on_air import OnAir, Programme, camera_of
from cctv_gateway.engine.parts import SCALE
from cctv_gateway.engine.streams import Numbered, Stream
from cctv_gateway.gateways.roster import Held, Roster
from cctv_gateway.recordings.model import Recording

log = structlog.get_logger("recordings")

TURNS_EACH = 0.7
_FILE = 60 * SCALE
_LONGEST_FILE = 3 * _FILE
_SEGMENT = 2 * SCALE - SCALE // 10
_LONGEST_SEGMENT = 10 * SCALE
_NEARLY, _LEAST = timedelta(seconds=1), timedelta(milliseconds=1)
_GATEWAY = Caller("svc.cctv", pseudonym="svc.cctv")

_rows = table_of(Recording)
_GROW = Prepared(
    _rows.update()
    .where(_rows.c.id == bindparam("the_id"))
    .values(
        to_at=bindparam("to_at"),
        bytes=bindparam("bytes"),
        cuts=bindparam("cuts"),
        ticks=bindparam("ticks"),
        version=_rows.c.version + 1,
    )
)


@dataclass(slots=True)
class Reel:
    """One file that is being written."""

    id: UUID
    path: str
    from_at: datetime
    to_at: datetime
    codecs: str
    is_break: bool
    cuts: list[int]
    ticks: list[int]
    pending: list[bytes]
    is_whole: bool = False
    is_indexed: bool = False
    is_grown: bool = True
    """It holds more than the index says."""

    @property
    def length(self) -> int:
        return sum(self.ticks)

    @property
    def bytes(self) -> int:
        return self.cuts[-1]

    def take(self, one: Numbered) -> None:
        """Takes a part."""
        part = one.part
        last = self.ticks[-1] if self.ticks else 0
        if not self.ticks or (part.is_key and last >= _SEGMENT) or last + part.duration > _LONGEST_SEGMENT:
            self.cuts.append(self.cuts[-1])
            self.ticks.append(0)
        self.cuts[-1] += part.size
        self.ticks[-1] += part.duration
        self.pending.append(part.body)
        ended = moment(part.at) + timedelta(seconds=part.duration / SCALE)
        self.to_at = max(self.to_at, ended, self.from_at + _LEAST)
        self.is_grown = True


class Tape:
    """What is recorded of one stream."""

    def __init__(self, camera: UUID, rendition: str, hromada: Hromada) -> None:
        self.camera, self.rendition, self.hromada = camera, rendition, hromada
        self.epoch = 0
        self.reels = list[Reel]()
        """Those that are not whole, or not indexed yet."""
        self._stream: Stream | None = None
        self._serial = -1
        self._init = -1
        self._last_to: datetime | None = None

    def take(self, stream: Stream, epoch: int, *, is_on: bool) -> None:
        """Takes what is new. While it is off it only remembers how far it was, so that nothing is taken twice."""
        if stream is not self._stream or epoch != self.epoch:
            self.stop()
            self._stream, self.epoch, self._serial = stream, epoch, -1
            self._last_to = None
        if not is_on:
            self.stop()
            return
        for each in stream.after(self._serial) if self._serial >= 0 else stream.held():
            self._add(each, stream)
            self._serial = each.serial

    def stop(self) -> None:
        """What is being written is whole."""
        for each in self.reels:
            each.is_whole = True

    def drop(self) -> list[str]:
        """The camera is another gateway's: forgets everything, and tells which files nobody knows of."""
        unknown = [each.path for each in self.reels if not each.is_indexed]
        self.reels = []
        return unknown

    def _add(self, one: Numbered, stream: Stream) -> None:
        reel = self.reels[-1] if self.reels and not self.reels[-1].is_whole else None
        follows = reel is not None and one.serial == self._serial + 1 and one.init == self._init
        is_full = reel is not None and (
            (one.part.is_key and reel.length >= _FILE - SCALE // 2) or reel.length >= _LONGEST_FILE
        )
        if reel is None or not follows or is_full:
            if reel is not None:
                reel.is_whole, self._last_to = True, reel.to_at
            if not one.part.is_key or one.init not in stream.inits:
                return
            reel = self._begin(one, stream, follows=follows)
        reel.take(one)

    def _begin(self, one: Numbered, stream: Stream, *, follows: bool) -> Reel:
        init, id = stream.inits[one.init], uuid7()
        begun = moment(one.part.at)
        if follows and self._last_to is not None and abs(self._last_to - begun) < _NEARLY:
            begun = self._last_to
        path = f"{self.hromada.id}/{self.camera}/{begun:%Y-%m-%d}/{id}.mp4"
        reel = Reel(id, path, begun, begun, init.codecs, not follows, [len(init.body)], [], [init.body])
        self._init = one.init
        self.reels.append(reel)
        return reel


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stream that is to be recorded now, or was."""

    programme: Programme
    held: Held
    is_on: bool


class Recorder:
    """One gateway's."""

    def __init__(self, kit: Kit, on_air: OnAir, roster: Roster, folder: Path) -> None:
        self._kit = kit
        self._on_air = on_air
        self._roster = roster
        self._folder = folder
        self._tapes = dict[str, Tape]()
        self._descriptors = dict[UUID, int]()
        self.has_failed = set[UUID]()
        """Hromadas whose footage could not be written."""

    async def turn(self, wanted: Iterable[Wanted]) -> None:
        """Takes what is new of each stream, writes it and indexes it."""
        named = set[str]()
        for each in wanted:
            programme, held = each.programme, each.held
            named.add(programme.name)
            tape = self._tapes.get(programme.name)
            if tape is None:
                rendition = programme.name.rpartition("/")[2]
                tape = self._tapes[programme.name] = Tape(camera_of(programme), rendition, held.hromada)
            if tape.epoch != held.epoch:
                self._forget(tape)  # it was another gateway's in between
            tape.take(self._on_air.tune(programme), held.epoch, is_on=each.is_on)
        for name, tape in list(self._tapes.items()):
            if name not in named:
                tape.stop()
                if not tape.reels:
                    del self._tapes[name]
        tapes = [each for each in self._tapes.values() if each.reels]
        await asyncio.to_thread(self._write, tapes)
        for hromada in {each.hromada for each in tapes}:
            await self._index(hromada, [each for each in tapes if each.hromada == hromada])

    async def close(self) -> None:
        """Writes what is left."""
        await self.turn([])
        for descriptor in self._descriptors.values():
            os.close(descriptor)

    def _write(self, tapes: Sequence[Tape]) -> None:
        for tape in tapes:
            for reel in tape.reels:
                if not reel.pending:
                    continue
                try:
                    self._append(reel)
                    self.has_failed.discard(tape.hromada.id)
                except OSError as error:
                    log.error("recording.not-written", error=error.strerror)
                    self.has_failed.add(tape.hromada.id)
                    self._forget(tape)
                    break

    def _append(self, reel: Reel) -> None:
        descriptor = self._descriptors.get(reel.id)
        if descriptor is None:
            path = self._folder / reel.path
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._descriptors[reel.id] = descriptor
        pending, reel.pending = b"".join(reel.pending), []
        while pending:
            pending = pending[os.write(descriptor, pending) :]
        os.fdatasync(descriptor)

    async def _index(self, hromada: Hromada, tapes: Sequence[Tape]) -> None:
        try:
            async with self._kit.call(_GATEWAY, hromada) as call:
                ours = await self._roster.fence(call.db, {each.camera: each.epoch for each in tapes})
                for tape in tapes:
                    if tape.camera in ours:
                        _keep(call, tape)
        except Refusal as refusal:
            log.warning("recording.waits", cause=refusal.reason)
            return
        for tape in tapes:
            if tape.camera not in ours:
                self._forget(tape)
            for reel in tape.reels:
                reel.is_indexed, reel.is_grown = True, False
                if reel.is_whole:
                    self._close(reel)
            tape.reels = [each for each in tape.reels if not each.is_whole]

    def _forget(self, tape: Tape) -> None:
        for reel in tape.reels:
            self._close(reel)
        for path in tape.drop():
            (self._folder / path).unlink(missing_ok=True)

    def _close(self, reel: Reel) -> None:
        descriptor = self._descriptors.pop(reel.id, None)
        if descriptor is not None:
            os.close(descriptor)


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _keep(call: Call, tape: Tape) -> None:
    for reel in tape.reels:
        if not reel.is_grown or not reel.ticks:
            continue
        if reel.is_indexed:
            call.db.put(
                _GROW, the_id=reel.id, to_at=reel.to_at, bytes=reel.bytes, cuts=list(reel.cuts), ticks=list(reel.ticks)
            )
            continue
        call.db.add(
            Recording(
                id=reel.id,
                camera_id=tape.camera,
                rendition=tape.rendition,
                from_at=reel.from_at,
                to_at=reel.to_at,
                path=reel.path,
                bytes=reel.bytes,
                epoch=tape.epoch,
                codecs=reel.codecs,
                is_break=reel.is_break,
                cuts=list(reel.cuts),
                ticks=list(reel.ticks),
            )
        )
