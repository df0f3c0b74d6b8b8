"""What a file is, by what it holds: neither its name nor what its sender says of it counts."""

import unicodedata
from enum import StrEnum
from pathlib import PurePosixPath

from kit.errors import Refused

MEGABYTE = 1024 * 1024
_HEAD = 1024
_TAIL = 1024
_LONGEST_NAME = 120


class Kind(StrEnum):
    """What is taken, as the media type under which it is given out again."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ODT = "application/vnd.oasis.opendocument.text"

    @property
    def is_picture(self) -> bool:
        return self.value.startswith("image/")

    @property
    def largest(self) -> int:
        """How many bytes of it are taken."""
        return (10 if self.is_picture else 20) * MEGABYTE


LARGEST = max(kind.largest for kind in Kind)
_ENDINGS = {
    Kind.JPEG: (".jpg", ".jpeg"),
    Kind.PNG: (".png",),
    Kind.WEBP: (".webp",),
    Kind.HEIC: (".heic", ".heif"),
    Kind.PDF: (".pdf",),
    Kind.DOCX: (".docx",),
    Kind.ODT: (".odt",),
}
ACCEPTED = ",".join([*(kind.value for kind in Kind), *(ending for endings in _ENDINGS.values() for ending in endings)])
"""For a form's field: what a browser offers first. Nothing relies on it."""
_PICTURES_BY_BRAND = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}
_VIDEOS = (b"\x1a\x45\xdf\xa3", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"FLV", b"OggS")
_ODT_HEAD = b"mimetypeapplication/vnd.oasis.opendocument.text"


def kind_of(head: bytes, tail: bytes, field: str) -> Kind:
    """The kind of a file by its first kilobyte and its last. Whether it is whole is for `making` to find.

    Raises:
        Refused: it is none that is taken, at the field.
    """
    found = _picture(head) or _document(head, tail, field)
    if found is not None:
        return found
    if _is_video(head):
        raise Refused(field, "files.video")
    raise Refused(field, "files.unknown-kind")


def plain_name(typed: str) -> str:
    """A file's name as its owner calls it, without folders and without what is invisible."""
    last = PurePosixPath(typed.replace("\\", "/")).name
    seen = "".join(letter if _is_seen(letter) else " " for letter in unicodedata.normalize("NFC", last))
    return " ".join(seen.split()).lstrip(".-~ ")[:_LONGEST_NAME]


def shown_name(typed: str, kind: Kind) -> str:
    """A file's name as people may see it: no folders, nothing invisible, the ending of what the file is."""
    name = plain_name(typed)
    known = (each for endings in _ENDINGS.values() for each in endings if name.lower().endswith(each))
    stem = name[: len(name) - len(next(known, ""))]
    ending = _ENDINGS[kind][0]
    return (stem[: _LONGEST_NAME - len(ending)].rstrip(". ") or "file") + ending


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter)[0] not in "CZ" and letter not in '<>:"|?*'


def _picture(head: bytes) -> Kind | None:
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _PICTURES_BY_BRAND:
        return Kind.HEIC
    return None


def _document(head: bytes, tail: bytes, field: str) -> Kind | None:
    if head.startswith(b"%PDF-"):
        if b"%%EOF" not in tail:
            raise Refused(field, "files.damaged")
        return Kind.PDF
    if not head.startswith(b"PK\x03\x04"):
        return None
    if head[30:].startswith(_ODT_HEAD):
        return Kind.ODT
    return Kind.DOCX  # if it is one: the workshop looks inside


def _is_video(head: bytes) -> bool:
    return head[4:8] in {b"ftyp", b"moov"} or head[8:12] == b"AVI " or head.startswith(_VIDEOS)


def ends_of(file_size: int) -> tuple[int, int]:
    """How many bytes at the beginning of a file, and from which on at its end, `kind_of` wants."""
    return _HEAD, max(0, file_size - _TAIL)
