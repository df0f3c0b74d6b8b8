"""Processes beside a service: they answer, or are gone."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from kit import processes

ECHO = "import json, os, sys; print(json.dumps([json.load(sys.stdin), os.environ.get('SPILNO_SECRET')]))"


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where modules are found by a process that is started."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


async def test_a_module_answers_and_is_told_no_setting_of_ours(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (modules / "answering_module.py").write_text(ECHO)
    monkeypatch.setenv("SPILNO_SECRET", "s3cret")
    assert await processes.answer("answering_module", {"asked": "є"}, within=60) == [{"asked": "є"}, None]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("raise SystemExit(3)", "ended with 3"),
        ("print('{')", "Expecting property name"),
        (f"{ECHO}\nos.kill(os.getpid(), 11)", "ended with -11"),
    ],
    ids=["fails", "babbles", "crashes"],
)
async def test_a_module_that_fails_has_not_answered(modules: Path, body: str, why: str) -> None:
    (modules / "failing_module.py").write_text(body)
    with pytest.raises(ValueError, match=why):
        await processes.answer("failing_module", 1, within=60)


async def test_who_takes_too_long_is_not_waited_for(modules: Path) -> None:
    (modules / "slow_module.py").write_text("import time; time.sleep(600)")
    with pytest.raises(TimeoutError):
        await processes.answer("slow_module", 1, within=0.5)


async def test_a_process_does_not_outlive_who_waits_for_it() -> None:
    started = asyncio.get_running_loop().create_future()

    async def wait() -> None:
        async with processes.running([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
            started.set_result(process.pid)
            await processes.ended(process, 600)

    waiting = asyncio.ensure_future(wait())
    pid = await started
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
