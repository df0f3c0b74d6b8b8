"""Of a library's sheet only what a page may name is sent."""

from pathlib import Path

from kit.pages.sheets import named_in, without_unnamed

SHEET = """
.c-button{color:red}.c-button,.c-tabs{margin:0}.c-tabs a{color:blue}body,.c-tabs{padding:0}
@media print{.c-tabs{display:none}}@media (min-width:40em){.c-button:hover,.c-tabs{margin:1px}}
@font-face{font-family:X}
"""


def test_a_rule_stays_as_far_as_somebody_names_its_classes(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<a class="c-button">')
    named = named_in([tmp_path], "c-")
    assert named == {"c-button"}
    left = without_unnamed(SHEET, "c-", named)
    assert "c-tabs" not in left
    assert left.replace(" ", "") == (
        ".c-button{color:red}.c-button{margin:0}body{padding:0}"
        "@media(min-width:40em){.c-button:hover{margin:1px}}@font-face{font-family:X}"
    )
