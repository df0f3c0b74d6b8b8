"""The data set is what the recommended structure says, and no more."""

import csv
import json
from datetime import date
from io import StringIO

from cctv_gateway.cameras.rules import Owner, Recognition
from cctv_gateway.datasets.rules import Format, written
from cctv_gateway.testing.papers import dossier

SQUARE = dossier(recognises=[Recognition.NUMBERS], direction=0, installed_on=date(2019, 10, 1), model="=2+2")
NOWHERE = dossier(latitude=None, longitude=None, inventory_number="1011")
SHOP = dossier(owner=Owner.PRIVATE, inventory_number="shop")


def test_a_table_has_every_column_and_nothing_that_a_spreadsheet_would_compute() -> None:
    text = written([SQUARE, NOWHERE, SHOP], Format.CSV).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["inventoryNumber"] for row in rows] == ["1010", "1011"]
    assert len(rows[0]) == 23
    first = rows[0]
    assert (first["isNumberRecognition"], first["isFaceRecognition"]) == ("true", "false")
    assert (first["cameraDirection"], first["installatioDate"], first["CATUTTC"]) == ("0", "2019-10-01", "")
    assert first["model"] == "'=2+2"


def test_a_map_has_the_cameras_that_have_a_place() -> None:
    features = json.loads(written([SQUARE, NOWHERE, SHOP], Format.GEOJSON))["features"]
    assert [each["geometry"] for each in features] == [{"type": "Point", "coordinates": [29.61, 45.84]}]
    assert features[0]["properties"]["balanceHolderName"] == "Зразкова міська рада"
    assert len(json.loads(written([SQUARE, NOWHERE, SHOP], Format.JSON))) == 2
