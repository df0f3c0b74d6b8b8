"""Fixtures for every package, how the workers share the tests, and the figures that tests measured, told at the end."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from kit.testing.containers import engine_answers
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.faults import table as faults_table
from tests.prepared import RUN

pytest_plugins = ["kit.testing.fixtures"]

settings.register_profile("shared", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("shared")

_LANES = (
    {
        "tests/faults/test_provisioning.py": 12.0,
        "tests/faults/test_series.py": 12.0,
        "tests/faults/test_half_way.py": 15.0,
        "tests/faults/test_gateways.py": 20.0,
        "tests/faults": 12.0,
    },
    {
        "tests/journeys/test_open311.py": 0.1,
        "tests/journeys": 5.0,
        "tests/journeys/test_notices.py": 5.0,
        "tests/journeys/test_law.py": 20.0,
        "tests/journeys/test_keys.py": 60.0,
    },
    {"kit": 0.05, "services/identity": 0.25, "services/reception": 0.07, "services/web": 0.04, "deploy": 0.3},
    {
        "services/cctv-gateway": 1.0,
        "services/cctv-gateway/tests/engine/rtsp": 0.4,
        "tests/isolation": 0.4,
        "tests/identity_keycloak": 1.5,
        "tests/test_docs.py": 10.0,
    },
)
"""What each of four workers has to itself, so that what needs the same house or server stands together; and about how
many seconds a test takes, by which is judged whom to help."""

_HOUSES = {0: 60.0, 1: 60.0}
"""To help in these lanes takes a house of the helper's own: not for less than so many seconds."""

_TOGETHER = {
    "tests/identity_keycloak": "tests/identity_keycloak",
    "tests/journeys/test_law.py": "tests/journeys/test_notices.py",
    "tests/journeys/test_keys.py": "tests/journeys/test_notices.py",
}
"""Given away as one, in their order: two Keycloaks of one folder would take each other's realm, and a clock goes on."""


class Lanes(LoadScopeScheduling):
    """Gives whole files away: each worker walks its own lane from the front, and who is through with it takes the last
    file of the lane that has most left, or goes home."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((first for folder, first in _TOGETHER.items() if file.startswith(folder)), file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        lanes: dict[int, list[str]] = {}
        left: dict[int, float] = {}
        for file, tests in self.workqueue.items():
            lane, _, seconds = _place(file)
            lanes.setdefault(lane, []).append(file)
            left[lane] = left.get(lane, 0.0) + seconds * len(tests)
        own = self.nodes.index(node) % len(_LANES)
        others = [lane for lane in left if lane >= len(self.nodes) or left[lane] > _HOUSES.get(lane, 0.0)]
        if own in lanes:
            self.workqueue.move_to_end(lanes[own][0], last=False)
        elif others:
            self.workqueue.move_to_end(lanes[max(others, key=left.__getitem__)][-1], last=False)
        else:
            return node.shutdown()
        super()._assign_work_unit(node)


def _place(nodeid: str) -> tuple[int, int, float]:
    """The lane, the folder's place in it, and about how many seconds a test takes there."""
    places = {
        folder: (lane, place, seconds)
        for lane, folders in enumerate(_LANES)
        for place, (folder, seconds) in enumerate(folders.items())
        if nodeid.startswith(folder)
    }
    return places[max(places, key=len)] if places else (0, 0, 1.0)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    config.option.loadscopereorder = False
    return Lanes(config, log)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "alone: it measures, so that no other test runs meanwhile")
    if RUN not in os.environ:
        os.environ[RUN] = tempfile.mkdtemp(prefix="spilno-tests-")
        config.add_cleanup(_forget_the_run)


def _forget_the_run() -> None:
    shutil.rmtree(os.environ.pop(RUN), ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.nodeid)[:2])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup() -> Generator[None, object, object]:
    with _on_the_machine():
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that measures has the machine to itself; what it stands on is made beside the others."""
    with _on_the_machine(alone=item.get_closest_marker("alone") is not None):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    with _on_the_machine():
        return (yield)


@contextmanager
def _on_the_machine(*, alone: bool = False) -> Iterator[None]:
    """Beside the other workers, or without them: who waits to be alone stands in the door, so that nobody comes in."""
    run = Path(os.environ[RUN])
    with (run / "door.lock").open("w") as door, (run / "machine.lock").open("w") as machine:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told = [
        str(value)
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "figures"
    ]
    if told:
        terminalreporter.section("measured")
        for line in told:
            terminalreporter.write_line(line)
    faults = [
        value
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        for name, value in report.user_properties
        if name == "fault"
    ]
    if faults:
        terminalreporter.section("faults")
        for line in faults_table.table(faults):
            terminalreporter.write_line(line)
    if faults and faults_table.IS_FULL:
        faults_table.keep(faults)
    skipped = [report.longrepr for report in terminalreporter.getreports("skipped")]
    left_out = {str(why[2]).removeprefix("Skipped: ") for why in skipped if isinstance(why, tuple)}
    if not engine_answers():
        left_out.add("servers from containers: no Docker engine answers; the wheels served instead")
    if left_out:
        terminalreporter.section("not exercised here")
        for line in sorted(left_out):
            terminalreporter.write_line(line)
