"""What is made of the files that people send, and what becomes of those that are to do harm."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from kit.errors import Refused
from kit.files import Declared, Kind, make, received, workshop
from kit.testing.pictures import PDF, SIGN, bomb, docx, huge, odt, packed, photo_with_a_place, picture, polyglot
from PIL import Image


async def stream(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 50_000):
        yield data[start : start + 50_000]


async def made(data: bytes, **changes: Any) -> tuple[Kind, bytes, bytes | None]:
    declared = Declared(**{"size": len(data), "sha256": sha256(data).digest(), "field": "file", **changes})
    async with received(declared, stream(data)) as came, make(came, "file") as kept:
        for file in (kept.whole, kept.thumbnail):
            if file is not None:
                file.seek(0)
        return kept.kind, kept.whole.read(), kept.thumbnail.read() if kept.thumbnail else None


async def refusal(data: bytes, **changes: Any) -> str:
    with pytest.raises(Refused) as refused:
        await made(data, **changes)
    assert refused.value.field == "file"
    return refused.value.reason


def read(data: bytes | None) -> Any:
    assert data is not None
    return Image.open(BytesIO(data))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_is_made_anew_with_a_thumbnail(form: str) -> None:
    kind, whole, thumbnail = await made(picture(form, (1600, 800)))
    assert (kind.value, read(whole).format, read(whole).size) == (f"image/{form.lower()}", form, (1600, 800))
    assert (read(thumbnail).format, read(thumbnail).size) == ("JPEG", (640, 320))


async def test_a_photo_forgets_where_and_by_whom_it_was_taken_and_stands_upright() -> None:
    photo = photo_with_a_place()
    assert read(photo).getexif().get_ifd(0x8825)
    _, whole, thumbnail = await made(photo)
    for each in (whole, thumbnail):
        assert not dict(read(each).getexif())
        assert each is not None
        assert b"Olena" not in each
        assert b"taken at home" not in each
    assert read(whole).size == (40, 80)
    red, _, blue = read(whole).getpixel((20, 10))
    assert red > 200 > blue


async def test_nothing_of_a_page_within_a_picture_is_left() -> None:
    assert polyglot().count(SIGN) == 2
    _, whole, thumbnail = await made(polyglot())
    assert thumbnail is not None
    assert SIGN not in whole + thumbnail
    assert b"doctype" not in whole
    assert whole.endswith(b"\xff\xd9")


async def test_a_heic_photo_becomes_a_jpeg() -> None:
    """As pi-heif only reads, one that libheif's own tools made is used."""
    photo = Path(__file__).with_name("photo.heic").read_bytes()
    kind, whole, _ = await made(photo)
    assert (kind, read(whole).format) == (Kind.JPEG, "JPEG")


async def test_a_transparent_picture_keeps_its_transparency_and_its_thumbnail_is_white_there() -> None:
    written = BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(written, "PNG")
    _, whole, thumbnail = await made(written.getvalue())
    assert read(whole).getpixel((25, 25))[3] == 0
    assert min(read(thumbnail).getpixel((25, 25))) > 250


@pytest.mark.parametrize(("data", "kind"), [(PDF, Kind.PDF), (docx(), Kind.DOCX), (odt(), Kind.ODT)])
async def test_a_document_is_kept_as_it_is(data: bytes, kind: Kind) -> None:
    assert await made(data) == (kind, data, None)


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (huge, "files.too-many-pixels"),
        (lambda: picture(size=(2000, 1500))[:9000], "files.damaged"),
        (lambda: b"\xff\xd8\xff" + bytes(5000), "files.damaged"),
        (lambda: packed({"a.txt": b"a"}), "files.unknown-kind"),
        (lambda: packed({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "files.unknown-kind"),
        (lambda: docx(**{"word/vbaProject.bin": b"a macro"}), "files.macros"),
        (lambda: docx()[:-30], "files.damaged"),
        (bytes, "files.empty"),
    ],
)
async def test_what_is_not_fit_is_refused_at_its_field(build: Callable[[], bytes], reason: str) -> None:
    assert await refusal(build()) == reason


async def test_a_bomb_costs_nothing_but_its_own_process() -> None:
    data, began = bomb(), time.monotonic()
    assert await refusal(data) == "files.too-costly"
    assert time.monotonic() - began < 10


async def test_a_file_that_is_not_as_declared_is_refused() -> None:
    data = picture()
    assert await refusal(data, size=len(data) + 1) == "files.not-as-declared"
    assert await refusal(data, size=len(data) - 1) == "files.not-as-declared"
    assert await refusal(data, sha256=b"\0" * 32) == "files.not-as-declared"


async def test_a_file_that_is_too_large_is_refused_before_it_comes() -> None:
    assert await refusal(picture(), size=21 * 1024 * 1024) == "files.too-large"


async def test_a_photo_has_less_room_than_a_document() -> None:
    assert await refusal(picture() + b"\0" * (10 * 1024 * 1024)) == "files.too-large"


def test_whoever_works_on_a_file_may_take_only_so_much() -> None:
    greedy = "import workshop; workshop.limit(); bytearray(2 * 1024**3)"
    folder = Path(workshop.__file__).parent
    ended = subprocess.run([sys.executable, "-c", greedy], cwd=folder, capture_output=True, check=False)
    assert b"MemoryError" in ended.stderr
