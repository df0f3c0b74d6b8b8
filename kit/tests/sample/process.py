"""The sample as a process that a test starts, asks, listens to and kills."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc.aio
from kit.servers.process import Child
from kit.testing.issuer import Issuer

from sample.contract import ListNotesResponse, NoteMessage, ReadSlowlyRequest, WriteNoteRequest
from sample.ground import eventually


class Process:
    """The sample in a process of its own."""

    def __init__(self, folder: Path, environment: dict[str, str], issuer: Issuer, *arguments: str) -> None:
        dropped = ("SPILNO_", "PYTHONDONTWRITEBYTECODE")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        paths = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
        self._log = folder / f"{uuid4()}.log"
        self._issuer = issuer
        self.slug = f"h-{uuid4().hex[:12]}"
        self.child = Child(
            "sample",
            [sys.executable, "-m", "sample", *arguments],
            log=self._log,
            environment={**inherited, "PYTHONPATH": paths, **environment},
        )

    def said(self, event: str) -> dict[str, Any] | None:
        """The first line of its log that tells of an event."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        found = (json.loads(line) for line in lines if line.startswith("{") and f'"event": "{event}"' in line)
        return next(found, None)

    async def says(self, event: str) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            assert self.child.is_running, self._log.read_text()
            return self.said(event)

        said = await eventually(look, within=60)
        assert said is not None
        return said

    async def serves(self) -> None:
        self.child.start()
        self._port = (await self.says("serving"))["port"]

    def channel(self) -> Any:
        return grpc.aio.insecure_channel(f"127.0.0.1:{self._port}")

    async def ask(self, channel: Any, method: str, request: Any, answer: Any) -> Any:
        """Calls the sample as a member of its hromada's office."""
        call = channel.unary_unary(
            f"/spilno.kit.v1.Notes/{method}", lambda message: message.SerializeToString(), answer.FromString
        )
        return await call(request, metadata=self.metadata, timeout=10)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self._issuer.person('olena', self.slug)}"),)

    async def write(self, channel: Any) -> Any:
        request = WriteNoteRequest(parent=f"hromadas/{self.slug}", text=f"note {uuid4()}", request_id=str(uuid4()))
        return await self.ask(channel, "WriteNote", request, NoteMessage)

    async def read_slowly(self, channel: Any, seconds: float) -> Any:
        request = ReadSlowlyRequest(parent=f"hromadas/{self.slug}", seconds=seconds)
        return await self.ask(channel, "ReadSlowly", request, ListNotesResponse)

    async def ends(self, within: float) -> int:
        """Waits for the end of the process."""
        return await asyncio.wait_for(self.child.wait(), within)
