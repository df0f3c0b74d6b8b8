"""What happens with probes: cameras are looked for, and one is asked about itself and connected to its streams."""

import asyncio
import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from kit.call import Call
from kit.errors import Away, Missing, TooMany, WrongState
from kit.throttle import Throttle
from sqlmodel import col, select

from cctv_gateway.cameras import actions as cameras
from cctv_gateway.cameras.actions import Connection, Known
from cctv_gateway.cameras.model import CameraSource
from cctv_gateway.cameras.rules import Login
from cctv_gateway.engine import discoverer
from cctv_gateway.engine.addresses import OVER_HTTP, Address, Kind, taken_apart
from cctv_gateway.engine.prober import probe
from cctv_gateway.engine.profiles import Found, Profile, Told
from cctv_gateway.engine.troubles import Trouble
from cctv_gateway.probes import rules
from cctv_gateway.probes.model import CameraProbe
from cctv_gateway.settings import own

_PROBES = Throttle("probe", 120, timedelta(hours=1), "probe.too-many")
_DISCOVERIES = Throttle("discovery", 60, timedelta(hours=1), "probe.too-many")
_DISCOVERING = asyncio.Semaphore(2)
_AT_ONCE = asyncio.Semaphore(4)
"""A call holds its transaction while a camera thinks."""
_LONGEST_MODEL = 120


@dataclass(frozen=True, slots=True)
class Discovered:
    """A device that answered, and whether a camera at its host is entered already."""

    found: Found
    is_entered: bool


@dataclass(frozen=True, slots=True)
class Probed:
    """A probe, opened."""

    row: CameraProbe
    told: Told
    login: Login


async def ask(call: Call, camera_id: UUID, address: str, login: Login) -> Probed:
    """Asks the camera at an address about itself.

    Raises:
        Missing: there is no such camera.
        Refused: nobody may be asked there, or what comes back is of no use; names the field.
        TooMany: others are being asked, or too many were.
    """
    known = await cameras.find(call, camera_id)
    networks = own(call.settings).networks_of(call.hromada.slug)
    device = rules.device_at(address, networks)
    row = await _row(call, camera_id)
    if not login.username:
        login = await _kept_login(call, known, row, device)
    await _PROBES.attempt(call, str(call.hromada.id))
    if _AT_ONCE.locked():
        raise TooMany("probe.busy", retry_after=timedelta(seconds=5))
    try:
        async with _AT_ONCE:
            told = await probe(device, networks, login.username, login.password)
    except Trouble as trouble:
        raise rules.refusal(trouble.cause) from None
    if row is None:
        row = CameraProbe(camera_id=camera_id, host=device.host, probed_at=call.now, sealed=b"")
        call.db.add(row)
    else:
        row = await call.db.lock(CameraProbe, row.id)
    row.host, row.probed_at = device.host, call.now
    said = {"told": asdict(told), "username": login.username, "password": login.password}
    row.sealed = await call.vault.seal(call, json.dumps(said).encode(), CameraProbe, row.id)
    return Probed(row, told, login)


async def discover(call: Call) -> list[Discovered]:
    """Asks the networks in which the hromada's cameras may be which there are.

    Raises:
        WrongState: it has none of its own.
        TooMany: others are looking, or looked too often.
        Away: the networks cannot be asked.
    """
    networks = own(call.settings).networks_of(call.hromada.slug)
    if not networks:
        raise WrongState("discovery.no-networks")
    entered = {each.host for each in await call.db.all(select(CameraSource))}
    await _DISCOVERIES.attempt(call, str(call.hromada.id))
    if _DISCOVERING.locked():
        raise TooMany("probe.busy", retry_after=timedelta(seconds=5))
    try:
        async with _DISCOVERING:
            found = await discoverer.discover(networks)
    except (TimeoutError, ValueError):
        raise Away("discovery.failed") from None
    return [Discovered(each, taken_apart(each.address, OVER_HTTP).host in entered) for each in found]


async def find(call: Call, camera_id: UUID) -> Probed:
    """What the camera said when it was last asked.

    Raises:
        Missing: there is no such camera, or it was never asked.
    """
    await cameras.find(call, camera_id)
    row = await _row(call, camera_id)
    if row is None:
        raise Missing
    return await _opened(call, row)


async def adopt(call: Call, camera_id: UUID, etag: str, main: str, sub: str) -> Known:
    """Connects the camera to streams that it offered.

    Raises:
        Missing: there is no such camera, or it was never asked.
        Refused: it offered no such stream; names the field.
        Stale: it changed since the caller read it.
    """
    probed = await find(call, camera_id)
    profiles = probed.told.profiles
    main_url = rules.chosen(profiles, main, "main_profile").url
    sub_url = rules.chosen(profiles, sub, "sub_profile").url if sub else ""
    known = await cameras.connect(call, camera_id, etag, Connection(Kind.RTSP, main_url, sub_url, probed.login))
    if not known.camera.model:
        known.camera.model = f"{probed.told.manufacturer} {probed.told.model}".strip()[:_LONGEST_MODEL]
    return known


async def _kept_login(call: Call, known: Known, row: CameraProbe | None, device: Address) -> Login:
    """The sign-in that the vault holds for this host: it is told to no other."""
    if row is not None and row.host == device.host:
        return (await _opened(call, row)).login
    if known.source is not None and known.source.kind is not Kind.FILM and known.source.host == device.host:
        source = (await cameras.opened(call, known.source))["main"]
        return Login(source.username, source.password)
    return Login("", "")


async def _opened(call: Call, row: CameraProbe) -> Probed:
    said = json.loads(await call.vault.open(call, row.sealed, CameraProbe, row.id))
    told = Told(**{**said["told"], "profiles": [Profile(**each) for each in said["told"]["profiles"]]})
    return Probed(row, told, Login(said["username"], said["password"]))


async def _row(call: Call, camera_id: UUID) -> CameraProbe | None:
    return await call.db.one_or_none(select(CameraProbe).where(col(CameraProbe.camera_id) == camera_id))
