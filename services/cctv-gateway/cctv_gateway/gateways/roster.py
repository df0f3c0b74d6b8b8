"""Who is alive and who reads what, as the rows say it: by the database's clock, so that no gateway's own matters."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from kit.call import Hromada
from kit.database import Database, Session
from sqlalchemy import ARRAY, Uuid, bindparam, text
from uuid_utils.compat import uuid7

from cctv_gateway.gateways.rules import ALIVE_FOR, falls_to

log = structlog.get_logger("gateways")

_KNOWN_SECONDS = 1.0
_BEAT = text(
    "INSERT INTO gateway AS g (id, version, address, started_at, beat_at, cameras) "
    "VALUES (:id, 1, :address, clock_timestamp(), clock_timestamp(), :cameras) "
    "ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at, cameras = excluded.cameras"
)
_LIVING = text(
    "SELECT id, address FROM gateway WHERE beat_at > clock_timestamp() - make_interval(secs => :alive)"
).bindparams(alive=ALIVE_FOR)
_HELD = text("SELECT camera_id, hromada_id, slug, epoch, is_kept FROM assignment WHERE gateway_id = :id")
_ORPHANS = text(
    "SELECT a.camera_id FROM assignment a WHERE a.is_kept AND NOT EXISTS (SELECT FROM gateway g "
    "WHERE g.id = a.gateway_id AND g.beat_at > clock_timestamp() - make_interval(secs => :alive))"
).bindparams(alive=ALIVE_FOR)
_ADOPT = text(
    "UPDATE assignment a SET gateway_id = :id, epoch = a.epoch + 1, version = a.version + 1 "
    "WHERE a.camera_id = ANY(:cameras) AND NOT EXISTS (SELECT FROM gateway g "
    "WHERE g.id = a.gateway_id AND g.beat_at > clock_timestamp() - make_interval(secs => :alive))"
).bindparams(bindparam("cameras", type_=ARRAY(Uuid)), alive=ALIVE_FOR)
_GIVE = text(
    "INSERT INTO assignment AS a (id, version, hromada_id, slug, camera_id, gateway_id, epoch, is_kept) "
    "VALUES (:id, 1, :hromada_id, :slug, :camera_id, :gateway_id, 1, false) ON CONFLICT (camera_id) DO UPDATE "
    "SET gateway_id = excluded.gateway_id, epoch = a.epoch + 1, version = a.version + 1 "
    "WHERE NOT EXISTS (SELECT FROM gateway g "
    "WHERE g.id = a.gateway_id AND g.beat_at > clock_timestamp() - make_interval(secs => :alive))"
).bindparams(alive=ALIVE_FOR)
_OF = text("SELECT gateway_id FROM assignment WHERE camera_id = :camera_id")
_KEEP = text(
    "UPDATE assignment SET is_kept = (camera_id = ANY(:kept)), version = version + 1 "
    "WHERE hromada_id = :hromada_id AND is_kept <> (camera_id = ANY(:kept))"
).bindparams(bindparam("kept", type_=ARRAY(Uuid)))
_FENCE = text(
    "SELECT camera_id, epoch FROM assignment WHERE gateway_id = :id AND camera_id = ANY(:cameras) FOR SHARE"
).bindparams(bindparam("cameras", type_=ARRAY(Uuid)))
_LEAVE = text("DELETE FROM gateway WHERE id = :id")
_BURY = text("DELETE FROM gateway WHERE beat_at < clock_timestamp() - interval '1 hour'")


@dataclass(frozen=True, slots=True)
class Held:
    """A camera that is this gateway's to read."""

    hromada: Hromada
    epoch: int
    is_kept: bool


@dataclass(slots=True)
class _Known:
    gateway: UUID
    at: float


class Roster:
    """One gateway's view of all."""

    def __init__(self, database: Database, address: str) -> None:
        self.id: UUID = uuid7()
        self.held = dict[UUID, Held]()
        self._database = database
        self._address = address
        self._living = dict[UUID, str]()
        self._known = dict[UUID, _Known]()
        self._asking = asyncio.Lock()
        """What is read of the rows is not overtaken by what is read of them earlier."""

    async def beat(self) -> None:
        """Says that this gateway lives, takes up kept cameras whose gateway does not, and sees what is its own."""
        async with self._asking, self._database.transaction(seconds=ALIVE_FOR) as db:
            await db.records(_BEAT.bindparams(id=self.id, address=self._address, cameras=len(self.held)))
            self._living = {each["id"]: each["address"] for each in await db.records(_LIVING)}
            orphans = [each["camera_id"] for each in await db.records(_ORPHANS)]
            if ours := [each for each in orphans if falls_to(each, self._living) == self.id]:
                log.warning("gateway.takes-over", cameras=len(ours))
                await db.records(_ADOPT.bindparams(id=self.id, cameras=ours))
            self.held = {each["camera_id"]: _held(each) for each in await db.records(_HELD.bindparams(id=self.id))}

    async def elsewhere(self, hromada: Hromada, camera: UUID) -> str | None:
        """Where the camera is read, if that is another gateway; it is given to one if nobody alive reads it."""
        if camera in self.held:
            return None
        known = self._known.get(camera)
        if known is None or known.gateway not in self._living or time.monotonic() - known.at > _KNOWN_SECONDS:
            known = self._known[camera] = _Known(await self._give(hromada, camera), time.monotonic())
        return None if known.gateway == self.id else self._living.get(known.gateway)

    async def keep(self, hromada: Hromada, cameras: Collection[UUID]) -> None:
        """Of the hromada's cameras, these are read whether somebody watches or not."""
        for camera in cameras:
            await self.elsewhere(hromada, camera)
        async with self._database.transaction() as db:
            await db.records(_KEEP.bindparams(hromada_id=hromada.id, kept=list(cameras)))

    async def leave(self) -> None:
        """This gateway ends: its cameras are free at once."""
        async with self._database.transaction(seconds=2) as db:
            await db.records(_LEAVE.bindparams(id=self.id))
            await db.records(_BURY)

    async def fence(self, db: Session, epochs: dict[UUID, int]) -> set[UUID]:
        """Of these cameras, those still ours under their epoch: nobody takes them before the transaction ends."""
        rows = await db.records(_FENCE.bindparams(id=self.id, cameras=list(epochs)))
        return {each["camera_id"] for each in rows if epochs[each["camera_id"]] == each["epoch"]}

    async def _give(self, hromada: Hromada, camera: UUID) -> UUID:
        async with self._asking, self._database.transaction() as db:
            chosen = falls_to(camera, self._living or {self.id: self._address})
            await db.records(
                _GIVE.bindparams(
                    id=uuid7(), hromada_id=hromada.id, slug=hromada.slug, camera_id=camera, gateway_id=chosen
                )
            )
            (row,) = await db.records(_OF.bindparams(camera_id=camera))
            given: UUID = row["gateway_id"]
            if given == self.id:
                self.held = {each["camera_id"]: _held(each) for each in await db.records(_HELD.bindparams(id=self.id))}
        return given


def _held(row: Any) -> Held:
    return Held(Hromada(row["slug"], row["hromada_id"]), row["epoch"], row["is_kept"])
