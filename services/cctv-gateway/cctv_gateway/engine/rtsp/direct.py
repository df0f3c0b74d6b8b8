"""A camera that is spoken to without libav: RTSP 1.0 over TCP (RFC 2326), H.264 or H.265, pictures in the order in
which they are shown."""

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

from cctv_gateway.engine.addresses import Address
from cctv_gateway.engine.doorway import connected
from cctv_gateway.engine.formats import Format
from cctv_gateway.engine.packaging import AccessUnit
from cctv_gateway.engine.parts import SCALE
from cctv_gateway.engine.rtsp.assembling import Assembled, Assembler
from cctv_gateway.engine.rtsp.described import Track, read
from cctv_gateway.engine.rtsp.line import ANSWER, Line
from cctv_gateway.engine.rtsp.login import Login
from cctv_gateway.engine.rtsp.receiving import Receiver
from cctv_gateway.engine.sources import READ_SECONDS, WATCH, Source
from cctv_gateway.engine.troubles import BY_STATUS, Cause, Trouble, Unsuited

_KEY_WITHIN = 5.0
"""Seconds for the first key picture. One that comes more seldom is waited for by libav, which needs none to begin."""
_MEASURED = SCALE * 4 // 10
"""Ticks of pictures from which their rate is told: less than a part, so that nobody waits for it."""
_MEASURED_WITHIN = 2.0
_MOST_HELD, _MOST_BYTES_HELD = 600, 16 << 20
"""Pictures that wait until the rate is known; a camera that sends more is none, and libav's way has a limit for it."""
_RATES = (1.0, 60.0)
_USUAL_TIMEOUT = 60
_MOST_ASKED = 3

_RECEIVER = Receiver()


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: dict[str, list[str]]
    body: str

    def first(self, name: str) -> str:
        return self.headers.get(name, [""])[0]


class Direct:
    """A connection, open once its first key picture has come and the rate of its pictures is known.

    Raises:
        Trouble: there is something wrong that libav would find too.
        Unsuited: it is better left to libav.
    """

    format: Format

    def __init__(self, source: Source, address: Address, is_wanted: Callable[[], bool]) -> None:
        self._is_wanted = is_wanted
        self._url = address.url
        self._login = Login(source.username, source.password)
        self._asked = 0
        self._keep = ""
        """What a session is kept alive with, once there is one."""
        self._keep_each = _USUAL_TIMEOUT / 2
        self._kept_at = 0.0
        self._waiting = deque[AccessUnit]()
        self._session = ""
        self._is_begun = self._has_left = False
        self._line = Line(connected(address, source.allowed), READ_SECONDS)
        try:
            self._track = self._described()
            self._channel = self._set_up(self._track)
            track = self._track
            self._assembler = Assembler(track.codec, track.payload_type, track.clock_rate, track.parameter_sets)
            self._begin()
        except BaseException as error:
            self.close()
            if isinstance(error, Trouble) and error.cause in (Cause.BROKEN, Cause.ENDS):
                raise Unsuited from None
            raise

    def pour(self, into: Callable[[AccessUnit], None]) -> None:
        """Hands over the pictures as they come, until the connection ends.

        Raises:
            Trouble: it does.
            Unsuited: it goes on in a way that is better left to libav.
        """
        while self._waiting:
            into(self._waiting.popleft())
        for unit in self._heard():
            into(unit)
        self._line.connection.setblocking(False)
        with WATCH.over(self._line.close, READ_SECONDS) as watched:

            def receive() -> None:
                self._line.wait()
                watched.heard = time.monotonic()
                for unit in self._heard():
                    into(unit)

            try:
                _RECEIVER.receive(self._line.connection, receive)
            except Trouble as trouble:
                if trouble.cause is Cause.BROKEN:
                    raise Unsuited from None
                raise Trouble(Cause.STALLS) if watched.is_ended else trouble from None

    def close(self) -> None:
        """Ends the connection, from any thread. The camera is told: some have room for a few sessions only, and keep
        for a minute one that was left without a word."""
        if self._session and not self._has_left:
            self._has_left = True
            with suppress(Trouble):
                self._say("TEARDOWN", self._track.aggregate, self._session)
        self._line.close()

    def _heard(self) -> Iterator[AccessUnit]:
        """The pictures that have become whole."""
        done, channel, assembler = self._assembler.done, self._channel, self._assembler
        for heard, told in self._line.heard():
            if heard == channel:
                assembler.take(told)
                while done:
                    yield self._unit(done.popleft())
            elif heard == channel + 1:
                assembler.take_report(told)
            elif heard == ANSWER:
                self._take_answer(_answer(told))
        if (now := time.monotonic()) - self._kept_at > self._keep_each:
            self._kept_at = now
            self._say(self._keep, self._track.aggregate, self._session)

    def _take_answer(self, answer: _Answer) -> None:
        """Takes the answer to being asked to play, or to being kept alive."""
        if answer.status == 401:
            self._login.is_asked(answer.headers.get("www-authenticate", []))
        if answer.status != 200 and not self._is_begun:
            raise Unsuited

    def _unit(self, picture: Assembled) -> AccessUnit:
        at = picture.time * SCALE // self._track.clock_rate
        return AccessUnit(picture, at, at, picture.is_key, time.time())

    def _begin(self) -> None:
        """Plays, and waits for a key picture and a few that follow it."""
        self._say("PLAY", self._track.aggregate, self._session, "Range: npt=0.000-")
        self._kept_at = began = time.monotonic()
        went_by_time, waiting = False, self._waiting
        while not waiting or _ticks(waiting) < _MEASURED:
            if time.monotonic() - began > _KEY_WITHIN + (_MEASURED_WITHIN if waiting else 0.0):
                break
            if not self._is_wanted():
                raise Trouble(Cause.ENDS)
            self._line.wait()
            for unit in self._heard():
                if self._assembler.goes_by_time != went_by_time:
                    went_by_time = True
                    waiting.clear()  # what was taken for a picture was a part of one
                if waiting or unit.is_key:
                    waiting.append(unit)
            if len(waiting) > _MOST_HELD or sum(each.packet.size for each in waiting) > _MOST_BYTES_HELD:
                raise Unsuited
        self.format = self._format()
        self._is_begun = True

    def _format(self) -> Format:
        """How the pictures are encoded that wait."""
        steps = [after - before for before, after in pairwise(unit.dts or 0 for unit in self._waiting)]
        if not steps:
            raise Unsuited
        rate = min(max(SCALE / max(statistics.median(steps), 1), _RATES[0]), _RATES[1])
        format = Format(self._track.codec, rate, is_annex_b=True).after(bytes(self._waiting[0].packet))
        if not format.head or format.is_reordered:
            raise Unsuited
        return format

    def _described(self) -> Track:
        self._ask("OPTIONS", self._url)
        answer = self._ask("DESCRIBE", self._url, "Accept: application/sdp")
        base = answer.first("content-base") or answer.first("content-location") or self._url
        return read(answer.body, base)

    def _set_up(self, track: Track) -> int:
        """Asks for the track; tells on which channel it comes."""
        answer = self._ask("SETUP", track.control, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        session, *options = answer.first("session").split(";")
        self._session = f"Session: {session.strip()}"
        for name, _, value in (each.strip().partition("=") for each in options):
            if name.lower() == "timeout" and value.isdigit() and int(value) > 1:
                self._keep_each = int(value) / 2
        transport = dict(each.partition("=")[::2] for each in answer.first("transport").split(";"))
        channel = transport.get("interleaved", "").partition("-")[0]
        if not session.strip() or not channel.isdigit():
            raise Unsuited
        return int(channel)

    def _ask(self, method: str, url: str, *lines: str) -> _Answer:
        for _ in range(_MOST_ASKED):
            self._say(method, url, *lines)
            answer = self._answered()
            if answer.status == 200:
                if method == "OPTIONS":
                    self._keep = "GET_PARAMETER" if "GET_PARAMETER" in answer.first("public") else "OPTIONS"
                return answer
            if 300 <= answer.status < 400:
                raise Trouble(Cause.REDIRECTS)
            if answer.status != 401 or not self._login.is_asked(answer.headers.get("www-authenticate", [])):
                break
        if answer.status in BY_STATUS:
            raise Trouble(BY_STATUS[answer.status])
        raise Unsuited

    def _answered(self) -> _Answer:
        while True:
            self._line.wait()
            for channel, told in self._line.heard():
                if channel == ANSWER:
                    return _answer(told)

    def _say(self, method: str, url: str, *lines: str) -> None:
        self._asked += 1
        own = (f"CSeq: {self._asked}", "User-Agent: Spilno", *self._login.header(method, url))
        self._line.say("\r\n".join((f"{method} {url} RTSP/1.0", *own, *lines, "", "")).encode())


def _ticks(units: Sequence[AccessUnit]) -> int:
    return (units[-1].dts or 0) - (units[0].dts or 0)


def _answer(told: memoryview) -> _Answer:
    head, _, body = bytes(told).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    status = first.split(" ")[1]
    headers = dict[str, list[str]]()
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    if not status.isdigit():
        raise Trouble(Cause.BROKEN)
    return _Answer(int(status), headers, body.decode("utf-8", "replace"))
