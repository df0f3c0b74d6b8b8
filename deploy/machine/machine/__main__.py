"""`python -m machine up` runs Spilno on this machine; `python -m machine browser` and `python -m machine cameras`
make sure that the tests have them.
"""

import asyncio
import functools
import os
import signal
import sys
import time
from pathlib import Path

from kit.servers import browser, cameras
from kit.servers.process import ServerTrouble

from machine import demo, demo_cameras, demo_life
from machine.house import House
from machine.services import Ports

_say = functools.partial(print, flush=True)


class Running:
    """One `up`: the house, and what Ctrl-C does to it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._work: asyncio.Task[None] | None = None
        self._is_stopping = False

    async def run(self) -> None:
        """Brings the house up, keeps it until a signal comes, stops it."""
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):  # set here, they also come where the shell had them ignored
            loop.add_signal_handler(each, self._stop)
        self._work = asyncio.create_task(self._keep_up())
        try:
            await self._work
        except asyncio.CancelledError:
            _say("Stopping. Ctrl-C again makes it quicker.")
        finally:
            self._is_stopping = True
            await self._house.stop()
        _say("Stopped.")

    async def _keep_up(self) -> None:
        started = time.monotonic()
        demo_life.begin(self._house)
        await self._house.start()
        logins = await demo.ensure(self._house)
        _say(_welcome(self._house, logins))
        _say(f"Up after {time.monotonic() - started:.1f} s. Ctrl-C stops it.")
        try:
            await demo_cameras.ensure(self._house)
        except ServerTrouble as trouble:
            _say(trouble)
        await asyncio.Event().wait()

    def _stop(self) -> None:
        if self._is_stopping:
            self._house.hasten()
        elif self._work is not None:
            self._is_stopping = True
            self._work.cancel()


def up() -> int:
    """Runs the house of SPILNO_DATA on the ports from SPILNO_PORT_BASE until it is told to stop."""
    try:
        ports = _ports(os.environ.get("SPILNO_PORT_BASE", "7000"))
        folder = Path(os.environ.get("SPILNO_DATA", ".spilno"))
        house = House(folder, ports, "demo", postgres_url=os.environ.get("SPILNO_POSTGRES_URL"), say=_say)
        asyncio.run(Running(house).run())
    except ServerTrouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


def _ports(base: str) -> Ports:
    if not base.isdecimal() or not 1024 <= int(base) <= 64000:
        raise ServerTrouble(f"SPILNO_PORT_BASE is a number from 1024 to 64000, not {base!r}.")
    ports = Ports(int(base))
    if ports.never_opened:
        raise ServerTrouble(
            f"SPILNO_PORT_BASE {base} puts a page at port {min(ports.never_opened)}, which no browser opens."
        )
    return ports


def ensure_browser() -> int:
    """Makes sure that there is a browser for the tests and says which."""
    try:
        print(f"browser: {browser.ensure()}")
    except ServerTrouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


def ensure_cameras() -> int:
    """Makes sure that there are cameras for the tests to look through and says whose."""
    try:
        print(f"cameras: GStreamer's RTSP server under {cameras.ensure()}")
    except ServerTrouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


def _welcome(house: House, logins: list[demo.Login]) -> str:
    operator, password = house.operator
    lines = [
        "",
        f"Portals   {house.web_url}",
        *(
            f"          {house.web_url}/{office.slug}  ·  office {house.web_url}/{office.slug}/office"
            for office in demo.OFFICES
        ),
        f"          operator {house.web_url}/operator",
        f"Sign-in   {house.issuer_url}",
        "gRPC      "
        + ", ".join(f"{each.name} {house.grpc_address(each.name)}" for each in house.services if each.grpc),
        f"Data      {house.folder}",
        f"Notices   stay here: letters in {house.letters.mailbox}/new, SMS in {house.letters.messages}",
        "",
        "Logins of the demo:",
        f"  {'operator':<44} {operator:<44} {password}",
        *(f"  {login.who:<44} {login.email:<44} {login.password}" for login in logins),
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """The command line."""
    commands = {"up": up, "browser": ensure_browser, "cameras": ensure_cameras}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        print(f"usage: python -m machine {' | '.join(commands)}", file=sys.stderr)
        return 2
    return commands[sys.argv[1]]()


if __name__ == "__main__":
    sys.exit(main())
