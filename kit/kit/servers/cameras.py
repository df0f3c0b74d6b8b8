"""The cameras that the tests look through: GStreamer's RTSP server, as Debian brings it, in the system's own Python.

It is a third party's on purpose: what reads it was not written by who wrote it.
"""

import asyncio
import os
import platform
import shutil
import socket
import subprocess
from enum import StrEnum
from pathlib import Path

from kit.servers.process import Child, ServerTrouble, free_port

PACKAGES = (
    "python3-gi",
    "gir1.2-gst-rtsp-server-1.0",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
    "gstreamer1.0-plugins-ugly",
)
_SERVER = Path(__file__).with_name("cameras_gstreamer.py")
_CANDIDATES = ("/usr/bin/python3",)


def find() -> str | None:
    """The Python that has GStreamer's RTSP server with its encoders; SPILNO_GSTREAMER_PYTHON comes first."""
    named = (os.environ.get("SPILNO_GSTREAMER_PYTHON"), *_CANDIDATES)
    return next((program for program in named if program and _serves(program)), None)


def ensure() -> str:
    """That Python's path; installs Debian's packages where we may, and otherwise says what to run."""
    if (found := find()) is not None:
        return found
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
            subprocess.run(["apt-get", *arguments], env=quiet, check=False)
        if (found := find()) is not None:
            return found
    raise ServerTrouble(
        "The tests need GStreamer's RTSP server for the system's Python, and it is not there. Install it:\n"
        f"  {_how_to_install()}\n"
        "or name a Python that has it: SPILNO_GSTREAMER_PYTHON=/path/to/python3"
    )


class Sight(StrEnum):
    """What a camera that may be turned looks at, by GStreamer's name for it."""

    USUAL = "smpte"
    ELSEWHERE = "pinwheel"
    A_BAG = "solid-color"


class Cameras:
    """Cameras that send h264, a larger one (street), h265, jpeg, or h264 with reordered pictures; a locked one; and two
    (gate, yard) that may be turned and covered while they are looked through."""

    username, password = "camera", "s3cret"
    """Of the locked one."""

    def __init__(self, log: Path) -> None:
        self.port, self.locked_port = free_port(), free_port()
        self._sights = log.parent / f"{log.stem}-sights"
        told = [str(self.port), str(self.locked_port), str(self._sights)]
        self.child = Child("cameras", [ensure(), str(_SERVER), *told], log=log)

    def url(self, name: str) -> str:
        return f"rtsp://127.0.0.1:{self.port}/{name}"

    @property
    def locked_url(self) -> str:
        return f"rtsp://127.0.0.1:{self.locked_port}/h264"

    def turn(self, name: str, sight: Sight) -> None:
        """Lets a camera that may be turned look elsewhere, or into a bag, from the next frame on."""
        self._sights.mkdir(exist_ok=True)
        new = self._sights / f"{name}.new"
        new.write_text(sight)
        new.replace(self._sights / name)

    async def start(self) -> None:
        """Starts them and waits until they answer."""
        self.child.start()
        await self.child.wait_ready(self._answers)

    async def stop(self) -> None:
        await self.child.stop()

    async def _answers(self) -> bool:
        try:
            await asyncio.to_thread(lambda: socket.create_connection(("127.0.0.1", self.port), 1).close())
        except OSError:
            return False
        return True


def _serves(program: str) -> bool:
    try:
        return subprocess.run([program, str(_SERVER)], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _how_to_install() -> str:
    if platform.system() == "Darwin":
        return "brew install gstreamer gst-rtsp-server pygobject3"
    return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(PACKAGES)}"
