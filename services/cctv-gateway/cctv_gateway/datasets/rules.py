"""The recommended structure of a camera data set (CMU 835, annex 71), in the three ways in which it is written.

What the hromada does not know stays empty, as the structure allows. Where a camera comes from, whom it may be watched
by and what it keeps is none of it.
"""

import csv
import json
from collections.abc import Sequence
from enum import StrEnum
from io import StringIO
from typing import Any

from cctv_gateway.cameras.rules import Dossier, Owner, Recognition

_COLUMNS = (
    "inventoryNumber",
    "model",
    "CATUTTC",
    "addressPostCode",
    "addressAdminUnitL1",
    "addressAdminUnitL2",
    "addressAdminUnitL3",
    "addressAdminUnitL4",
    "addressPostName",
    "addressThoroughfare",
    "addressLocatorDesignator",
    "addressLocatorBuilding",
    "addressDescription",
    "lat",
    "lon",
    "balanceHolderName",
    "balanceHolderId",
    "isFaceRecognition",
    "isSpeedRecognition",
    "isNumberRecognition",
    "isViolationsRecognition",
    "cameraDirection",
    "installatioDate",  # the structure spells it so
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"
    GEOJSON = "geojson"


MEDIA_TYPES = {Format.CSV: "text/csv", Format.JSON: "application/json", Format.GEOJSON: "application/geo+json"}


def written(dossiers: Sequence[Dossier], format: Format) -> bytes:
    """The hromada's own cameras; a merchant's are on the merchant's balance, and none of the hromada's data."""
    rows = [_row(each) for each in dossiers if each.owner is Owner.MUNICIPAL]
    match format:
        case Format.CSV:
            return _csv(rows)
        case Format.JSON:
            return _json(rows)
        case Format.GEOJSON:
            placed = [row for row in rows if row["lat"] is not None]
            return _json({"type": "FeatureCollection", "features": [_feature(row) for row in placed]})


def _row(dossier: Dossier) -> dict[str, Any]:
    recognises = set(dossier.recognises)
    known: dict[str, Any] = {
        "inventoryNumber": dossier.inventory_number,
        "model": dossier.model,
        "addressAdminUnitL1": "Україна",
        "addressDescription": dossier.address,
        "lat": dossier.latitude,
        "lon": dossier.longitude,
        "balanceHolderName": dossier.owner_name,
        "isFaceRecognition": Recognition.FACES in recognises,
        "isSpeedRecognition": Recognition.SPEED in recognises,
        "isNumberRecognition": Recognition.NUMBERS in recognises,
        "isViolationsRecognition": Recognition.VIOLATIONS in recognises,
        "cameraDirection": dossier.direction,
        "installatioDate": str(dossier.installed_on) if dossier.installed_on is not None else None,
    }
    return {name: None if known.get(name) == "" else known.get(name) for name in _COLUMNS}


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        "properties": {name: value for name, value in row.items() if name not in ("lat", "lon")},
    }


def _csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """With a mark by which spreadsheets know UTF-8, and nothing that one of them would compute."""
    text = StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
