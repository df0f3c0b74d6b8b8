"""The cameras that the tests look through."""

import pytest
from kit.servers import cameras


def test_there_are_cameras_for_the_tests() -> None:
    assert cameras.ensure() == cameras.find()


def test_a_python_that_cannot_serve_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("/bin/false", "/nowhere/python3"):
        monkeypatch.setenv("SPILNO_GSTREAMER_PYTHON", program)
        assert cameras.find() != program
