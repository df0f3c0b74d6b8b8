"""Processes that are measured, and spoken to in lines of JSON."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from subprocess import PIPE, Popen
from typing import Any

import psutil

from kit import processes

_ANSWERS_WITHIN = 60.0


@asynccontextmanager
async def conversing(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> AsyncIterator["Popen[bytes]"]:
    """A process that is spoken to; it and what it has started are gone afterwards."""
    told = {**os.environ, **(environment or {})}
    below = list[Any]()
    async with processes.running(command, env=told, stdin=PIPE, stdout=PIPE) as process:
        try:
            yield process
        finally:
            below += started_by(process.pid) if process.poll() is None else []
    await asyncio.to_thread(psutil.wait_procs, below, 10)


def tell(process: "Popen[bytes]", what: str = "") -> None:
    if process.stdin is not None:
        process.stdin.write(f"{what}\n".encode())
        process.stdin.flush()


async def said(process: "Popen[bytes]") -> Any:
    if process.stdout is None:
        raise RuntimeError("the process says nothing")
    line = await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), _ANSWERS_WITHIN)
    return json.loads(line)


def started_by(pid: int) -> Iterator[Any]:
    """The processes below a process."""
    yield from psutil.Process(pid).children(recursive=True)


def seconds(process: Any) -> float:
    """Processor time that a process has spent."""
    spent = process.cpu_times()
    return float(spent.user + spent.system)
