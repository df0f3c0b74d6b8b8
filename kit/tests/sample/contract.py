"""The sample's contract: descriptors such as protoc makes from a .proto, made here because no real service has them."""

from typing import Any

from buf.validate import validate_pb2
from google.protobuf import descriptor_pool, text_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message_factory import GetMessageClass
from spilno.contract.v1 import contract_pb2

_FIELD = 'field {{ name: "{0}" number: {1} type: TYPE_{2} label: LABEL_{3} json_name: "{0}" {4} }}'


def _string(name: str, number: int, resource: str = "", *, repeated: bool = False) -> str:
    options = f'options {{ [{contract_pb2.resource.full_name}]: "{resource}" }}' if resource else ""
    return _FIELD.format(name, number, "STRING", "REPEATED" if repeated else "OPTIONAL", options)


def _number(name: str, number: int, kind: str) -> str:
    return _FIELD.format(name, number, kind, "OPTIONAL", "")


def _message(name: str, number: int, of: str, *, repeated: bool = False) -> str:
    kind = f'type_name: ".spilno.kit.v1.{of}"'
    return _FIELD.format(name, number, "MESSAGE", "REPEATED" if repeated else "OPTIONAL", kind)


def _type(name: str, *fields: str) -> str:
    return f'message_type {{ name: "{name}" {" ".join(fields)} }}'


def _method(name: str, answer: str, access: str, audit: str = "", *, takes_in: bool = False) -> str:
    who = f"[{contract_pb2.access.full_name}] {{ {access} }}" if access else ""
    kept = f"[{contract_pb2.audit.full_name}]: AUDIT_{audit}" if audit else ""
    options = f"options {{ {who} {kept} }}"
    package = ".spilno.kit.v1"
    streams = "client_streaming: true" if takes_in else ""
    types = f'input_type: "{package}.{name}Request" output_type: "{package}.{answer}"'
    return f'method {{ name: "{name}" {types} {streams} {options} }}'


_LABELS = _FIELD.format(
    "labels",
    4,
    "STRING",
    "REPEATED",
    f"options {{ [{validate_pb2.field.full_name}] {{ repeated {{ items {{ string {{ max_len: 3 }} }} }} }} }}",
)
_HROMADA = "hromadas/{hromada}"
_NOTE = "hromadas/{hromada}/notes/{note}"
_PAPER = "hromadas/{hromada}/papers/{paper}"
_PARTS = (
    'name: "sample.proto" package: "spilno.kit.v1" syntax: "proto3"',
    'dependency: ["spilno/contract/v1/contract.proto", "buf/validate/validate.proto"]',
    _type("NoteWritten", _message("note", 1, "NoteEvent")),
    _type("NoteMended", _message("note", 1, "NoteEvent")),
    _type("NoteEvent", _string("name", 1, _NOTE), _number("version", 2, "INT64")),
    _type("Note", _string("name", 1, _NOTE), _string("text", 2), _string("etag", 3)),
    _type("WriteNoteRequest", _string("parent", 1, _HROMADA), _string("text", 2), _string("request_id", 3), _LABELS),
    _type("BatchGetNotesRequest", _string("parent", 1, _HROMADA), _string("names", 2, _NOTE, repeated=True)),
    _type("BatchGetNotesResponse", _message("notes", 1, "Note", repeated=True)),
    _type(
        "ListNotesRequest", _string("parent", 1, _HROMADA), _string("page_token", 2), _number("page_size", 3, "INT32")
    ),
    _type(
        "ListScrapsRequest", _string("parent", 1, _HROMADA), _string("page_token", 2), _number("page_size", 3, "INT32")
    ),
    _type("ListNotesResponse", _message("notes", 1, "Note", repeated=True), _string("next_page_token", 2)),
    _type("ReadSlowlyRequest", _string("parent", 1, _HROMADA), _number("seconds", 2, "DOUBLE")),
    _type(
        "KeepPaperRequest",
        _string("parent", 1, _HROMADA),
        _string("request_id", 2),
        _number("size", 3, "INT64"),
        _number("sha256", 4, "BYTES"),
        _number("chunk", 5, "BYTES"),
    ),
    _type("Paper", _string("name", 1, _PAPER), _number("size", 2, "INT64"), _string("kind", 3)),
    'service { name: "Notes"',
    _method("WriteNote", "Note", 'permission: "notes.write"', "CHANGE"),
    _method("BatchGetNotes", "BatchGetNotesResponse", 'permission: "notes.read"', "READ"),
    _method("ReadSlowly", "ListNotesResponse", 'permission: "notes.read"', "NONE"),
    '} service { name: "Papers"',
    _method("KeepPaper", "Paper", 'permission: "notes.write"', "CHANGE", takes_in=True),
    '} service { name: "Careless"',
    _method("WriteNote", "Note", ""),
    '} service { name: "Unwatched"',
    _method("BatchGetNotes", "BatchGetNotesResponse", 'permission: "notes.read"', "NONE"),
    '} service { name: "Forgetful"',
    _method("WriteNote", "Note", 'permission: "notes.write"'),
    "}",
)
_POOL = descriptor_pool.Default()
_POOL.Add(text_format.Parse(" ".join(_PARTS), FileDescriptorProto()))


def _class(name: str) -> Any:
    return GetMessageClass(_POOL.FindMessageTypeByName(f"spilno.kit.v1.{name}"))


NOTES = _POOL.FindServiceByName("spilno.kit.v1.Notes")
PAPERS = _POOL.FindServiceByName("spilno.kit.v1.Papers")
CARELESS = _POOL.FindServiceByName("spilno.kit.v1.Careless")
"""One method of which says nothing of who may call it."""
UNWATCHED = _POOL.FindServiceByName("spilno.kit.v1.Unwatched")
"""The same notes, read without a trace: what the trail costs is measured against it."""
FORGETFUL = _POOL.FindServiceByName("spilno.kit.v1.Forgetful")
"""One method of which says nothing of what the trail keeps of it."""

NoteWritten = _class("NoteWritten")
NoteMended = _class("NoteMended")
NoteEvent = _class("NoteEvent")
NoteMessage = _class("Note")
WriteNoteRequest = _class("WriteNoteRequest")
BatchGetNotesRequest = _class("BatchGetNotesRequest")
BatchGetNotesResponse = _class("BatchGetNotesResponse")
ListNotesRequest = _class("ListNotesRequest")
ListScrapsRequest = _class("ListScrapsRequest")
ListNotesResponse = _class("ListNotesResponse")
ReadSlowlyRequest = _class("ReadSlowlyRequest")
KeepPaperRequest = _class("KeepPaperRequest")
PaperMessage = _class("Paper")
