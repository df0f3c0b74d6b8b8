"""What this gateway reads of itself: what is kept on, what is recorded, and a look now and then at all the rest."""

import time
from dataclasses import dataclass
from uuid import UUID

import structlog
from kit.errors import Refusal
from kit.service import Kit

from cctv_gateway.engine.on_air import OnAir, Programme, camera_of
from cctv_gateway.gateways.roster import Roster
from cctv_gateway.health.rounds import Rounds
from cctv_gateway.media.gate import Gate
from cctv_gateway.recordings.taping import Wanted

log = structlog.get_logger("media")

_SURVEYED_EACH = 5.0
_SWEPT_EACH = 30.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A camera that is read whether somebody watches or not."""

    recorded: str = ""
    """Which of its streams is recorded now, if one is."""


class Keeper:
    """One gateway's."""

    def __init__(self, kit: Kit, gate: Gate, on_air: OnAir, roster: Roster, rounds: Rounds) -> None:
        self._kit = kit
        self._gate = gate
        self._on_air = on_air
        self._roster = roster
        self._rounds = rounds
        self._kept = dict[UUID, Kept]()
        self._to_visit = list[Programme]()
        self._surveyed_at = self._swept_at = -_SWEPT_EACH
        self.recorded = list[Wanted]()

    async def turn(self) -> None:
        """Once a second: what may no longer be read or watched ends, what is kept is read. What cannot be asked is
        asked again."""
        try:
            await self._gate.watch(self._on_air.programmes())
            now = time.monotonic()
            if now - self._surveyed_at >= _SURVEYED_EACH:
                await self._survey()
                self._surveyed_at = now
            if now - self._swept_at >= _SWEPT_EACH:
                await self._gate.sweep()
                self._swept_at = now
            await self._read_kept()
            self._rounds.visit([each for each in self._to_visit if camera_of(each) in self._roster.held])
            await self._rounds.look()
        except Refusal as refusal:
            log.warning("media.waits", cause=refusal.reason)
        self._on_air.keep(lambda each: self._gate.is_lit(each) and camera_of(each) in self._roster.held)

    async def _survey(self) -> None:
        kept, to_visit = dict[UUID, Kept](), list[Programme]()
        for hromada in self._kit.hromadas():
            here = await self._gate.kept(hromada)
            await self._roster.keep(hromada, here)
            kept |= {camera: Kept(recorded) for camera, recorded in here.items()}
            for each in await self._gate.visited(hromada):
                if await self._roster.elsewhere(hromada, camera_of(each)) is None:
                    to_visit.append(each)
        self._kept, self._to_visit = kept, to_visit

    async def _read_kept(self) -> None:
        recorded = list[Wanted]()
        for camera, held in list(self._roster.held.items()):
            kept = self._kept.get(camera)
            if kept is None:
                continue
            streams = await self._gate.lit(held.hromada, camera)
            if streams:
                self._on_air.tune(streams["main"])
            if kept.recorded and (found := streams.get(kept.recorded) or streams.get("main")):
                recorded.append(Wanted(found, held, is_on=True))
        self.recorded = recorded
