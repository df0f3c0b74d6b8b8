"""What a service holds of a hromada leaves it whole, comes to another whole, and is erased whole."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import pytest
from kit.call import Call, Caller
from kit.errors import AlreadyThere, Refused, WrongState
from kit.tenancy.holdings import Held, Holding, Holdings, Piece
from kit.testing.ground import Ground
from sample.ground import eventually
from sample.model import Line, Mood, Note, Paper, Secret
from sample.service import service
from sqlmodel import col, select

_NOTES = select(Note).order_by(col(Note.id))
TEXT = "Лінія\r\nз «лапками», \\зворотною\t рискою і 👩‍🚒"
PHOTO = bytes(range(256)) * 2000


@dataclass
class Life:
    """A hromada that has lived here a little."""

    sample: Ground
    slug: str
    photo: UUID = field(default_factory=uuid4)

    @property
    def holdings(self) -> Holdings:
        return service.holdings(self.sample.kit)

    @property
    def id(self) -> UUID:
        return self.sample.hromada(self.slug).id

    def opens(self) -> AbstractAsyncContextManager[Call]:
        return self.sample.call(self.slug)

    async def pieces(self) -> list[Piece]:
        return [piece async for piece in self.holdings.pieces(self.opens)]

    async def told(self) -> Holding:
        return await self.holdings.told(self.opens)

    async def write(self, notes: int = 3) -> None:
        async with self.opens() as call:
            for place in range(notes):
                note = Note(text=f"{TEXT} {place}", mood=Mood.SAD, tags=["a", "б"], more={"n": 1.10, "deep": [None]})
                call.db.add(note)
                call.db.add(Line(note_id=note.id, text=f"рядок {place}"))
        async with self.opens() as call:
            secret = Secret(sealed=b"")
            secret.sealed = await call.vault.seal(call, b"nobody knows", Secret, secret.id)
            call.db.add(secret)
        async with self.opens() as call:
            folder = call.files.fresh(self.id, Paper)
            written = await folder.put("whole", chunked(PHOTO))
            await call.files.fresh(self.id, Paper).put("whole", chunked(b"nobody's"))
            call.db.add(
                Paper(id=folder.row, sealed_key=await call.files.seal(call, folder), kept=written.size, kind="")
            )
        self.photo = folder.row

    async def take(self, pieces: list[Piece], expected: Holding) -> list[str]:
        async with self.opens() as call:
            await self.holdings.begin(call, expected.schema)
            for piece in pieces:
                await self.holdings.lay_aside(call, piece)
        async with self.opens() as call:
            return [table async for table in self.holdings.take(call, expected)]

    async def erase(self) -> tuple[int, int]:
        async with self.opens() as call:
            return await self.holdings.erase(call, self.slug)


async def chunked(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 100_000):
        yield data[start : start + 100_000]


def a_life(sample: Ground) -> Life:
    return Life(sample, f"leaves-{uuid4().hex[:8]}")


@pytest.fixture
async def life(sample: Ground) -> Life:
    life = a_life(sample)
    await life.write()
    return life


async def rows_of(life: Life) -> dict[str, int]:
    return {held.name: held.rows for held in (await life.told()).tables}


async def test_every_table_of_the_hromada_leaves_without_being_remembered(life: Life) -> None:
    assert await rows_of(life) == {
        "blobs": 1,
        "line": 3,
        "note": 3,
        "notice": 0,
        "notice_text": 0,
        "paper": 1,
        "secret": 1,
    }


async def test_a_file_leaves_open_under_the_name_of_its_row(life: Life) -> None:
    pieces = [piece for piece in await life.pieces() if piece.part.startswith("blobs/")]
    assert {piece.part for piece in pieces} == {f"blobs/paper/{life.photo}/whole"}
    assert b"".join(piece.body for piece in pieces) == PHOTO


async def test_what_is_sealed_leaves_open(life: Life) -> None:
    secret = next(piece for piece in await life.pieces() if piece.part == "secret")
    assert b64encode(b"nobody knows") in secret.body


async def test_what_was_erased_comes_back_the_same(life: Life) -> None:
    told, pieces = await life.told(), await life.pieces()
    async with life.opens() as call:
        before = await call.db.all(_NOTES)
    assert await life.erase() == (8 + 1, 2)
    assert set((await rows_of(life)).values()) == {0}
    taken = await life.take(pieces, told)
    assert taken.index("note") < taken.index("line")
    again = await life.told()
    assert again.tables == told.tables
    async with life.opens() as call:
        assert [row.__dict__["more"] for row in await call.db.all(_NOTES)] == [row.more for row in before]
        folder = await call.files.folder(call, await call.db.get(Paper, life.photo))
        assert b"".join([chunk async for chunk in folder.get("whole")]) == PHOTO


async def test_the_digest_is_of_what_is_said_and_not_of_how_it_is_sealed(life: Life) -> None:
    told = await life.told()
    async with life.opens() as call:
        for row in await call.db.all(select(Secret)):
            locked = await call.db.lock(Secret, row.id)
            locked.sealed = await call.vault.seal(call, b"nobody knows", Secret, row.id)
            locked.version -= 1
    assert (await life.told()).tables == told.tables


async def test_one_letter_more_and_the_digest_is_another(life: Life) -> None:
    told = await life.told()
    async with life.opens() as call:
        note = (await call.db.all(_NOTES))[0]
        (await call.db.lock(Note, note.id)).text += "!"
    changed = [one.name for one, other in zip(told.tables, (await life.told()).tables, strict=True) if one != other]
    assert changed == ["note"]


async def test_a_changed_byte_is_told_by_its_part_and_nothing_is_taken(life: Life) -> None:
    told, pieces = await life.told(), await life.pieces()
    await life.erase()
    spoilt = [replace(each, body=each.body.replace("рядок 1".encode(), "рядок 7".encode())) for each in pieces]
    with pytest.raises(Refused) as refused:
        await life.take(spoilt, told)
    assert refused.value.values == {"part": "line"}
    assert {name: rows for name, rows in (await rows_of(life)).items() if name != "blobs"} == {
        "line": 0,
        "note": 0,
        "notice": 0,
        "notice_text": 0,
        "paper": 0,
        "secret": 0,
    }


@pytest.mark.parametrize(
    "name", ["paper/../../x", "paper/{stranger}/whole", "line/{photo}/whole", "paper/{photo}/../x"]
)
async def test_a_file_that_no_row_names_is_refused(life: Life, name: str) -> None:
    told, pieces = await life.told(), await life.pieces()
    await life.erase()
    part = "blobs/" + name.format(photo=life.photo, stranger=uuid4())
    with pytest.raises(Refused) as refused:
        await life.take([*pieces, Piece(part, 1, b"x")], told)
    assert refused.value.reason == "archive.unfit"
    assert (await rows_of(life))["paper"] == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"id": "', b'"id": "x'),
        (b'"note_id": "', b'"note_id": "0'),
        (b"{", b"["),
        (b'"version": 1', b'"version": "a"'),
    ],
)
async def test_what_is_no_row_is_refused_by_its_part(life: Life, old: bytes, new: bytes) -> None:
    told, pieces = await life.told(), await life.pieces()
    await life.erase()
    spoilt = [replace(each, body=each.body.replace(old, new)) if each.part == "line" else each for each in pieces]
    with pytest.raises(Refused) as refused:
        await life.take(spoilt, told)
    assert refused.value.values == {"part": "line"}


async def test_rows_of_another_hromada_cannot_be_brought_in(life: Life, sample: Ground) -> None:
    told, pieces = await life.told(), await life.pieces()
    other = a_life(sample)
    with pytest.raises(Refused):
        await other.take(pieces, told)
    assert (await rows_of(other))["note"] == 0


async def test_taken_twice_it_is_there_once(life: Life) -> None:
    told, pieces = await life.told(), await life.pieces()
    await life.erase()
    await life.take(pieces, told)
    assert await life.take(pieces, told) == []
    assert (await life.told()).tables == told.tables


async def test_over_other_rows_nothing_is_taken(life: Life) -> None:
    told, pieces = await life.told(), await life.pieces()
    await life.erase()
    await life.write(1)
    with pytest.raises(AlreadyThere):
        await life.take(pieces, told)
    assert (await rows_of(life))["note"] == 1


@pytest.mark.parametrize("schema", ["0001", "9999"])
async def test_what_another_version_told_is_refused(life: Life, schema: str) -> None:
    told, pieces = await life.told(), await life.pieces()
    with pytest.raises(WrongState) as refused:
        await life.take(pieces, replace(told, schema=schema))
    assert refused.value.values == {"theirs": schema, "ours": told.schema}


async def test_the_trail_goes_on_where_it_stood(life: Life) -> None:
    told, pieces = await life.told(), await life.pieces()
    await life.erase()
    await life.take(pieces, replace(told, trail=41))
    async with life.sample.call(life.slug, Caller("svc.kit", pseudonym="svc.kit")) as call:
        call.keep("sample.Test")

    async def numbered() -> bool:
        return (await life.told()).trail == 42

    assert await eventually(numbered)


async def test_erasing_leaves_the_neighbours_alone_and_finds_nothing_the_second_time(
    life: Life, sample: Ground
) -> None:
    neighbour = a_life(sample)
    await neighbour.write()
    before = await neighbour.told()
    await life.erase()
    assert await life.erase() == (0, 0)
    assert (await neighbour.told()).tables == before.tables


async def test_usage_says_the_room_without_reading(life: Life) -> None:
    async with life.opens() as call:
        used = {held.name: (held.rows, held.bytes > 100) for held in await life.holdings.usage(call)}
    assert used == {
        "note": (3, True),
        "line": (3, True),
        "notice": (0, False),
        "notice_text": (0, False),
        "paper": (1, True),
        "secret": (1, True),
        "blobs": (2, True),
    }


async def test_many_rows_leave_in_pieces_that_a_message_holds(life: Life) -> None:
    async with life.opens() as call:
        for place in range(2500):
            call.db.add(Note(text=f"{place} " + "ї" * 200))
    pieces = [piece for piece in await life.pieces() if piece.part == "note"]
    assert [piece.number for piece in pieces] == list(range(1, len(pieces) + 1))
    assert max(len(piece.body) for piece in pieces) <= 300 * 1024
    assert sum(piece.body.count(b"\n") for piece in pieces) == 2503
    assert Held("note", 2503, sum(len(piece.body) for piece in pieces)) == replace(
        next(held for held in (await life.told()).tables if held.name == "note"), digest=""
    )
