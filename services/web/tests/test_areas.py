import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.pages import Form
from web import areas

BORDER = {"type": "Polygon", "coordinates": [[[29.6, 45.8], [29.7, 45.8], [29.7, 45.9], [29.6, 45.8]]]}


def read(text: str) -> tuple[str, dict[str, str]]:
    form = Form({"area": text})
    return areas.entered(form, "area"), form.errors


@pytest.mark.parametrize(
    "text",
    [
        "45.8, 29.6\n45.8, 29.7\n45.9, 29.7",
        "45,8; 29,6\n\n45,8; 29,7\n45,9; 29,7\n45,8; 29,6",
        json.dumps(BORDER),
        json.dumps({"type": "Feature", "properties": {}, "geometry": BORDER}),
        json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": BORDER}]}),
    ],
)
def test_a_border_is_read_however_it_is_entered(text: str) -> None:
    border, errors = read(text)
    assert (json.loads(border), errors) == (BORDER, {})


def test_a_line_that_is_no_point_is_told_at_the_field() -> None:
    border, errors = read("45.8, 29.6\nбіля млина")
    assert border == ""
    assert "біля млина" in errors["area"]


@given(st.text())
def test_no_text_breaks_the_form_or_the_drawing(text: str) -> None:
    border, _ = read(text.strip())
    areas.drawing([("1", border), ("2", text)])
    areas.points(text)


@given(st.lists(st.tuples(st.floats(23, 39), st.floats(45, 51)), min_size=3, max_size=8))
def test_a_drawing_stays_in_its_frame(ring: list[tuple[float, float]]) -> None:
    drawing = areas.drawing([("1", json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]}))])
    assert drawing is not None
    places = [tuple(map(float, place.split())) for place in drawing.outlines[0].path.strip("MZ").split("L")]
    assert all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in places)
    assert max(drawing.width, drawing.height) <= 401


def test_points_come_back_as_they_were_typed() -> None:
    assert areas.points(json.dumps(BORDER)) == "45.8, 29.6\n45.8, 29.7\n45.9, 29.7"
