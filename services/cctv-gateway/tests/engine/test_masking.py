"""What is painted over is painted over whole, and nothing of it comes through."""

from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from cctv_gateway.engine.addresses import Kind
from cctv_gateway.engine.masking import strokes
from cctv_gateway.engine.packaging import AccessUnit, Packager
from cctv_gateway.engine.parts import Init, Part
from cctv_gateway.engine.pictures import jpeg_of
from cctv_gateway.engine.sources import Source, connect
from cctv_gateway.engine.transcoding import Transcoder
from cctv_gateway.testing.filming import film
from hypothesis import given
from hypothesis import strategies as st

LEFT_HALF = ((0, 0), (500, 0), (500, 1000), (0, 1000))
WIDTH, HEIGHT = 64, 48
CORNERS = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=3, max_size=8)


def is_inside(mask: list[tuple[int, int]], x: float, y: float) -> bool:
    found = False
    for place, (x1, y1) in enumerate(mask):
        x2, y2 = mask[(place + 1) % len(mask)]
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            found = not found
    return found


@given(CORNERS, st.lists(st.tuples(st.floats(0, 999), st.floats(0, 999)), min_size=1, max_size=50))
def test_no_point_inside_a_mask_is_left_unpainted(
    mask: list[tuple[int, int]], points: list[tuple[float, float]]
) -> None:
    painted = {(x, row) for row, left, right in strokes(mask, WIDTH, HEIGHT) for x in range(left, right)}
    for x, y in points:
        if is_inside(mask, x, y):
            assert (int(x * WIDTH / 1000), int(y * HEIGHT / 1000)) in painted


def luma(picture: Any) -> tuple[float, float]:
    """How light the middle of the left half is, and that of the right."""
    plane = picture.planes[0]
    rows = [bytes(plane)[row * plane.line_size :][: picture.width] for row in range(0, picture.height, 8)]
    quarter = picture.width // 4
    return tuple(sum(row[at] for row in rows) / len(rows) for at in (quarter, 3 * quarter))


@pytest.mark.parametrize("suffix", ["mp4", "ts"])
def test_neither_a_part_nor_a_snapshot_shows_what_is_masked(short_film: Path, tmp_path: Path, suffix: str) -> None:
    path = short_film
    if suffix == "ts":  # pictures that carry their parameters themselves
        film(path := tmp_path / "film.ts", seconds=4)
    made = list[Init | Part]()
    packager = Packager(made.append)
    sink = Transcoder(packager, [LEFT_HALF])
    taken = 0
    connection = connect(Source(Kind.FILM, str(path)), lambda: taken < 30)
    sink.on_format(connection.format)

    def take(unit: AccessUnit) -> None:
        nonlocal taken
        sink.on_access_unit(unit)
        taken += taken > 0 or unit.is_key  # a film of this kind may begin between two key pictures

    connection.pour(take)
    packager.close()
    shown: Any = av.open(BytesIO(b"".join(each.body for each in made)))
    pictures = [*shown.decode(video=0)]
    assert len(pictures) == taken
    for picture in pictures:
        left, right = luma(picture)
        assert left < 18
        assert right > 50
    assert packager.last_key is not None
    snapshot = jpeg_of(*packager.last_key)
    assert snapshot is not None
    shown = av.open(BytesIO(snapshot))
    left, right = luma(next(iter(shown.decode(video=0))))
    assert left < 10
    assert right > 40
