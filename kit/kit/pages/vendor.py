"""Brings the work of others into these folders, when a version changes:

    npm pack govuk-frontend@6.3.0 @fontsource-variable/inter@5.3.0 @fontsource/arsenal@5.3.0 lucide-static@1.62.0 \\
      leaflet@1.9.4 hls.js@1.7.4
    npm install --no-save esbuild@0.28.2
    python -m kit.pages.vendor .

What it writes is committed; nothing is fetched when the pages are built or served. A test compares the files with
manifest.json.
"""

import hashlib
import json
import re
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kit.pages import vendor_leaflet

HERE = Path(__file__).parent
MANIFEST = HERE / "manifest.json"

GOVUK_LICENCE = """\
The MIT License (MIT)

Copyright (C) 2017 Crown Copyright (Government Digital Service)

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
of the Software, and to permit persons to whom the Software is furnished to do
so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""

ICONS = (
    "arrow-right",
    "cctv",
    "check",
    "circle-check",
    "circle-dot",
    "clock",
    "file-text",
    "funnel",
    "heart-pulse",
    "hourglass",
    "house",
    "info",
    "landmark",
    "leaf",
    "lock",
    "log-out",
    "mail",
    "map-pin",
    "megaphone",
    "menu",
    "octagon-alert",
    "phone",
    "plus",
    "printer",
    "route",
    "scale",
    "search",
    "send",
    "shield-check",
    "siren",
    "triangle-alert",
    "users",
    "x",
)


def without_crown(css: str) -> str:
    """GDS Transport, the crest and the crown are for gov.uk alone."""
    css = re.sub(r"/\*! Copyright \(c\) 2011 by Margaret Calvert.*?\*/", "", css)
    css = re.sub(r"@font-face\{font-family:GDS Transport[^}]*\}", "", css)
    css = re.sub(r"[^{}]*\{[^{}]*govuk-crest[^{}]*\}", "", css)
    return css.replace("GDS Transport,arial,sans-serif", "var(--app-font)")


def without_map(script: str) -> str:
    """A browser's tools would ask for a map that is not here."""
    return re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", script)


def of_leaflet(text: str) -> str:
    """Its module, its sheet or its licence."""
    if text.startswith("/* @preserve"):
        return vendor_leaflet.script(text)
    return vendor_leaflet.sheet(text) if "leaflet-" in text else text


def as_icon(svg: str) -> str:
    """The drawing alone, in a frame that takes size and colour from the text around it."""
    if "<svg" not in svg:
        return svg
    shapes = " ".join(svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")].split())
    return (
        '<svg class="ic" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{shapes}</svg>\n'
    )


@dataclass(frozen=True)
class Package:
    """One npm package: what is taken from it (path there → path here), under which licence."""

    name: str
    version: str
    licence: str
    files: dict[str, str]
    change: Callable[[str], str] | None = None
    written: dict[str, str] = field(default_factory=dict)


PACKAGES = (
    Package(
        "govuk-frontend",
        "6.3.0",
        "MIT",
        {"dist/govuk/govuk-frontend.min.css": "static/govuk-frontend.min.css"},
        change=without_crown,
        # The package refers to the licence and does not hold it.
        written={"static/govuk-frontend.LICENSE.txt": GOVUK_LICENCE},
    ),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        {
            "files/inter-cyrillic-wght-normal.woff2": "static/fonts/inter-cyrillic.woff2",
            "files/inter-latin-wght-normal.woff2": "static/fonts/inter-latin.woff2",
            "LICENSE": "static/fonts/inter.LICENSE.txt",
        },
    ),
    Package(
        "@fontsource/arsenal",
        "5.3.0",
        "OFL-1.1",
        {
            "files/arsenal-cyrillic-700-normal.woff2": "static/fonts/arsenal-cyrillic.woff2",
            "files/arsenal-latin-700-normal.woff2": "static/fonts/arsenal-latin.woff2",
            "LICENSE": "static/fonts/arsenal.LICENSE.txt",
        },
    ),
    Package(
        "leaflet",
        "1.9.4",
        "BSD-2-Clause",
        {
            "dist/leaflet-src.esm.js": "static/leaflet.js",
            "dist/leaflet.css": "static/leaflet.css",
            "LICENSE": "static/leaflet.LICENSE.txt",
        },
        change=of_leaflet,
    ),
    Package(
        "lucide-static",
        "1.62.0",
        "ISC",
        {f"icons/{name}.svg": f"templates/icons/{name}.svg" for name in ICONS}
        | {"LICENSE": "templates/icons/lucide.LICENSE.txt"},
        change=as_icon,
    ),
    Package(
        "hls.js",
        "1.7.4",
        "Apache-2.0",
        {"dist/hls.light.min.js": "static/hls.light.min.js", "LICENSE": "static/hls.LICENSE.txt"},
        change=without_map,
    ),
)


def bring(package: Package, downloads: Path) -> dict[str, str]:
    """Writes the package's files and returns their digests."""
    archive_name = package.name.removeprefix("@").replace("/", "-")
    digests = {target: place(target, text.encode()) for target, text in package.written.items()}
    with tarfile.open(downloads / f"{archive_name}-{package.version}.tgz") as archive:
        for source, target in package.files.items():
            member = archive.extractfile(f"package/{source}")
            if member is None:
                raise FileNotFoundError(f"{source} in {package.name} {package.version}")
            body = member.read()
            if package.change is not None:
                body = package.change(body.decode()).encode()
            digests[target] = place(target, body)
    return digests


def place(target: str, body: bytes) -> str:
    path = HERE / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return hashlib.sha256(body).hexdigest()


def main(downloads: Path) -> None:
    manifest = [
        {
            "name": package.name,
            "version": package.version,
            "licence": package.licence,
            "sha256": dict(sorted(bring(package, downloads).items())),
        }
        for package in PACKAGES
    ]
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
