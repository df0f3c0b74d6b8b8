"""Of Leaflet what our maps use: no tiles, pictures, canvas, popups, circles, layers' button, scale, old Explorer.

Its own module is cut by statements that are named here; when a new version has one no longer, bringing it fails.
esbuild leaves out what nothing refers to afterwards, and shortens the rest.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from kit.pages.sheets import without_unnamed

_USED = "map, control, divIcon, featureGroup, geoJSON, latLng, layerGroup, LineUtil, marker, polygon, version"
_NOTICE = """\
/* @preserve
 * Leaflet 1.9.4, a JS library for interactive maps. https://leafletjs.com
 * (c) 2010-2023 Vladimir Agafonkin, (c) 2010-2011 CloudMade
 * Changed: without what Spilno's maps do not use.
 */
"""
_HANDLERS = ("BoxZoom", "DoubleClickZoom", "Drag", "Keyboard", "ScrollWheelZoom", "TapHold", "TouchZoom")
_OF_FEATURES = (
    "geometryToLayer",
    "coordsToLatLng",
    "coordsToLatLngs",
    "latLngToCoords",
    "latLngsToCoords",
    "getFeature",
    "asFeature",
)
_LINES = (
    "Control.Layers = Layers;",
    "Control.Scale = Scale;",
    "control.layers = layers;",
    "control.scale = scale;",
    "CRS.Simple = Simple;",
    "Marker.include(PointToGeoJSON);",
    "Circle.include(PointToGeoJSON);",
    "CircleMarker.include(PointToGeoJSON);",
    "TileLayer.WMS = TileLayerWMS;",
    "tileLayer.wms = tileLayerWMS;",
    "SVG.create = create;",
    "SVG.pointsToPath = pointsToPath;",
    "Map.addInitHook('addHandler', 'boxZoom', BoxZoom);",
    "Map.addInitHook('addHandler', 'scrollWheelZoom', ScrollWheelZoom);",
    "Map.addInitHook('addHandler', 'tapHold', TapHold);",
    *(f"Map.{name} = {name};" for name in _HANDLERS),
    *(f"GeoJSON.{name} = {name};" for name in _OF_FEATURES),
)
_BLOCKS = (
    ("Polyline.include({", "toGeoJSON"),
    ("Polygon.include({", "toGeoJSON"),
    ("LayerGroup.include({", "toGeoJSON"),
    ("Map.mergeOptions({", "closePopupOnClick"),
    ("Map.include({", "openPopup: function"),
    ("Layer.include({", "bindPopup: function"),
    ("Map.mergeOptions({", "boxZoom: true"),
    ("Map.mergeOptions({", "scrollWheelZoom: true"),
    ("Map.mergeOptions({", "tapHold:"),
)
"""How a statement begins, and what is in it."""
_CHANGES = (
    ("if (Browser.vml) {\n\tSVG.include(vmlMixin);\n}\n", ""),
    ("(this.options.preferCanvas && canvas(options)) || svg(options)", "svg(options)"),
    ("Browser.vml ? vmlCreate : svgCreate", "svgCreate"),
    ("updateWhenIdle: Browser.mobile,", "updateWhenIdle: false,"),
    ("setStyle: Path.prototype.setStyle", "setStyle: null"),
)
_UNUSED_CLASSES = re.compile(
    r"leaflet-(?:tile|popup|control-layers|control-scale|oldie|vml|zoom-box|image-layer|attribution-flag|marker-shadow"
    r"|shadow-pane|crosshair|div-icon)"
)


def script(module: str) -> str:
    """The script for our pages, of Leaflet's `leaflet-src.esm.js`."""
    module = module.replace("\r\n", "\n")
    for line in _LINES:
        module = _without(module, f"\n{line}\n", "\n")
    for begins, holds in _BLOCKS:
        module = _without_block(module, begins, holds)
    for was, becomes in _CHANGES:
        module = _without(module, was, becomes)
    module = re.sub(r"= (\w+)\.extend\(\{", r"= /* @__PURE__ */ \1.extend({", module)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "cut.js").write_text(module)
        Path(folder, "entry.js").write_text(f'import {{{_USED}}} from "./cut.js";\nwindow.L = {{{_USED}}};\n')
        wanted = ("entry.js", "--bundle", "--minify", "--format=iife", "--target=es2018", "--legal-comments=none")
        esbuild = Path("node_modules/.bin/esbuild").resolve()
        made = subprocess.run([esbuild, *wanted], cwd=folder, check=True, capture_output=True)
    return _NOTICE + made.stdout.decode()


def sheet(css: str) -> str:
    """Leaflet's sheet without pictures, and without what the script leaves out."""
    css = re.sub(r"[^{}]*\{[^{}]*url\((?:images/|#default)[^{}]*\}", "", css)
    named = frozenset(name for name in re.findall(r"leaflet-[\w-]+", css) if not _UNUSED_CLASSES.match(name))
    return without_unnamed(css, "leaflet-", named)


def _without(module: str, what: str, becomes: str) -> str:
    if module.count(what) != 1:
        raise ValueError(f"not once in it: {what}")
    return module.replace(what, becomes)


def _without_block(module: str, begins: str, holds: str) -> str:
    every = re.finditer(rf"^{re.escape(begins)}.*?^\}}\);$", module, re.MULTILINE | re.DOTALL)
    found = next((each for each in every if holds in each[0]), None)
    if found is None:
        raise ValueError(f"no {begins} with {holds}")
    return module[: found.start()] + module[found.end() :]
