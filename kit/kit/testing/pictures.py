"""Files such as people send, and such as somebody makes to do harm."""

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

SIGN = b"<script>alert('here')</script>"


def picture(form: str = "JPEG", size: tuple[int, int] = (80, 40), **options: Any) -> bytes:
    """A picture: red on the left, blue on the right."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    written = BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def photo_with_a_place() -> bytes:
    """A photo held sideways, which says by GPS where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Phone of Olena"
    exif[0x0112] = 6
    places = ImageFileDirectory_v2()
    places[1], places[2] = "N", (45.0, 50.0, 30.0)
    exif[0x8825] = dict(places)
    return picture(exif=exif, comment=b"taken at home")


def polyglot() -> bytes:
    """A picture that is a page as well: a browser that guessed would run it."""
    return picture(comment=SIGN) + b"\n<!doctype html>" + SIGN


def huge(side: int = 20_000) -> bytes:
    """A PNG of so many pixels a side in a few bytes."""

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    line = b"\0" * (side // 8 + 1)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    lines = zlib.compress(line * side, 9)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", lines) + part(b"IEND", b"")


def packed(entries: dict[str, bytes], *, squeezed: bool = True) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED if squeezed else zipfile.ZIP_STORED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return written.getvalue()


def docx(**more: bytes) -> bytes:
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    types = b'<Types><Override PartName="/word/document.xml" ContentType="' + main + b'"/></Types>'
    return packed({"[Content_Types].xml": types, "word/document.xml": b"<w:document/>", **more})


def odt() -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<office:document-content/>")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return written.getvalue()


def bomb() -> bytes:
    """A document that would be three hundred megabytes."""
    return docx(**{"word/media/image1.bmp": b"\0" * (300 * 1024 * 1024)})


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
VIDEO = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0" * 100
