"""Where the newest parts lie: on shelves that a worker fills and the gateway reads."""

import os
import resource
from pathlib import Path

import pytest
from cctv_gateway.engine import shelves as engine
from cctv_gateway.engine.shelves import Shelf, Shelves


def placed(shelves: Shelves, body: bytes) -> engine.Place:
    place = shelves.put(body)
    assert place is not None
    return place


def test_what_a_worker_puts_there_the_gateway_reads(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path)
    first, second = placed(shelves, b"one"), placed(shelves, b"another")
    shelf = Shelf(os.getpid(), first)
    assert (shelf.read(first.offset, first.size), shelf.read(second.offset, second.size)) == (b"one", b"another")
    shelves.close()


def test_a_shelf_stays_for_who_holds_it_though_the_worker_does_no_more(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path)
    place = placed(shelves, b"one")
    shelf = Shelf(os.getpid(), place)
    shelves.close()
    assert shelf.read(place.offset, place.size) == b"one"


def test_no_shelf_has_a_name(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path)
    placed(shelves, b"one")
    assert list(tmp_path.iterdir()) == []
    shelves.close()


def test_a_file_that_has_the_number_since_is_not_taken_for_the_shelf(tmp_path: Path) -> None:
    shelves, others = Shelves(tmp_path), Shelves(tmp_path)
    gone = placed(shelves, b"one")
    shelves.close()
    other = placed(others, b"of another camera")
    assert other.descriptor == gone.descriptor
    with pytest.raises(FileNotFoundError):
        Shelf(os.getpid(), gone)
    others.close()


def test_a_worker_keeps_the_shelf_before_the_one_it_fills_and_none_before_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_FILLED_FOR", -1.0)
    shelves = Shelves(tmp_path)
    places = [placed(shelves, b"%d" % number) for number in range(3)]
    assert len({each.token for each in places}) == 3
    with pytest.raises(FileNotFoundError):
        Shelf(os.getpid(), places[0])
    assert Shelf(os.getpid(), places[1]).read(places[1].offset, 1) == b"1"
    shelves.close()


def test_what_cannot_be_written_is_put_nowhere(tmp_path: Path) -> None:
    assert Shelves(tmp_path / "gone").put(b"one") is None


def test_a_shelf_that_could_not_be_begun_is_begun_anew_when_there_is_room(tmp_path: Path) -> None:
    shelves, before = Shelves(tmp_path), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        assert shelves.put(b"one") is None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    place = placed(shelves, b"another")
    assert Shelf(os.getpid(), place).read(place.offset, place.size) == b"another"
    shelves.close()


def test_what_is_asked_for_again_is_kept_and_of_that_the_last_few(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path)
    places = [placed(shelves, bytes([number]) * 9) for number in range(6)]
    shelf = Shelf(os.getpid(), places[0])

    def read(number: int) -> bytes:
        return shelf.read(places[number].offset, places[number].size)

    assert read(0) is not read(0)
    assert read(0) is read(0)
    for number in range(1, 6):
        assert read(number) == read(number) == bytes([number]) * 9
    assert read(5) is read(5)
    assert read(0) is not read(0)
    shelves.close()
