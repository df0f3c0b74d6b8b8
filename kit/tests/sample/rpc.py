"""Translates the sample's contract."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from google.protobuf.message import Message
from kit.call import Call
from kit.files import Declared, make, received
from kit.files.making import chunks_of
from kit.names import uid
from kit.rpc import Servicer
from kit.rpc.chain import StreamCall

from sample import actions
from sample.contract import (
    NOTES,
    PAPERS,
    UNWATCHED,
    BatchGetNotesResponse,
    ListNotesResponse,
    NoteMessage,
    PaperMessage,
)
from sample.model import Note, Paper


class Notes(Servicer, contract=NOTES):
    async def WriteNote(self, request: Any, call: Call) -> Message:
        return _message(call, await actions.write(call, request.text))

    async def BatchGetNotes(self, request: Any, call: Call) -> Message:
        found = [await call.db.get(Note, uid(name, "names")) for name in request.names]
        answer: Message = BatchGetNotesResponse(notes=[_message(call, note) for note in found])
        return answer

    async def ReadSlowly(self, request: Any, call: Call) -> Message:
        await asyncio.sleep(request.seconds)
        answer: Message = ListNotesResponse()
        return answer


class Unwatched(Servicer, contract=UNWATCHED):
    BatchGetNotes = Notes.BatchGetNotes


class Papers(Servicer, contract=PAPERS):
    @asynccontextmanager
    async def KeepPaper(
        self, request: Any, chunks: AsyncIterator[bytes], stream: StreamCall
    ) -> AsyncIterator[Callable[[Call], Awaitable[Message]]]:
        declared = Declared(request.size, request.sha256, "chunk")
        async with (
            received(declared, chunks) as came,
            make(came, "chunk") as made,
            stream.files.writing(stream.hromada.id, Paper) as folder,
        ):
            written = await folder.put("whole", chunks_of(made.whole))

            async def keep(call: Call) -> Message:
                sealed_key = await call.files.seal(call, folder)
                call.db.add(Paper(id=folder.row, sealed_key=sealed_key, kept=written.size, kind=made.kind))
                answer: Message = PaperMessage(
                    name=f"{call.hromada.name}/papers/{folder.row}", size=written.size, kind=made.kind
                )
                return answer

            yield keep


def _message(call: Call, note: Note) -> Message:
    message: Message = NoteMessage(name=f"{call.hromada.name}/notes/{note.id}", text=note.text, etag=note.etag)
    return message
