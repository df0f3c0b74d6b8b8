"""An archive is read as it was written, by its recipient alone, and not at all once a byte was changed."""

import io
import os
import tarfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256

import pyrage
import pytest
from identity.tenancy import rules
from identity.tenancy.archive import FORMAT, Damaged, Manifest, Member, NotForUs, read, written
from kit.errors import Refused, WrongState

SECRET = rules.receiving_key(bytes(range(32)))
RECIPIENT = str(pyrage.x25519.Identity.from_str(SECRET).to_public())
MEMBERS = [
    Member("platform", "hromada", 1, '{"slug": "татарбунари"}\n'.encode()),
    *(Member("reception", "appeal", number, os.urandom(200_000)) for number in range(1, 6)),
    Member("reception", "blobs/photos/1.jpg", 1, os.urandom(1000)),
]


async def some(members: list[Member]) -> AsyncIterator[Member]:
    for member in members:
        yield member


async def manifest(digests: dict[str, str]) -> Manifest:
    made_at = datetime(2026, 11, 26, tzinfo=UTC)
    return Manifest(format=FORMAT, hromada="tatarbunary", made_at=made_at, digest="d" * 64, services={}, pieces=digests)


async def made(members: list[Member]) -> bytes:
    return b"".join([part async for part in written(some(members), manifest, RECIPIENT)])


async def pieces(body: bytes, size: int = 70_000) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def unpacked(body: bytes, secret: str = SECRET) -> list[Member | Manifest]:
    return [each async for each in read(pieces(body), secret)]


async def test_what_was_written_is_read_again() -> None:
    *members, said = await unpacked(await made(MEMBERS))
    assert members == MEMBERS
    assert isinstance(said, Manifest)
    assert said.pieces == {member.path: sha256(member.body).hexdigest() for member in MEMBERS}


async def test_any_computer_opens_it_with_the_key() -> None:
    opened = pyrage.decrypt(await made(MEMBERS), [pyrage.x25519.Identity.from_str(SECRET)])
    with tarfile.open(fileobj=io.BytesIO(opened)) as tar:
        names = tar.getnames()
    assert names[0] == "platform/hromada/00001.jsonl"
    assert names[-1] == "manifest.json"


async def test_nobody_else_opens_it() -> None:
    with pytest.raises(NotForUs):
        await unpacked(await made(MEMBERS), rules.receiving_key(bytes(32)))


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"age-encryption.org/v1\n", os.urandom(5000)])
async def test_what_is_no_archive_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises((NotForUs, Damaged)):
        await unpacked(body)


@pytest.mark.parametrize("place", [0.4, 0.6, 0.9, 0.999])
async def test_a_changed_byte_is_found_and_its_place_told(place: float) -> None:
    body = bytearray(await made(MEMBERS))
    body[int(len(body) * place)] ^= 1
    with pytest.raises(Damaged) as damaged:
        await unpacked(bytes(body))
    assert damaged.value.place.startswith(("platform/", "reception/appeal/"))


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
async def test_one_that_was_cut_off_is_damaged(share: float) -> None:
    body = await made(MEMBERS)
    with pytest.raises(Damaged):
        await unpacked(body[: int(len(body) * share)])


@pytest.mark.parametrize(
    "path", ["../etc/passwd", "/etc/passwd", "reception/appeal/1.sh", "x", "reception/../a/00001.jsonl"]
)
async def test_a_piece_under_a_name_that_no_archive_has_is_refused(path: str) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo(path), io.BytesIO())
    with pytest.raises(Damaged):
        await unpacked(pyrage.encrypt(packed.getvalue(), [pyrage.x25519.Recipient.from_str(RECIPIENT)]))


async def test_a_link_in_the_place_of_a_piece_is_refused() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        link = tarfile.TarInfo("reception/appeal/00001.jsonl")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(Damaged):
        await unpacked(pyrage.encrypt(packed.getvalue(), [pyrage.x25519.Recipient.from_str(RECIPIENT)]))


async def test_who_stops_listening_leaves_nothing_running() -> None:
    body = await made(MEMBERS)
    reading = read(pieces(body), SECRET)
    assert await anext(reading) == MEMBERS[0]
    await reading.aclose()


def test_equal_digests_mean_equal_contents_in_whatever_order() -> None:
    one = {"reception": [("appeal", 3, "aa"), ("visit", 1, "bb")], "identity": [("entry", 2, "cc")]}
    other = {"identity": [("entry", 2, "cc")], "reception": [("visit", 1, "bb"), ("appeal", 3, "aa")]}
    assert rules.digest(one) == rules.digest(other)
    assert rules.digest(one) != rules.digest({**one, "identity": [("entry", 2, "cd")]})


def test_a_mistyped_recipient_is_refused() -> None:
    rules.check_recipient(RECIPIENT)
    with pytest.raises(Refused):
        rules.check_recipient(RECIPIENT[:-1] + ("q" if RECIPIENT[-1] != "q" else "p"))


def test_a_hromada_is_erased_by_its_slug_and_a_digest_that_an_archive_has() -> None:
    archived = frozenset({"ab" * 32})
    rules.check_erasure("irpin", " irpin ", "AB " * 32, "ab" * 32, archived)
    with pytest.raises(Refused) as slug:
        rules.check_erasure("irpin", "bucha", "ab" * 32, "ab" * 32, archived)
    with pytest.raises(Refused) as digest:
        rules.check_erasure("irpin", "irpin", "cd" * 32, "ab" * 32, archived)
    with pytest.raises(WrongState):
        rules.check_erasure("irpin", "irpin", "ef" * 32, "ef" * 32, archived)
    assert (slug.value.field, digest.value.field) == ("confirmation", "digest")
