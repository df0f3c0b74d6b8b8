"""Processes beside a service.

They are not started by the loop: uvloop runs Python between fork and exec, which crashes beside the threads of gRPC.
They are waited for by threads of their own, since one may last for minutes and the loop's threads are few.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import Any, TypeVar, cast

T = TypeVar("T")

_MOST = 64
_threads = ThreadPoolExecutor(_MOST, "process")


@asynccontextmanager
async def running(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, **how: Any
) -> AsyncIterator["Popen[bytes]"]:
    """A process that does not outlive the block.

    Args:
        command: what is started.
        env: its environment; if none is given, ours without what the service was told.
        how: as Popen is told.
    """
    told = {name: value for name, value in os.environ.items() if not name.startswith("SPILNO_")} if env is None else env
    start = cast("Callable[[], Popen[bytes]]", partial(Popen, command, env=told, **how))
    starting = asyncio.ensure_future(_apart(start))
    try:
        process = await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _gone(await starting)
        raise
    try:
        yield process
    finally:
        await _gone(process)


async def ended(process: "Popen[bytes]", within: float) -> int:
    """The code with which a process ends.

    Raises:
        TimeoutError: it takes too long.
    """
    return await _in_time(lambda: process.wait(within))


async def answer(module: str, question: Any, *, within: float) -> Any:
    """What a module, run as a process of its own, answers to a question; both are JSON.

    Raises:
        TimeoutError: it takes too long.
        ValueError: it fails, or what it says is no JSON.
    """
    command = [sys.executable, "-m", module]
    async with running(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL) as process:
        asked = json.dumps(question).encode()
        said, _ = await _in_time(lambda: process.communicate(asked, within))
        if process.returncode != 0:
            raise ValueError(f"{module} ended with {process.returncode}")
    return json.loads(said)


async def _apart(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, work)


async def _in_time(work: Callable[[], T]) -> T:
    try:
        return await _apart(work)
    except TimeoutExpired:
        raise TimeoutError from None


async def _gone(process: "Popen[bytes]") -> None:
    process.kill()
    await _apart(process.wait)
