"""What a file is, and how it may be called."""

import pytest
from kit.errors import Refused
from kit.files.kinds import Kind, kind_of, shown_name
from kit.testing.pictures import PDF, SVG, VIDEO, docx, odt, picture


def told(data: bytes) -> Kind:
    return kind_of(data[:1024], data[-1024:], "file")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (picture("JPEG"), Kind.JPEG),
        (picture("PNG"), Kind.PNG),
        (picture("WEBP"), Kind.WEBP),
        (PDF, Kind.PDF),
        (docx(), Kind.DOCX),
        (odt(), Kind.ODT),
    ],
)
def test_a_file_is_what_it_holds(data: bytes, kind: Kind) -> None:
    assert told(data) is kind


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (SVG, "files.unknown-kind"),
        (b"<!doctype html><p>", "files.unknown-kind"),
        (b"GIF89a", "files.unknown-kind"),
        (b"MZ\x90\0", "files.unknown-kind"),
        (VIDEO, "files.video"),
        (b"\x1a\x45\xdf\xa3webm", "files.video"),
        (PDF[:20], "files.damaged"),
    ],
)
def test_anything_else_is_refused_at_its_field(data: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        told(data)
    assert (refused.value.reason, refused.value.field) == (reason, "file")


@pytest.mark.parametrize(
    ("typed", "kind", "shown"),
    [
        ("яма.jpg", Kind.JPEG, "яма.jpg"),
        ("яма.JPEG", Kind.JPEG, "яма.jpg"),
        ("IMG_1.HEIC", Kind.JPEG, "IMG_1.jpg"),
        ("../../etc/passwd", Kind.PDF, "passwd.pdf"),
        ("C:\\Users\\Олена\\скарга.docx", Kind.DOCX, "скарга.docx"),
        ("photo\u202egpj.exe", Kind.PNG, "photo gpj.exe.png"),
        ("a\x00b\r\nc\u200b.pdf", Kind.PDF, "a b c.pdf"),
        ("page.html", Kind.JPEG, "page.html.jpg"),
        ("..", Kind.PNG, "file.png"),
        ("", Kind.PNG, "file.png"),
        (".htaccess", Kind.PDF, "htaccess.pdf"),
        ("я" * 500 + ".pdf", Kind.PDF, "я" * 116 + ".pdf"),
    ],
)
def test_a_name_is_for_people_and_for_nothing_else(typed: str, kind: Kind, shown: str) -> None:
    assert shown_name(typed, kind) == shown
