"""Films of a street that something happens to: it stands still, goes dark, is covered, or is seen from elsewhere."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from cctv_gateway.testing.filming import RATE

WIDTH, HEIGHT = 320, 240


def scene(seed: int) -> bytes:
    """A picture's brightness: houses, windows, a road; another one for each seed."""
    draw = _drawing(seed)
    rows = [bytearray([120] * WIDTH) for _ in range(HEIGHT)]
    for _ in range(24):
        left, top, width, height, bright = (
            draw(WIDTH - 40),
            draw(HEIGHT - 40),
            15 + draw(25),
            15 + draw(25),
            30 + draw(200),
        )
        for row in rows[top : top + height]:
            row[left : left + width] = bytes([bright]) * width
    return b"".join(rows)


def _drawing(seed: int) -> Callable[[int], int]:
    """Numbers below a limit, the same ones for a seed."""
    state = seed

    def draw(limit: int) -> int:
        nonlocal state
        state = (state * 1_103_515_245 + 12_345) % 2**31
        return state // 65_536 % limit

    return draw


def live(bright: bytes, count: int) -> Iterator[bytes]:
    """The scene with noise, and a car that crosses it."""
    grainy = [_grainy(bright, _drawing(seed)) for seed in range(4)]
    for number in range(count):
        picture = bytearray(grainy[number % len(grainy)])
        left = number * 6 % (WIDTH - 30)
        for row in range(180, 196):
            picture[row * WIDTH + left : row * WIDTH + left + 30] = bytes([235]) * 30
        yield bytes(picture)


def _grainy(bright: bytes, draw: Callable[[int], int]) -> bytes:
    noise = bytes(draw(9) for _ in range(997))
    return bytes(each + noise[at % 997] - 4 for at, each in enumerate(bright))


def still(bright: bytes, count: int) -> Iterator[bytes]:
    """The same, over and over."""
    for _ in range(count):
        yield bright


def write(path: Path, pictures: Iterator[bytes]) -> None:
    """A film of these pictures, with a key picture each second."""
    container: Any = av.open(str(path), "w", format="mp4")
    with container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = RATE
        stream.codec_context.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "23"}
        for number, bright in enumerate(pictures):
            frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
            for place, plane in enumerate(frame.planes):
                plane.update(bright if place == 0 else bytes([120]) * plane.buffer_size)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
