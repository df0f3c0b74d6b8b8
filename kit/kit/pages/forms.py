"""What a person typed, kept until it is right."""

import unicodedata
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends
from starlette.requests import Request

from kit.pages.language import UKRAINIAN, Language
from kit.pages.security import FORM_LIMIT, PROOF, Safety, has_files
from kit.pages.troubles import UnreadableForm
from kit.pages.uploads import Sent, parts_of


@dataclass
class Form:
    """Values as typed and, beside them, what is wrong with them: both by the field's name."""

    values: dict[str, str] = field(default_factory=dict)
    language: Language = UKRAINIAN
    errors: dict[str, str] = field(default_factory=dict)
    files: list[Sent] = field(default_factory=list)
    """What was sent with it; open until the request is answered."""

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def refuse(self, name: str, message: str) -> None:
        """The first objection to a field stands."""
        self.errors.setdefault(name, message)

    def refuse_all(self, objections: Mapping[str, str], names: Mapping[str, str]) -> None:
        """Takes a service's objections by its own field paths, in the page's order of `names` (path to field).

        What the page has no field for is an objection to the form as a whole.
        """
        for path, name in names.items():
            if path in objections:
                self.refuse(name, objections[path])
        for path, message in objections.items():
            if path not in names:
                self.refuse("", message)

    @property
    def is_refused(self) -> bool:
        return bool(self.errors)


async def read(request: Request) -> AsyncIterator[Form]:
    """Reads the submitted form, or refuses it whole with a page that says why."""
    safety: Safety = request.app.state.safety

    def prove(pairs: Sequence[tuple[str, str]]) -> None:
        safety.check(request, dict(pairs).get(PROOF, ""))

    sent: list[Sent] = []
    with ExitStack() as stack:
        if has_files(request.headers):
            pairs, sent, close = await parts_of(request, FORM_LIMIT, prove)
            stack.callback(close)
        else:
            pairs = await _fields_of(request)
        values = {name: _clean(value) if "password" in name else _clean(value).strip() for name, value in pairs}
        prove(list(values.items()))
        values.pop(PROOF)
        yield Form(values, request.state.language, files=sent)


async def _fields_of(request: Request) -> list[tuple[str, str]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise UnreadableForm
    body = await request.body()
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as refusal:  # UnicodeDecodeError is one
        raise UnreadableForm from refusal


def _clean(value: str) -> str:
    """Browsers send CRLF, word processors paste control characters; neither is part of what was said."""
    if "\0" in value:
        raise UnreadableForm
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) != "Cc")
    return unicodedata.normalize("NFC", kept)


Submitted = Annotated[Form, Depends(read)]
