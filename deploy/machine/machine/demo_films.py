"""Films for the demo's cameras: drawn scenes of a small town, a minute each, in which a clock runs and things move.

They are drawn once and kept: `python -m machine.demo_films <folder>`. A film of a minute that is played by the wall
clock shows the second that it is.
"""

import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

SECONDS, RATE = 60, 10
WIDTH, HEIGHT = 1280, 720
_SUB = (640, 360)
_KEY_EACH = 2 * RATE
_OPTIONS = {"preset": "ultrafast", "tune": "zerolatency", "crf": "26"}

Colour = tuple[int, int, int]
Picture = Any  # an array of rows, columns and three colours; numpy says so only at run time

SKY, DUSK, NIGHT, GREY = (176, 214, 240), (242, 178, 120), (24, 30, 62), (198, 202, 208)
GRASS, SAND, ASPHALT, SNOW = (108, 156, 84), (226, 206, 152), (92, 94, 102), (236, 240, 244)
BRICK, LIME, BLUE, ROOF, WOOD = (168, 84, 62), (240, 234, 218), (58, 92, 168), (128, 58, 44), (128, 92, 58)
LEAF, DARK, YELLOW, RED, WATER = (58, 112, 62), (40, 42, 50), (243, 185, 58), (190, 44, 52), (84, 140, 184)


@dataclass(frozen=True, slots=True)
class Box:
    x: int
    y: int
    width: int
    height: int
    colour: Colour


@dataclass(frozen=True, slots=True)
class Disc:
    x: int
    y: int
    radius: int
    colour: Colour


@dataclass(frozen=True, slots=True)
class Gable:
    """A roof: a triangle over its eaves."""

    x: int
    y: int
    width: int
    height: int
    colour: Colour


@dataclass(frozen=True, slots=True)
class Mover:
    """Something that crosses the picture so many times a minute; backwards if the number is below nought."""

    y: int
    width: int
    height: int
    colour: Colour
    crossings: int
    phase: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What one camera sees."""

    name: str
    sky: Colour
    ground: Colour
    horizon: int
    shapes: tuple[Box | Disc | Gable, ...]
    movers: tuple[Mover, ...]
    breaks: bool = False
    """Its camera breaks and recovers by the clock."""

    @property
    def main(self) -> str:
        return f"{self.name}{self._ending}"

    @property
    def sub(self) -> str:
        return f"{self.name}-sub{self._ending}"

    @property
    def _ending(self) -> str:
        return ".breaks.mp4" if self.breaks else ".mp4"


def house(x: int, y: int, width: int, height: int, wall: Colour, roof: Colour) -> tuple[Box | Gable, ...]:
    """A house with a roof, a door and two windows, standing on y."""
    window = Box(x + width // 8, y - height * 3 // 4, width // 5, height // 4, BLUE)
    return (
        Box(x, y - height, width, height, wall),
        Gable(x - 12, y - height, width + 24, height // 2, roof),
        window,
        Box(x + width * 5 // 8, window.y, window.width, window.height, BLUE),
        Box(x + width * 7 // 16, y - height // 2, width // 7, height // 2, WOOD),
    )


def tree(x: int, y: int, size: int) -> tuple[Box | Disc, ...]:
    return (Box(x - size // 8, y - size, size // 4, size, WOOD), Disc(x, y - size, size // 2, LEAF))


def road(y: int, height: int) -> tuple[Box, ...]:
    """A road with a broken line along it."""
    line = y + height // 2 - 4
    return (Box(0, y, WIDTH, height, ASPHALT), *(Box(x, line, 60, 8, SNOW) for x in range(20, WIDTH, 140)))


def crossing(x: int, y: int, height: int) -> tuple[Box, ...]:
    return tuple(Box(x + step * 34, y, 18, height, SNOW) for step in range(6))


def stalls(y: int) -> tuple[Box | Gable, ...]:
    """A row of market stalls."""
    row = list[Box | Gable]()
    for place, colour in enumerate((RED, YELLOW, BLUE, LEAF, BRICK, YELLOW)):
        x = 40 + place * 205
        row += [Box(x, y - 90, 160, 90, LIME), Gable(x - 14, y - 90, 188, 60, colour)]
    return tuple(row)


WALKER, CHILD = (40, 44, 60), (208, 70, 60)

SCENES = (
    Scene(
        "central-square",
        SKY,
        GREY,
        360,
        (*house(80, 420, 300, 220, LIME, ROOF), *house(860, 420, 340, 260, BRICK, DARK), Disc(640, 560, 90, WATER)),
        (Mover(560, 26, 74, WALKER, 2), Mover(600, 28, 80, CHILD, -1, 0.4)),
    ),
    Scene(
        "crossroads",
        SKY,
        GRASS,
        300,
        (*road(430, 150), *crossing(520, 430, 150), *house(940, 420, 240, 160, LIME, ROOF), *tree(160, 420, 170)),
        (Mover(450, 170, 54, RED, 4), Mover(516, 190, 58, BLUE, -5, 0.3)),
    ),
    Scene(
        "school",
        SKY,
        GRASS,
        330,
        (
            Box(280, 150, 720, 270, YELLOW),
            *(Box(x, 190, 70, 80, BLUE) for x in range(310, 960, 110)),
            Box(600, 310, 90, 110, WOOD),
            *road(560, 120),
            *crossing(560, 560, 120),
        ),
        (Mover(470, 24, 62, CHILD, 2), Mover(480, 22, 56, WALKER, 2, 0.06), Mover(590, 180, 56, LIME, -3)),
    ),
    Scene("market", GREY, SAND, 300, stalls(430), (Mover(500, 28, 84, WALKER, 1), Mover(560, 30, 92, RED, -2, 0.5))),
    Scene(
        "bus-station",
        DUSK,
        ASPHALT,
        340,
        (
            Box(120, 200, 520, 220, LIME),
            Box(90, 180, 580, 26, BLUE),
            *(Box(x, 250, 90, 110, DARK) for x in (160, 290, 420)),
        ),
        (Mover(470, 330, 120, YELLOW, 2), Mover(620, 28, 80, WALKER, -1, 0.2)),
    ),
    Scene(
        "park",
        SKY,
        GRASS,
        280,
        (*tree(180, 470, 260), *tree(520, 430, 200), *tree(1080, 480, 280), Box(0, 560, WIDTH, 70, SAND)),
        (Mover(520, 60, 50, WOOD, 3), Mover(530, 26, 78, WALKER, -1, 0.7)),
    ),
    Scene(
        "playground",
        SKY,
        SAND,
        320,
        (
            Box(200, 260, 16, 260, RED),
            Box(500, 260, 16, 260, RED),
            Box(200, 260, 316, 16, RED),
            Gable(760, 520, 320, 240, BLUE),
            *tree(1180, 420, 150),
        ),
        (Mover(540, 22, 54, CHILD, 3), Mover(580, 22, 54, YELLOW, -4, 0.3)),
    ),
    Scene(
        "bridge",
        GREY,
        WATER,
        380,
        (
            Box(0, 300, WIDTH, 60, ASPHALT),
            *(Box(x, 360, 40, 220, LIME) for x in (180, 620, 1060)),
            Box(0, 290, WIDTH, 12, DARK),
        ),
        (Mover(312, 150, 46, RED, 3), Mover(600, 120, 24, WOOD, -1, 0.5)),
    ),
    Scene(
        "stadium",
        SKY,
        LEAF,
        260,
        (
            Box(60, 300, 1160, 380, GRASS),
            Box(636, 300, 8, 380, SNOW),
            Disc(640, 490, 80, SNOW),
            Disc(640, 490, 72, GRASS),
        ),
        (Mover(420, 24, 64, RED, 5), Mover(560, 24, 64, BLUE, -5, 0.5), Mover(500, 16, 16, SNOW, 7)),
        breaks=True,
    ),
    Scene(
        "town-entrance",
        SKY,
        GRASS,
        340,
        (*road(470, 170), Box(900, 200, 16, 270, DARK), Box(800, 180, 240, 110, BLUE), Box(816, 226, 208, 18, SNOW)),
        (Mover(490, 200, 60, LIME, 3), Mover(570, 260, 74, BRICK, -2, 0.4)),
    ),
    Scene(
        "pharmacy-at-night",
        NIGHT,
        DARK,
        380,
        (
            Box(260, 190, 460, 260, (70, 74, 92)),
            Box(300, 260, 150, 130, YELLOW),
            Box(520, 240, 120, 210, YELLOW),
            Box(470, 110, 30, 90, LEAF),
            Box(440, 140, 90, 30, LEAF),
            Disc(1080, 120, 46, SNOW),
        ),
        (Mover(560, 180, 50, (120, 124, 140), 2), Mover(520, 26, 76, (150, 140, 120), -1, 0.6)),
    ),
    Scene(
        "shop",
        DUSK,
        GREY,
        360,
        (
            Box(180, 160, 840, 280, BRICK),
            *(Box(x, 230, 180, 150, SKY) for x in (230, 470)),
            Box(760, 230, 130, 210, WOOD),
            Box(180, 160, 840, 44, RED),
        ),
        (Mover(520, 28, 82, WALKER, 2), Mover(600, 170, 56, YELLOW, -3, 0.2)),
    ),
)

_SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
_PLACES = {
    "a": (0, 0, 40, 8),
    "b": (32, 0, 8, 40),
    "c": (32, 36, 8, 40),
    "d": (0, 68, 40, 8),
    "e": (0, 36, 8, 40),
    "f": (0, 0, 8, 40),
    "g": (0, 34, 40, 8),
}


def ensure(folder: Path) -> None:
    """Draws the films that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for scene in SCENES:
        if not is_there(scene, folder):
            film(scene, folder)


def is_there(scene: Scene, folder: Path) -> bool:
    """Whether both films of a scene are drawn."""
    return (folder / scene.main).exists() and (folder / scene.sub).exists()


def film(scene: Scene, folder: Path) -> None:
    """Draws one scene's film, large and small. A film is there once it is whole."""
    still = drawn(scene)
    drafts = [(folder / f".{name}", folder / name) for name in (scene.main, scene.sub)]
    large, small = (_Reel(draft, *size) for (draft, _), size in zip(drafts, ((WIDTH, HEIGHT), _SUB), strict=True))
    for number in range(SECONDS * RATE):
        frame = av.VideoFrame.from_ndarray(at(scene, still, number / RATE), format="yuv420p")
        large.take(frame, number)
        small.take(frame.reformat(*_SUB, interpolation="FAST_BILINEAR"), number)
    for reel, (draft, place) in zip((large, small), drafts, strict=True):
        reel.close()
        draft.replace(place)


def drawn(scene: Scene) -> Picture:
    """What stands still in a scene, its brightness above and its colours below, as films hold pictures."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[: scene.horizon] = scene.sky
    picture[scene.horizon :] = scene.ground
    for shape in scene.shapes:
        match shape:
            case Box(x, y, width, height, colour):
                picture[max(y, 0) : y + height, max(x, 0) : x + width] = colour
            case Disc(x, y, radius, colour):
                rows, columns = np.ogrid[:HEIGHT, :WIDTH]
                picture[(rows - y) ** 2 + (columns - x) ** 2 <= radius**2] = colour
            case Gable(x, y, width, height, colour):
                for row in range(height):
                    half = width * row // (2 * height)
                    middle = x + width // 2
                    if y - height + row >= 0:
                        picture[y - height + row, max(middle - half, 0) : middle + half] = colour
    return av.VideoFrame.from_ndarray(picture, format="rgb24").to_ndarray(format="yuv420p")


def at(scene: Scene, still: Picture, second: float) -> Picture:
    """A scene at a second of the minute."""
    picture = still.copy()
    for mover in scene.movers:
        share = (second * mover.crossings / SECONDS + mover.phase) % 1
        x = round(share * (WIDTH + mover.width)) - mover.width
        _paint(picture, Box(x, mover.y, mover.width, mover.height, mover.colour))
    _paint(picture, Box(24, 24, 126, 100, DARK))
    for place, digit in enumerate(f"{int(second):02}"):
        for segment in _SEGMENTS[int(digit)]:
            x, y, width, height = _PLACES[segment]
            _paint(picture, Box(40 + place * 54 + x, 36 + y, width, height, YELLOW))
    _paint(picture, Box(24, 116, round(second / SECONDS * 126), 8, RED))
    return picture


def _paint(picture: Picture, box: Box) -> None:
    """Paints a box into brightness and colours; the part of it that is outside is left out."""
    red, green, blue = box.colour
    bright = 16 + (66 * red + 129 * green + 25 * blue) // 256
    bluish = 128 + (-38 * red - 74 * green + 112 * blue) // 256
    reddish = 128 + (112 * red - 94 * green - 18 * blue) // 256
    left, right = max(box.x, 0), max(box.x + box.width, 0)
    picture[box.y : box.y + box.height, left:right] = bright
    for place, colour in enumerate((bluish, reddish)):
        start = HEIGHT + place * HEIGHT // 4
        plane = picture[start : start + HEIGHT // 4].reshape(HEIGHT // 2, WIDTH // 2)
        plane[box.y // 2 : (box.y + box.height) // 2, left // 2 : right // 2] = colour


class _Reel:
    """A film being written."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        self._container: Any = av.open(str(path), "w", format="mp4")
        self._stream = self._container.add_stream("libx264", rate=RATE)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._stream.codec_context.gop_size = _KEY_EACH
        self._stream.codec_context.thread_count = 1
        self._stream.codec_context.options = _OPTIONS

    def take(self, frame: Any, number: int) -> None:
        frame.pts, frame.time_base = number, Fraction(1, RATE)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()


if __name__ == "__main__":
    ensure(Path(sys.argv[1]))
