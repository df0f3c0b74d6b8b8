"""What a process loads at its start."""

import gc

import pytest
from kit.loading import loading


def test_nothing_is_looked_for_while_it_is_loaded_nor_in_it_afterwards() -> None:
    before = gc.get_freeze_count()
    try:
        with loading():
            assert not gc.isenabled()
            loaded: list[object] = [[]]
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
        assert not any(each is loaded for each in gc.get_objects())
    finally:
        gc.unfreeze()


def test_what_cannot_be_loaded_leaves_the_search_as_it_was() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError
    gc.unfreeze()
    assert gc.isenabled()
