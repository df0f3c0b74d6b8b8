"""What a person typed, kept until it is right."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends
from starlette.requests import Request

from kit.pages.language import UKRAINIAN, Language
from kit.pages.security import PROOF, Safety
from kit.pages.troubles import UnreadableForm

_PLACE = re.compile(r"\[\d+\]")


@dataclass
class Form:
    """Values as typed and, beside them, what is wrong with them: both by the field's name."""

    values: dict[str, str] = field(default_factory=dict)
    language: Language = UKRAINIAN
    errors: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def refuse(self, name: str, message: str) -> None:
        """The first objection to a field stands."""
        self.errors.setdefault(name, message)

    def refuse_all(self, objections: Mapping[str, str], names: Mapping[str, str]) -> None:
        """Takes a service's objections by its own field paths, in the page's order of `names` (path to field).

        A path without places, such as "week.hours", is that of all of them. What the page has no field for is an
        objection to the form as a whole.
        """
        for path, name in names.items():
            for objected, message in objections.items():
                if path in {objected, _PLACE.sub("", objected)}:
                    self.refuse(name, message)
        for objected, message in objections.items():
            if names.keys().isdisjoint({objected, _PLACE.sub("", objected)}):
                self.refuse("", message)

    @property
    def is_refused(self) -> bool:
        return bool(self.errors)


async def read(request: Request) -> Form:
    """Reads the submitted form, or refuses it whole with a page that says why."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise UnreadableForm
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as refusal:  # UnicodeDecodeError is one
        raise UnreadableForm from refusal
    values = {name: _clean(value) if "password" in name else _clean(value).strip() for name, value in pairs}
    safety: Safety = request.app.state.safety
    safety.check(request, values.pop(PROOF, ""))
    return Form(values, request.state.language)


def _clean(value: str) -> str:
    """Browsers send CRLF, word processors paste control characters; neither is part of what was said."""
    if "\0" in value:
        raise UnreadableForm
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(sign for sign in lines if sign in "\n\t" or unicodedata.category(sign) != "Cc")
    return unicodedata.normalize("NFC", kept)


Submitted = Annotated[Form, Depends(read)]
