"""What happens to cameras: entered, documented, connected, started, suspended; never deleted."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.errors import Missing, Refused
from kit.rpc.enums import to_contract
from spilno.cctv.v1 import events_pb2 as events
from spilno.cctv.v1.cameras_pb2 import CameraState
from sqlmodel import col, select

from cctv_gateway.cameras import rules
from cctv_gateway.cameras.model import Camera, CameraSource
from cctv_gateway.cameras.rules import Dossier, Login, State
from cctv_gateway.engine.addresses import Kind
from cctv_gateway.engine.sources import Source
from cctv_gateway.settings import own


@dataclass(frozen=True, slots=True)
class Known:
    """A camera, and whether its picture can be fetched."""

    camera: Camera
    source: CameraSource | None

    @property
    def has_source(self) -> bool:
        return self.source is not None


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a picture is to come from."""

    kind: Kind
    main_url: str
    sub_url: str
    login: Login


async def enter(call: Call, dossier: Dossier) -> Known:
    """Enters a camera, of which nothing is shown yet.

    Raises:
        Refused: what is said contradicts itself.
    """
    rules.check(dossier, call.today)
    camera = Camera(**_values(dossier), created_at=call.now)
    call.db.add(camera)
    await call.db.flush()
    call.emit(events.CameraEntered(camera=_event(call, camera)))
    return Known(camera, None)


async def hold(call: Call, id: UUID, etag: str) -> Known:
    """The camera, held to be changed.

    Raises:
        Missing: there is none.
        Stale: it changed since the caller read it.
    """
    camera = await call.db.lock(Camera, id, etag)
    return Known(camera, await _source(call, id))


async def change(call: Call, known: Known, dossier: Dossier) -> Known:
    """Makes a held camera what the dossier says.

    Raises:
        Refused: what is said contradicts itself.
        WrongState: it is watched, and would lack something.
    """
    rules.check(dossier, call.today)
    camera = known.camera
    camera.state = rules.after_change(camera.state, dossier)
    for name, value in _values(dossier).items():
        setattr(camera, name, value)
    call.emit(events.CameraChanged(camera=_event(call, camera)))
    return known


async def connect(call: Call, id: UUID, etag: str, to: Connection) -> Known:
    """Says where the camera's picture comes from.

    Raises:
        Refused: the address is none that this camera may have; names the field.
    """
    known = await hold(call, id, etag)
    main_url, login = rules.without_login(to.main_url, to.login, "main_url")
    sub_url, login = rules.without_login(to.sub_url, login, "sub_url") if to.sub_url else ("", login)
    if to.kind is Kind.FILM:
        host = _film(call, to)
    else:
        networks = own(call.settings).networks_of(call.hromada.slug)
        host = rules.check_address(main_url, to.kind, networks, "main_url").host
        if sub_url:
            rules.check_address(sub_url, to.kind, networks, "sub_url")
    source = known.source
    if source is None:
        source = CameraSource(camera_id=id, kind=to.kind, host=host, has_sub_stream=False, has_login=False, sealed=b"")
        call.db.add(source)
    else:
        source = await call.db.lock(CameraSource, source.id)
    known.camera.connected_at = call.now
    secret = {"main": main_url, "sub": sub_url, "username": login.username, "password": login.password}
    source.kind, source.host = to.kind, host
    source.has_sub_stream, source.has_login = bool(sub_url), bool(login.username)
    source.sealed = await call.vault.seal(call, json.dumps(secret).encode(), CameraSource, source.id)
    call.emit(events.CameraChanged(camera=_event(call, known.camera)))
    return Known(known.camera, source)


async def document(call: Call, id: UUID, etag: str) -> Known:
    """The dossier is whole.

    Raises:
        WrongState: something is missing.
    """
    known = await hold(call, id, etag)
    rules.check_documented(known.camera.state, known.camera.dossier)
    known.camera.state = State.DOCUMENTED
    call.emit(events.CameraChanged(camera=_event(call, known.camera)))
    return known


async def activate(call: Call, id: UUID, etag: str) -> Known:
    """The camera may be watched from now on.

    Raises:
        WrongState: it is not documented, or something is missing.
    """
    known = await hold(call, id, etag)
    camera = known.camera
    rules.check_start(camera.state, camera.dossier, has_source=known.has_source, today=call.today)
    camera.state, camera.suspended_because = State.ACTIVE, ""
    call.emit(events.CameraActivated(camera=_event(call, camera)))
    return known


async def suspend(call: Call, id: UUID, etag: str, reason: str) -> Known:
    """The camera goes dark.

    Raises:
        WrongState: it is not watched.
    """
    known = await hold(call, id, etag)
    rules.check_suspension(known.camera.state)
    known.camera.state, known.camera.suspended_because = State.SUSPENDED, reason
    call.emit(events.CameraSuspended(camera=_event(call, known.camera)))
    return known


async def find(call: Call, id: UUID) -> Known:
    """The camera.

    Raises:
        Missing: there is none.
    """
    return Known(await call.db.get(Camera, id), await _source(call, id))


async def some(call: Call, ids: Sequence[UUID]) -> list[Known]:
    """These cameras.

    Raises:
        Missing: one of them is not there.
    """
    found = await there(call, ids)
    if len(found) != len(set(ids)):
        raise Missing
    return found


async def there(call: Call, ids: Collection[UUID]) -> list[Known]:
    """Those of these cameras that there are."""
    found = await call.db.all(select(Camera).where(col(Camera.id).in_(ids)).order_by(col(Camera.id)))
    return await _with_sources(call, found)


async def page(call: Call, after: UUID | None, size: int) -> list[Known]:
    """All cameras, in the order in which they were entered."""
    found = select(Camera)
    if after is not None:
        found = found.where(col(Camera.id) > after)
    return await _with_sources(call, await call.db.all(found.order_by(col(Camera.id)).limit(size)))


async def always_on(call: Call) -> list[UUID]:
    """The active cameras that are read whether somebody watches or not."""
    wanted = select(Camera).where(col(Camera.always_on), col(Camera.state) == State.ACTIVE)
    return [each.id for each in await call.db.all(wanted)]


async def active(call: Call) -> list[UUID]:
    """The cameras that are switched on, in the order in which they were entered."""
    wanted = select(Camera).where(col(Camera.state) == State.ACTIVE).order_by(col(Camera.id))
    return [each.id for each in await call.db.all(wanted)]


def is_lit(call: Call, known: Known) -> bool:
    """Whether the camera may be watched today."""
    camera = known.camera
    return rules.is_lit(camera.state, camera.dossier, has_source=known.has_source, today=call.today)


async def opened(call: Call, source: CameraSource) -> dict[str, Source]:
    """The camera's streams by the rendition's name, with what opens them: for the engine's eyes only."""
    secret = json.loads(await call.vault.open(call, source.sealed, CameraSource, source.id))
    dossier = (await call.db.get(Camera, source.camera_id)).dossier
    masks = tuple(tuple(tuple(corner) for corner in mask) for mask in dossier.masks_to_paint)
    settings = own(call.settings)
    networks = settings.networks_of(call.hromada.slug)
    found = dict[str, Source]()
    for rendition in ("main", "sub"):
        if url := secret[rendition]:
            place = str(settings.films / url) if source.kind is Kind.FILM else url
            found[rendition] = Source(source.kind, place, secret["username"], secret["password"], networks, masks)
    return found


def _film(call: Call, to: Connection) -> str:
    """A film is named, not addressed, and only where the platform has some."""
    settings = own(call.settings)
    for field, name in (("main_url", to.main_url), ("sub_url", to.sub_url)):
        if name and (not settings.has_films or name not in settings.film_names()):
            raise Refused(field, "camera.no-such-film")
    return to.main_url


async def _source(call: Call, camera_id: UUID) -> CameraSource | None:
    return await call.db.one_or_none(select(CameraSource).where(col(CameraSource.camera_id) == camera_id))


async def _with_sources(call: Call, cameras: Sequence[Camera]) -> list[Known]:
    if not cameras:
        return []
    wanted = select(CameraSource).where(col(CameraSource.camera_id).in_([each.id for each in cameras]))
    by_camera = {each.camera_id: each for each in await call.db.all(wanted)}
    return [Known(each, by_camera.get(each.id)) for each in cameras]


def _values(dossier: Dossier) -> dict[str, Any]:
    values = {each.name: getattr(dossier, each.name) for each in fields(dossier)}
    masks = [[list(corner) for corner in mask] for mask in dossier.masks]
    return {**values, "masks": masks, "recognises": [each.value for each in dossier.recognises]}


def _event(call: Call, camera: Camera) -> events.CameraEvent:
    return events.CameraEvent(
        name=f"{call.hromada.name}/cameras/{camera.id}",
        version=camera.version,
        state=to_contract(CameraState, camera.state),
    )
