"""What a worker does beside reading."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cctv_gateway.engine.addresses import Kind
from cctv_gateway.engine.sources import Source
from cctv_gateway.engine.worker import Reading


def test_what_breaks_while_a_picture_is_drawn_is_told_and_the_next_is_drawn(tmp_path: Path) -> None:
    told = list[Any]()

    def tell(head: dict[str, Any], _: bytes) -> None:
        told.append(head)
        if len(told) == 1:
            raise LookupError

    with ThreadPoolExecutor(1) as drawing:
        reading = Reading(7, Source(Kind.FILM, ""), tell, drawing, 1.0, str(tmp_path))
        reading.draw()
        reading.draw()
    picture = {"tells": "picture", "stream": 7}
    assert told == [picture, {"tells": "broke", "stream": 7, "error": "LookupError"}, picture]
