"""The verbs of notes."""

from datetime import datetime
from uuid import UUID

from google.protobuf.message import Message
from kit.call import Call
from sqlmodel import col, select

from sample.contract import NoteEvent, NoteMended, NoteWritten
from sample.model import Note

_PAGE = 2


async def write(call: Call, text: str) -> Note:
    note = Note(text=text)
    call.db.add(note)
    call.emit(NoteWritten(note=_told(call, note)))
    return note


async def mend(call: Call, note_id: UUID, text: str) -> Note:
    note = await call.db.lock(Note, note_id)
    note.text = text
    call.emit(NoteMended(note=_told(call, note)))
    return note


async def written_again(
    call: Call, since: datetime | None, after: UUID | None
) -> tuple[UUID | None, list[tuple[Message, datetime]]]:
    """The events of the hromada's notes made from the rows, a short page at a time."""
    statement = select(Note).order_by(col(Note.id)).limit(_PAGE)
    if after is not None:
        statement = statement.where(col(Note.id) > after)
    page = await call.db.all(statement)
    told: list[tuple[Message, datetime]] = [(NoteWritten(note=_told(call, note)), call.now) for note in page]
    return (page[-1].id if len(page) == _PAGE else None), told


def _told(call: Call, note: Note) -> Message:
    event: Message = NoteEvent(name=f"{call.hromada.name}/notes/{note.id}", version=note.version)
    return event
