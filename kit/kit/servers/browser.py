"""The browser that the tests walk in: a Chromium that plays H.264, as every resident's does."""

import contextlib
import os
import platform
import shutil
import subprocess
import tempfile

from kit.servers.process import ServerTrouble

_SHELL = "chromium-headless-shell"
"""Debian's Chromium without the window, which shows a page for half the work."""
_NAMES = (_SHELL, "chromium", "chromium-browser", "google-chrome")
_QUESTION = (
    "data:text/html,<script>document.write(MediaSource.isTypeSupported('video/mp4; codecs=\"avc1.64001f\"'))</script>"
)


def find() -> str | None:
    """The first installed Chromium that plays H.264; CHROMIUM, when set, comes before the ones on PATH."""
    named = (os.environ.get("CHROMIUM"), *(shutil.which(name) for name in _NAMES))
    return next((program for program in named if program and plays_h264(program)), None)


def ensure() -> str:
    """A browser's path; installs Debian's Chromium where we may, and otherwise says what to run."""
    if (found := find()) is not None:
        return found
    if _is_debian() and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=False)
        for package in (_SHELL, "chromium"):
            install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
            subprocess.run(install, env=quiet, check=False)
            if (found := find()) is not None:
                return found
    raise ServerTrouble(
        "The tests need a Chromium that plays H.264, and there is none. Install it and run again:\n"
        f"  {_how_to_install()}\n"
        "or name one that is installed: CHROMIUM=/path/to/chromium"
    )


def plays_h264(program: str) -> bool:
    """Asks the browser itself: some builds come without the codec."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--dump-dom"]
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            answer = subprocess.run(
                [program, *options, _QUESTION], capture_output=True, text=True, timeout=60, check=False
            )
            return ">true<" in answer.stdout
    return False


def _is_debian() -> bool:
    try:
        return platform.freedesktop_os_release()["ID"] == "debian"
    except OSError:
        return False


def _how_to_install() -> str:
    if platform.system() == "Darwin":
        return "brew install --cask google-chrome"
    return "sudo apt-get update && sudo apt-get install -y chromium"
