"""Translates the sample's contract."""

import asyncio
from typing import Any

from google.protobuf.message import Message
from kit.call import Call
from kit.names import uid
from kit.rpc import Servicer

from sample import actions
from sample.contract import NOTES, UNWATCHED, BatchGetNotesResponse, ListNotesResponse, NoteMessage
from sample.model import Note


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


def _message(call: Call, note: Note) -> Message:
    message: Message = NoteMessage(name=f"{call.hromada.name}/notes/{note.id}", text=note.text, etag=note.etag)
    return message
