import hashlib
import json
from pathlib import Path

from kit import pages

HERE = Path(pages.__file__).parent
MANIFEST = json.loads((HERE / "manifest.json").read_text())
OWN = {
    "static/app.css",
    "static/favicon.svg",
    "static/icon-180.png",
    "static/seam.svg",
    "static/weave.svg",
    "templates/icons/half.svg",
    "templates/icons/street-lamp.svg",
}


def test_what_others_made_is_as_it_was_brought() -> None:
    for package in MANIFEST:
        for name, digest in package["sha256"].items():
            assert hashlib.sha256((HERE / name).read_bytes()).hexdigest() == digest, name


def test_every_file_is_ours_or_in_the_manifest() -> None:
    listed = {name for package in MANIFEST for name in package["sha256"]}
    found = {
        path.relative_to(HERE).as_posix()
        for folder in ("static", "templates/icons")
        for path in (HERE / folder).rglob("*")
        if path.is_file()
    }
    assert found == listed | OWN


def test_a_licence_stands_beside_each_package() -> None:
    for package in MANIFEST:
        assert any(name.endswith("LICENSE.txt") for name in package["sha256"]), package["name"]


def test_nothing_of_the_crown_is_left() -> None:
    css = (HERE / "static/govuk-frontend.min.css").read_text()
    assert "GDS Transport" not in css
    assert "crest" not in css
