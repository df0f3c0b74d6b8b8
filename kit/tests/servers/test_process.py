import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from kit.servers.process import Child, PortTaken, ServerTrouble, check_ports, claim, free_port


def python(name: str, code: str, folder: Path, grace: float = 5.0) -> Child:
    return Child(name, [sys.executable, "-c", code], log=folder / "child.log", grace=grace)


async def said(child: Child, word: str) -> None:
    async def is_said() -> bool:
        return word in child.last_words()

    await child.wait_ready(is_said, within=60)


def test_a_taken_port_is_named_with_who_needs_it_and_the_variable_that_moves_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port}, which reception .gRPC. needs.*\n.*SPILNO_PORT_BASE"):
            check_ports({port: "reception (gRPC)", free_port(): "web"})


def test_free_ports_are_let_through() -> None:
    check_ports({free_port(): "web"})


CLAIMING = """
from kit.servers import process
process.FIRST_PORT, process.LAST_PORT = 31_000, 31_200
print(*(process.free_port() for _ in range(40)), flush=True)
input()
"""


def test_who_asks_at_the_same_time_is_given_other_ports() -> None:
    several = [
        subprocess.Popen([sys.executable, "-c", CLAIMING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    given = []
    for one in several:
        assert one.stdout is not None
        given += one.stdout.readline().split()
    assert not any(claim([int(port)]) for port in given)
    for one in several:
        one.communicate("\n")
    assert len(set(given)) == len(given) == 120
    assert claim([int(given[0])]), "who has ended holds nothing"


def test_of_ports_one_of_which_is_taken_the_others_are_left_to_others() -> None:
    ours, free = free_port(), next(port for port in range(31_300, 31_900) if another_may_have(port))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert not claim([free, listener.getsockname()[1]])
    assert not claim([free, ours])
    assert another_may_have(free)
    assert not another_may_have(ours)


def another_may_have(port: int) -> bool:
    asks = f"import sys; from kit.servers.process import claim; sys.exit(not claim([{port}]))"
    return subprocess.run([sys.executable, "-c", asks], check=False).returncode == 0


async def test_a_child_that_ends_too_early_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    child = python("reception", "raise SystemExit('no database')", tmp_path)
    child.start()
    with pytest.raises(ServerTrouble, match=r"reception ended with 1(.|\n)*no database"):
        await said(child, "never said")
    assert child.has_died


async def test_a_child_that_ignores_the_request_to_end_is_killed_after_the_grace(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    child = python("stubborn", stubborn, tmp_path, grace=0.2)
    child.start()
    await said(child, "up")
    await child.stop()
    assert child.exit_code == -signal.SIGKILL
    assert not child.has_died


async def test_a_killed_child_is_not_taken_for_one_that_died_by_itself(tmp_path: Path) -> None:
    child = python("sleeper", "import time; time.sleep(60)", tmp_path)
    child.start()
    child.kill()
    await child.wait()
    assert not child.has_died
    child.check()
    await child.restart()
    os.kill(child.pid, signal.SIGKILL)
    await child.wait()
    assert child.has_died
    with pytest.raises(ServerTrouble, match=r"sleeper died .-9.*child\.log"):
        child.check()


async def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    supervisor = f"""
import sys, time
from pathlib import Path
from kit.servers.process import Child
child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], log=Path({str(tmp_path / "log")!r}))
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", supervisor], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    await asyncio.sleep(0.3)
    process.kill()
    process.communicate()
    async with asyncio.timeout(30):
        while is_alive(pid):
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
