"""Who may have footage, on whose word, and how what is handed over can be checked without us.

The police may use what others' devices recorded (Law 580-VIII, art. 40); a request says who asks, on what ground and in
which case (Law 2297-VI, art. 16). Two people decide: that is our rule, not the law's.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from kit.errors import Denied, Refused, WrongState
from kit.law import Act, Certainty, by_law
from kit.working_days import Calendar, after_working_days

LONGEST = timedelta(hours=6)
STUDIED_WITHIN = 10
"""Working days."""
WARNED_WITHIN = 3
"""Working days before the last."""
MAY_BE_DOWNLOADED = timedelta(days=14)
FORMAT = "spilno.evidence/1"
MANIFEST, SUMS, KEY = "manifest.json", "SHA256SUMS", "evidence-key.pem"
_GAP = timedelta(seconds=1.5)
"""A hole no longer than this lies between two parts of one recording."""


class Authority(StrEnum):
    POLICE = "police"
    COURT = "court"
    PROSECUTOR = "prosecutor"


class Decision(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"


class Due(StrEnum):
    """How near the day is by which a request is to be studied."""

    FAR = "far"
    NEAR = "near"
    LATE = "late"


class Step(StrEnum):
    REQUESTED = "requested"
    LOCKED = "locked"
    APPROVED = "approved"
    REFUSED = "refused"
    DOWNLOADED = "downloaded"


@dataclass(frozen=True, slots=True)
class Clip:
    """A file of the package."""

    name: str
    camera: str
    start: datetime
    end: datetime
    size: int
    sha256: str


@by_law("L52", Act.PERSONAL_DATA, "16", Certainty.PARTLY)
def studied_until(received_on: date, calendar: Calendar) -> date:
    """A third party's request is studied within ten working days of its arrival."""
    return after_working_days(received_on, STUDIED_WITHIN, calendar)


def due(state: Decision, until: date, today: date, calendar: Calendar) -> Due | None:
    """How near that day is; nothing once it is decided."""
    if state is not Decision.REQUESTED:
        return None
    if today > until:
        return Due.LATE
    return Due.NEAR if until <= after_working_days(today, WARNED_WITHIN, calendar) else Due.FAR


def check_request(start: datetime, end: datetime, letter_date: date, now: datetime, today: date) -> None:
    """What is asked for has been filmed already, and is no longer than one package can be.

    Raises:
        Refused: at the field that is wrong.
    """
    if end <= start:
        raise Refused("evidence.end_time", "evidence.ends-before-it-starts")
    if end > now:
        raise Refused("evidence.end_time", "evidence.not-filmed-yet")
    if end - start > LONGEST:
        raise Refused("evidence.end_time", "evidence.too-long", hours=round(LONGEST.total_seconds() / 3600))
    if letter_date > today:
        raise Refused("evidence.letter_date", "evidence.letter-not-written-yet")


def check_footage(without: Sequence[str], asked: int) -> None:
    """Nothing is locked or handed over that is not there.

    Args:
        without: the titles of those cameras that recorded nothing of the range.
        asked: how many cameras are asked for.

    Raises:
        Refused: names the range where no camera has it, and otherwise the cameras.
    """
    if len(without) == asked:
        raise Refused("evidence.start_time", "evidence.no-footage")
    if without:
        raise Refused("evidence.cameras", "evidence.no-footage-of", titles=", ".join(without))


def check_decision(state: Decision, requested_by: str, decides: str) -> None:
    """It is decided once, and by another than who entered it.

    Raises:
        Denied: it is the requester's own.
        WrongState: it was decided.
    """
    if state is not Decision.REQUESTED:
        raise WrongState("evidence.is-decided")
    if requested_by == decides:
        raise Denied("evidence.never-the-requester")


def check_download(state: Decision, expires_at: datetime | None, now: datetime) -> None:
    """Only what was approved is handed over, and not for ever.

    Raises:
        WrongState: it was not approved, or that is too long ago.
    """
    if state is not Decision.APPROVED or expires_at is None:
        raise WrongState("evidence.not-approved")
    if expires_at <= now:
        raise WrongState("evidence.has-expired")


def digest(previous: str, link: Mapping[str, Any]) -> str:
    """Of a link in the chain: it holds only while every link before it is what it was."""
    return sha256(f"{previous}\n{json.dumps(link, sort_keys=True, ensure_ascii=False)}".encode()).hexdigest()


def gaps(start: datetime, end: datetime, clips: Sequence[Clip]) -> list[tuple[datetime, datetime]]:
    """What of a range one camera's clips do not show."""
    found = list[tuple[datetime, datetime]]()
    until = start
    for clip in sorted(clips, key=lambda each: each.start):
        if clip.start - until > _GAP:
            found.append((until, clip.start))
        until = max(until, clip.end)
    if end - until > _GAP:
        found.append((until, end))
    return found


def manifest(said: Mapping[str, Any], clips: Sequence[Clip]) -> bytes:
    """The text that is signed."""
    files = [
        {
            "name": each.name,
            "camera": each.camera,
            "start": written(each.start),
            "end": written(each.end),
            "size": each.size,
            "sha256": each.sha256,
        }
        for each in clips
    ]
    whole = {"format": FORMAT, **said, "files": files}
    return (json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False, default=str) + "\n").encode()


def sums(clips: Sequence[Clip], manifest_text: bytes) -> bytes:
    """What sha256sum --check reads."""
    lines = [f"{each.sha256}  {each.name}" for each in clips]
    return "".join(f"{line}\n" for line in [*lines, f"{sha256(manifest_text).hexdigest()}  {MANIFEST}"]).encode()


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
