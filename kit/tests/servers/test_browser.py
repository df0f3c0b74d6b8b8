import subprocess
from pathlib import Path

import pytest
from kit.servers import browser
from kit.servers.process import ServerTrouble


def test_the_browser_that_is_found_plays_h264() -> None:
    assert browser.plays_h264(browser.ensure())


def test_a_program_that_is_no_browser_is_not_taken(tmp_path: Path) -> None:
    stub = tmp_path / "chromium"
    stub.write_text("#!/bin/sh\necho install me from the store\n")
    stub.chmod(0o755)
    assert not browser.plays_h264(str(stub))


def test_a_missing_browser_is_told_with_the_command_that_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: pytest.fail("nothing is installed by force"))
    with pytest.raises(ServerTrouble, match=r"(apt-get install -y chromium|brew install)"):
        browser.ensure()
