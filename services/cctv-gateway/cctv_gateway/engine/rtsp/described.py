"""What a camera says of its picture before it sends it: SDP (RFC 8866), as RTSP uses it (RFC 2326, appendix C)."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from cctv_gateway.engine.troubles import Unsuited

_CODECS = {"h264": "h264", "h265": "hevc"}
_SETS = {"h264": ("sprop-parameter-sets",), "hevc": ("sprop-vps", "sprop-sps", "sprop-pps")}
_HIGHEST_RATE = 1_000_000


@dataclass(frozen=True, slots=True)
class Track:
    """The first picture that a description names."""

    codec: str
    payload_type: int
    clock_rate: int
    """Ticks of its timestamps in a second."""
    control: str
    """By which address it is set up."""
    aggregate: str
    """By which address all that is set up is played."""
    parameter_sets: tuple[bytes, ...]
    """What is told of them ahead of the pictures; often they come with each key picture too."""


def read(description: str, base: str) -> Track:
    """The track of a picture that we can receive.

    Args:
        description: in SDP.
        base: the address that others are relative to.

    Raises:
        Unsuited: there is none.
    """
    lines = [line.partition("=")[::2] for line in description.splitlines()]
    media = [number for number, (kind, _) in enumerate(lines) if kind == "m"]
    first = next((number for number in media if lines[number][1].lower().startswith("video ")), None)
    if first is None:
        raise Unsuited
    after = next((number for number in media if number > first), len(lines))
    of_session = dict(_attributes(lines[: media[0]]))
    attributes = list(_attributes(lines[first:after]))
    try:
        payload_type = int(lines[first][1].split()[3])
        codec, rate = _format(attributes, payload_type)
    except (IndexError, ValueError):
        raise Unsuited from None
    options = _options(attributes, payload_type)
    is_interleaved = options.get("packetization-mode") == "2" or options.get("sprop-max-don-diff", "0") != "0"
    if is_interleaved or not 0 < rate <= _HIGHEST_RATE:
        raise Unsuited
    aggregate = _resolved(base, of_session.get("control", "*"))
    control = _resolved(aggregate, dict(attributes).get("control", "*"))
    return Track(codec, payload_type, rate, control, aggregate, tuple(_sets(options, codec)))


def _attributes(lines: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    for kind, text in lines:
        if kind == "a":
            name, _, value = text.partition(":")
            yield name.strip().lower(), value.strip()


def _format(attributes: list[tuple[str, str]], payload_type: int) -> tuple[str, int]:
    for name, value in attributes:
        number, _, told = value.partition(" ")
        if name == "rtpmap" and int(number) == payload_type:
            codec, rate = told.split("/")[:2]
            if codec.lower() in _CODECS:
                return _CODECS[codec.lower()], int(rate)
    raise Unsuited


def _options(attributes: list[tuple[str, str]], payload_type: int) -> dict[str, str]:
    for name, value in attributes:
        number, _, told = value.partition(" ")
        if name == "fmtp" and number == str(payload_type):
            pairs = (each.partition("=") for each in told.split(";"))
            return {key.strip().lower(): text.strip() for key, _, text in pairs}
    return {}


def _resolved(base: str, control: str) -> str:
    """As cameras and their clients read it: what is relative stands below the base, with or without a slash between."""
    if control in ("*", ""):
        return base
    if "://" in control:
        return control
    return urljoin(base, control) if control.startswith("/") else f"{base.rstrip('/')}/{control}"


def _sets(options: dict[str, str], codec: str) -> Iterator[bytes]:
    """The parameter sets that can be read; the camera may send better ones."""
    for name in _SETS[codec]:
        for each in options.get(name, "").split(","):
            try:
                told = base64.b64decode(each, validate=True)
            except binascii.Error:
                continue
            if told:
                yield told
