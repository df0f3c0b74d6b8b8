"""An office's own letter: judged when it comes, filled when it is printed.

It is run as a process of its own, which may take little and be killed: what a file does to it costs no more than
itself. It knows names in double braces and nothing else of a template's language.
"""

import base64
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from defusedxml import DefusedXmlException, ElementTree
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment
from kit.errors import Refused
from kit.files import workshop
from kit.files.workshop import Unfit

from kit import processes

LARGEST = 512 * 1024
"""Bytes of a letter that are taken."""
_SECONDS = 30.0
_NEEDED = ("to", "asks")
"""Without them a letter asks nobody for anything."""
_SHOWN = 5
_DRAWS_IN = re.compile(r"\b(DDE|DDEAUTO|IMPORT|INCLUDE|INCLUDEPICTURE|INCLUDETEXT|LINK|RD)\b", re.IGNORECASE)
"""Fields of a word processor that fetch something from elsewhere."""
_WHOLE = re.compile(r"\{\{(p|r|tr|tc)\s")
"""Names that docxtpl would put in the place of a whole paragraph."""
_INSTRUCTION = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PACKED_WITH_CODE = ("word/activex/", "word/embeddings/")
_WHY = {
    workshop.UNREADABLE: "referral.letter-damaged",
    workshop.TOO_COSTLY: "referral.letter-too-costly",
    workshop.MACROS: "referral.letter-macros",
    workshop.OTHER_KIND: "referral.letter-no-docx",
}


async def judge(content: bytes, fields: Iterable[str]) -> None:
    """Whether a file is a letter that can be filled.

    Raises:
        Refused: it is none; says why, and of a field that nobody knows its name.
    """
    await _work(content, {"fields": sorted(fields)})


async def fill(content: bytes, values: Mapping[str, str]) -> bytes:
    """The letter with its fields filled.

    Raises:
        Refused: it cannot be.
    """
    return base64.b64decode((await _work(content, {"values": dict(values)}))["letter"])


async def _work(content: bytes, what: dict[str, Any]) -> dict[str, str]:
    if len(content) > LARGEST:
        raise Refused("content", "referral.letter-too-large", most=LARGEST // 1024)
    asked = {"content": base64.b64encode(content).decode(), **what}
    try:
        said: dict[str, str] = await processes.answer("reception.referrals.filling", asked, within=_SECONDS)
    except (TimeoutError, ValueError):
        raise Refused("content", "referral.letter-too-costly") from None
    if reason := said.pop("reason", ""):
        raise Refused("content", reason, **said)
    return said


class Unfillable(Exception):
    """What is no letter, and why."""

    def __init__(self, reason: str, **values: str) -> None:
        super().__init__(reason)
        self.said = {"reason": reason, **values}


def main() -> None:
    """The process."""
    workshop.limit()
    json.dump(answered(json.loads(sys.stdin.read())), sys.stdout)


def answered(asked: Mapping[str, Any]) -> dict[str, str]:
    """What is said of a letter: the filled one if values came, else nothing, or the reason why not."""
    content = base64.b64decode(asked["content"])
    try:
        if "fields" in asked:
            _judge(content, asked["fields"])
            return {}
        return {"letter": base64.b64encode(_filled(content, asked["values"])).decode()}
    except Unfillable as unfillable:
        return unfillable.said
    except Unfit as unfit:
        return {"reason": _WHY[unfit.code]}


def _judge(content: bytes, fields: list[str]) -> None:
    _look_inside(content)
    named: set[str] = set()
    try:
        for part in _parts(content):
            named |= _names(part)
    except TemplateError:
        raise Unfillable("referral.letter-malformed") from None
    if unknown := sorted(named - set(fields)):
        raise Unfillable("referral.letter-field-unknown", names=", ".join(unknown[:_SHOWN]), known=", ".join(fields))
    if missing := [each for each in _NEEDED if each not in named]:
        raise Unfillable("referral.letter-field-missing", names=", ".join(missing))
    _filled(content, dict.fromkeys(fields, "…"))


def _look_inside(content: bytes) -> None:
    """Whether it is a document and only that: no code, and nothing that is fetched from elsewhere."""
    if not content.startswith(b"PK\x03\x04"):
        raise Unfit(workshop.OTHER_KIND)
    try:
        workshop.document(io.BytesIO(content), "docx")
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                if name.lower().startswith(_PACKED_WITH_CODE):
                    raise Unfit(workshop.MACROS)
                if name.endswith((".xml", ".rels")):
                    _check_part(packed.read(name))
    except (zipfile.BadZipFile, DefusedXmlException, SyntaxError, NotImplementedError, RuntimeError):
        raise Unfit(workshop.UNREADABLE) from None


def _check_part(part: bytes) -> None:
    tree = ElementTree.fromstring(part, forbid_dtd=True)
    if any(each.get("TargetMode") == "External" for each in tree.iter()):
        raise Unfillable("referral.letter-external")
    said = [each.text or "" for each in tree.iter(f"{_INSTRUCTION}instrText")]
    said += [each.get(f"{_INSTRUCTION}instr", "") for each in tree.iter(f"{_INSTRUCTION}fldSimple")]
    if _DRAWS_IN.search("".join(said)):
        raise Unfillable("referral.letter-external")


def _parts(content: bytes) -> list[str]:
    """Whatever of a letter is filled, as its filler sees it."""
    letter = _opened(content)
    parts = [letter.get_xml()]
    for uri in (letter.HEADER_URI, letter.FOOTER_URI):
        parts += [letter.get_part_xml(part) for _, part in letter.get_headers_footers(uri)]
    for part in letter.docx.part.package.parts:
        if part.content_type.endswith("footnotes+xml"):
            parts.append(part.blob.decode())
    if any(_WHOLE.search(re.sub(r"<[^>]*>", "", each)) for each in parts):
        raise Unfillable("referral.letter-malformed")
    about = letter.docx.core_properties
    said = (about.author, about.comments, about.identifier, about.language, about.subject, about.title)
    return [*(letter.patch_xml(each) for each in parts), *said]


def _names(part: str) -> set[str]:
    """The fields that a part names; it may hold nothing but them."""
    tree = _environment().parse(part)
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, (nodes.Output, nodes.TemplateData, nodes.Name)):
            raise Unfillable("referral.letter-malformed")
    return {each.name for each in tree.find_all(nodes.Name)}


def _filled(content: bytes, values: Mapping[str, str]) -> bytes:
    letter = _opened(content)
    try:
        letter.render(dict(values), _environment())
    except (TemplateError, SyntaxError, ValueError):
        raise Unfillable("referral.letter-malformed") from None
    file = io.BytesIO()
    letter.save(file)
    return file.getvalue()


def _opened(content: bytes) -> DocxTemplate:
    letter = DocxTemplate(io.BytesIO(content))
    try:
        letter.init_docx()
    except (KeyError, ValueError, SyntaxError):
        raise Unfit(workshop.UNREADABLE) from None
    return letter


def _environment() -> SandboxedEnvironment:
    return SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)


if __name__ == "__main__":
    main()
