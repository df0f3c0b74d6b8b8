"""Fixtures for every package, and the figures that tests measured, told at the end of the run."""

import pytest
from kit.testing.containers import engine_answers

pytest_plugins = ["kit.testing.fixtures"]


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
    skipped = [report.longrepr for report in terminalreporter.getreports("skipped")]
    left_out = {str(why[2]).removeprefix("Skipped: ") for why in skipped if isinstance(why, tuple)}
    if not engine_answers():
        left_out.add("servers from containers: no Docker engine answers; the wheels served instead")
    if left_out:
        terminalreporter.section("not exercised here")
        for line in sorted(left_out):
            terminalreporter.write_line(line)
