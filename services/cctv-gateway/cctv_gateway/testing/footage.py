"""Recordings for the tests: a film, laid down as the gateway lays down what a camera sends."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import av
from kit.database import Session

from cctv_gateway.engine.addresses import Kind
from cctv_gateway.engine.packaging import AccessUnit, Packager
from cctv_gateway.engine.parts import SCALE, Init, Part
from cctv_gateway.engine.sources import Source, connect
from cctv_gateway.recordings.model import Recording


def packaged(film: Path, times: int) -> tuple[Init, list[Part]]:
    """What the engine makes of a film that is played so many times, without waiting for it to be played."""
    made = list[Init | Part]()
    packager = Packager(made.append)
    packager.on_format(connect(Source(Kind.FILM, str(film)), lambda: True).format)
    begun = 0
    for _ in range(times):
        played: Any = av.open(str(film))
        stream = played.streams.video[0]
        scale = stream.time_base * SCALE
        for packet in played.demux(stream):
            if packet.size:
                dts, pts = (begun + round(each * scale) for each in (packet.dts, packet.pts))
                packager.on_access_unit(AccessUnit(packet, dts, pts, packet.is_keyframe, dts / SCALE))
        begun += round(stream.duration * scale)
    packager.close()
    init = next(each for each in made if isinstance(each, Init))
    return init, [each for each in made if isinstance(each, Part)]


def recorded(
    db: Session, folder: Path, camera: UUID, init: Init, parts: list[Part], start: datetime, *, is_break: bool = False
) -> Recording:
    """A recording of these parts that began at a moment."""
    row = Recording(
        camera_id=camera,
        rendition="main",
        from_at=start,
        to_at=start + timedelta(seconds=sum(each.duration for each in parts) / SCALE),
        path="",
        bytes=0,
        epoch=1,
        codecs=init.codecs,
        is_break=is_break,
        cuts=[len(init.body)],
        ticks=[each.duration for each in parts],
    )
    for part in parts:
        row.cuts.append(row.cuts[-1] + len(part.body))
    row.path, row.bytes = f"{row.id}.mp4", row.cuts[-1]
    body = b"".join([init.body, *(each.body for each in parts)])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / row.path).write_bytes(body + b"what was being written when the power went")
    db.add(row)
    return row
