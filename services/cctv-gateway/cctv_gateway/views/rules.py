"""What opens the media of one camera: for one view, one browser, and a short time.

A pass is checked at each request. It is told to the viewer's page alone, and is of no use in another browser: its
signature holds the digest of a cookie that only that browser sends.
"""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kit.errors import WrongState

LASTS = timedelta(minutes=2)
"""The page asks for new ones before that."""
_SHAPE = struct.Struct(">16s16sI")
_SIGNED = 16

Digest = Callable[[str, str, str], bytes]
"""32 bytes that nobody else can make, of three texts."""


class Reason(StrEnum):
    DUTY = "duty"
    INCIDENT = "incident"
    MASS_EVENT = "mass_event"
    CHECK = "check"
    ARCHIVE = "archive"
    """Footage, not the live picture."""


class Ending(StrEnum):
    ENDED = "ended"
    LAPSED = "lapsed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Pass:
    """What a pass says."""

    hromada: str
    """The slug."""
    view: UUID
    camera: UUID
    expires_at: datetime


def written(one: Pass, browser: str, digest: Digest) -> str:
    """A pass as it stands in a path.

    Args:
        one: what it says.
        browser: the digest of the browser's cookie.
        digest: signs.
    """
    body = _SHAPE.pack(one.view.bytes, one.camera.bytes, int(one.expires_at.timestamp()))
    return urlsafe_b64encode(body + _signature(one.hromada, body, browser, digest)).rstrip(b"=").decode()


def read(hromada: str, text: str, browser: str, digest: Digest) -> Pass | None:
    """What a pass says; None if we have not written it for that hromada and browser."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    body, signature = raw[: _SHAPE.size], raw[_SHAPE.size :]
    if len(raw) != _SHAPE.size + _SIGNED:
        return None
    if not hmac.compare_digest(signature, _signature(hromada, body, browser, digest)):
        return None
    view, camera, expires = _SHAPE.unpack(body)
    return Pass(hromada, UUID(bytes=view), UUID(bytes=camera), datetime.fromtimestamp(expires, UTC))


def check_going_on(ending: Ending | None) -> None:
    """Only a view that goes on can be renewed or ended.

    Raises:
        WrongState: it has ended.
    """
    if ending is not None:
        raise WrongState("view.has-ended")


def _signature(hromada: str, body: bytes, browser: str, digest: Digest) -> bytes:
    return digest(hromada, body.hex(), browser)[:_SIGNED]
