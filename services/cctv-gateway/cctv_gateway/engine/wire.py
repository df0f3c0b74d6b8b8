"""What a worker and the gateway say to each other over their socket: a head of JSON, and after it bytes."""

import json
import struct
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any, BinaryIO

from cctv_gateway.engine.addresses import Kind
from cctv_gateway.engine.parts import Init, Part
from cctv_gateway.engine.pictures import Grid
from cctv_gateway.engine.shelves import Place, Shelved
from cctv_gateway.engine.sources import Source
from cctv_gateway.engine.vitals import Vitals

HEAD = struct.Struct(">II")


def packed(head: dict[str, Any], body: bytes = b"") -> bytes:
    said = json.dumps(head).encode()
    return HEAD.pack(len(said), len(body)) + said + body


def received(file: BinaryIO) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The messages until the other side is gone."""
    while len(head := file.read(HEAD.size)) == HEAD.size:
        said, body = HEAD.unpack(head)
        yield json.loads(file.read(said)), file.read(body)


def source_said(source: Source) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "url": source.url,
        "username": source.username,
        "password": source.password,
        "allowed": [str(each) for each in source.allowed],
        "masks": source.masks,
    }


def source_heard(said: dict[str, Any]) -> Source:
    return Source(
        Kind(said["kind"]),
        said["url"],
        said["username"],
        said["password"],
        tuple(ip_network(each) for each in said["allowed"]),
        tuple(tuple(tuple(corner) for corner in mask) for mask in said["masks"]),
    )


def init_said(init: Init) -> dict[str, Any]:
    return {"codecs": init.codecs, "width": init.width, "height": init.height, "longest": init.longest_part}


def init_heard(said: dict[str, Any], body: bytes) -> Init:
    return Init(body, said["codecs"], said["width"], said["height"], said["longest"])


def part_said(part: Part, place: Place | None) -> dict[str, Any]:
    """Without the bytes themselves, but where they lie, if they do."""
    said: dict[str, Any] = {"duration": part.duration, "key": part.is_key, "at": part.at}
    if place is not None:
        said |= {
            "descriptor": place.descriptor,
            "token": place.token.hex(),
            "offset": place.offset,
            "size": place.size,
        }
    return said


def place_heard(said: dict[str, Any]) -> Place | None:
    if "token" not in said:
        return None
    return Place(said["descriptor"], bytes.fromhex(said["token"]), said["offset"], said["size"])


def part_heard(said: dict[str, Any], held: bytes | Shelved) -> Part:
    return Part(held, said["duration"], said["key"], said["at"])


def vitals_said(vitals: Vitals) -> dict[str, Any]:
    """Everything but the grid's cells."""
    return {
        "seconds": vitals.seconds,
        "pictures": vitals.pictures,
        "bytes": vitals.bytes,
        "key_interval": vitals.key_interval,
        "bytes_between": vitals.bytes_between,
        "repeated": vitals.is_repeated,
        "drift": vitals.clock_drift,
        "pace": vitals.pace,
        "grey": vitals.grid is not None and vitals.grid.is_grey,
    }


def vitals_heard(said: dict[str, Any], body: bytes) -> Vitals:
    return Vitals(
        said["seconds"],
        said["pictures"],
        said["bytes"],
        said["key_interval"],
        said["bytes_between"],
        said["repeated"],
        said["drift"],
        said["pace"],
        Grid(body, said["grey"]) if body else None,
    )
