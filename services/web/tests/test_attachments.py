"""Files in forms, as a browser sends them, and files given out, as a browser gets them."""

import re
from typing import Any
from uuid import uuid4

import grpc
import httpx
import pytest
from kit.testing.pictures import PDF, SVG, VIDEO, picture
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import attachments_pb2
from web.attachments import disposition
from web.testing import House
from web.testing_answers import failure

NEW = "/tatarbunary/appeals/new"
FOLLOW = "/tatarbunary/appeals/follow"
STATUS = "/tatarbunary/appeals/status"
OFFICE = "/tatarbunary/office"
APPEAL = {
    "kind": "application",
    "area": "infrastructure",
    "text": "На вулиці біля зупинки не світять три ліхтарі.",
    "name": "Коваленко Олена",
    "residence": "с. Струмок, вул. Шевченка, 12",
    "phone": "097 123 45 67",
    "email": "",
}
PHOTO = picture()


def files(*sent: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes, str]]]:
    """As a browser sends them, with a type that it makes up."""
    return [("files", (name, data, "application/x-made-up")) for name, data in sent]


async def hidden(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    page = await browser.get(path)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


async def submit(browser: httpx.AsyncClient, *sent: tuple[str, bytes], **changes: Any) -> httpx.Response:
    data = {**APPEAL, **await hidden(browser, NEW), **changes}
    return await browser.post(NEW, data=data, files=files(*(sent or [("", b"")])))


async def following(browser: httpx.AsyncClient) -> None:
    await submit(browser)
    await browser.post(FOLLOW, data={**await hidden(browser, FOLLOW), "code": "482177300016"})


def words(answer: httpx.Response) -> str:
    """The page with its spaces plain."""
    return answer.text.replace("\u00a0", " ")


def names(house: House) -> list[str]:
    return [attachment.filename for attachment, _ in house.files.values()]


@pytest.fixture
def case(house: House) -> str:
    draft = pb.AppealDraft(kind=pb.APPEAL_KIND_COMPLAINT, area=pb.SAFETY_AREA_ROAD, text="Перевищують біля школи.")
    return f"{OFFICE}/appeals/{house.enter('1/2026', draft, pb.APPEAL_CHANNEL_PHONE).name.rpartition('/')[2]}"


async def test_a_resident_sends_photos_with_the_appeal(visitor: httpx.AsyncClient, house: House) -> None:
    answer = await submit(visitor, ("яма.jpg", PHOTO), ("довідка.pdf", PDF))
    assert answer.status_code == 303
    assert sorted(names(house)) == ["довідка.pdf", "яма.jpg"]
    assert {data for _, data in house.files.values()} == {PHOTO, PDF}
    assert "не всі файли" not in words(await visitor.get(answer.headers["location"]))


async def test_an_appeal_goes_without_files_too(visitor: httpx.AsyncClient, house: House) -> None:
    assert (await submit(visitor)).status_code == 303
    assert (len(house.appeals), house.files) == (1, {})


async def test_a_form_sent_twice_adds_its_files_once(visitor: httpx.AsyncClient, house: House) -> None:
    same = {**APPEAL, **await hidden(visitor, NEW)}
    for _ in range(2):
        await visitor.post(NEW, data=same, files=files(("яма.jpg", PHOTO)))
    assert (len(house.appeals), len(house.files)) == (1, 1)


@pytest.mark.parametrize(
    ("data", "objection"),
    [
        (SVG, "Такий файл не приймаємо"),
        (VIDEO, "Це відео"),
        (PDF + b"\0" * (21 * 1024 * 1024), "завеликий"),
        (PDF[:20], "пошкоджено"),
    ],
)
async def test_a_file_that_is_not_taken_is_told_at_its_field_and_what_was_typed_stays(
    visitor: httpx.AsyncClient, house: House, data: bytes, objection: str
) -> None:
    answer = await submit(visitor, ("../клопіт\u202e.jpg", data))
    assert answer.status_code == 422
    assert objection in answer.text
    assert 'id="files-error"' in answer.text
    assert "клопіт .jpg" in answer.text
    assert "\u202e" not in answer.text
    assert APPEAL["text"] in answer.text
    assert APPEAL["name"] in answer.text
    assert (house.appeals, house.files) == ({}, {})


async def test_an_empty_file_is_told_at_its_field(visitor: httpx.AsyncClient, house: House) -> None:
    answer = await submit(visitor, ("порожній.jpg", b""))
    assert answer.status_code == 422
    assert "порожній" in answer.text
    assert house.appeals == {}


async def test_too_many_files_at_once_are_told_at_their_field(visitor: httpx.AsyncClient, house: House) -> None:
    answer = await submit(visitor, *((f"{number}.pdf", PDF) for number in range(6)))
    assert answer.status_code == 422
    assert "до 5 файлів" in words(answer)
    assert house.appeals == {}


async def test_a_form_with_other_mistakes_asks_for_the_files_again(visitor: httpx.AsyncClient, house: House) -> None:
    answer = await submit(visitor, ("яма.jpg", PHOTO), text="")
    assert answer.status_code == 422
    assert "Виберіть файли ще раз" in answer.text
    assert house.files == {}


async def test_an_appeal_is_registered_though_its_files_are_not(visitor: httpx.AsyncClient, house: House) -> None:
    form = await hidden(visitor, NEW)
    house.failing = failure(grpc.StatusCode.UNAVAILABLE, "files.away")
    house.failing_for = attachments_pb2.SubmitAttachmentRequest
    answer = await visitor.post(NEW, data={**APPEAL, **form}, files=files(("яма.jpg", PHOTO)))
    assert answer.status_code == 303
    receipt = await visitor.get(answer.headers["location"])
    assert "4821 7730 0016" in receipt.text
    assert "не всі файли додано" in words(receipt)
    assert "яма.jpg" in receipt.text


async def test_a_form_cut_on_its_way_does_nothing(visitor: httpx.AsyncClient, house: House) -> None:
    form = {**APPEAL, **await hidden(visitor, NEW)}
    whole = visitor.build_request("POST", NEW, data=form, files=files(("яма.jpg", PHOTO)))
    body = whole.read()
    for cut in (len(body) // 2, len(body) - 20):
        kind = {"content-type": whole.headers["content-type"]}
        answer = await visitor.post(NEW, content=body[:cut], headers=kind)
        assert answer.status_code == 400
    assert (house.appeals, house.files) == ({}, {})


async def test_a_foreign_form_puts_no_file_down(visitor: httpx.AsyncClient, house: House) -> None:
    answer = await visitor.post(NEW, data={**APPEAL, "proof": "x.y"}, files=files(("яма.jpg", PHOTO)))
    assert answer.status_code == 403
    assert house.asked == []


async def test_a_resident_adds_files_by_the_code_and_sees_their_names(visitor: httpx.AsyncClient, house: House) -> None:
    await following(visitor)
    form = await hidden(visitor, STATUS)
    answer = await visitor.post(f"{STATUS}/files", data=form, files=files(("біля школи.jpg", PHOTO)))
    assert answer.headers["location"] == STATUS
    assert "біля школи.jpg" in (await visitor.get(STATUS)).text


@pytest.mark.parametrize(("data", "objection"), [(b"", "Виберіть файл"), (SVG, "Такий файл не приймаємо")])
async def test_what_a_resident_adds_amiss_is_told_at_the_field(
    visitor: httpx.AsyncClient, house: House, data: bytes, objection: str
) -> None:
    await following(visitor)
    name = "a.svg" if data else ""
    answer = await visitor.post(f"{STATUS}/files", data=await hidden(visitor, STATUS), files=files((name, data)))
    assert answer.status_code == 422
    assert objection in answer.text
    assert 'id="files-error"' in answer.text


async def test_files_that_cannot_be_listed_cost_only_their_part_of_the_page(
    visitor: httpx.AsyncClient, house: House
) -> None:
    await following(visitor)
    house.failing = failure(grpc.StatusCode.UNAVAILABLE)
    house.failing_for = attachments_pb2.ListSubmittedAttachmentsRequest
    page = await visitor.get(STATUS)
    assert page.status_code == 200
    assert "Файли зараз не показати" in words(page)


async def test_an_answered_appeal_asks_for_no_files(visitor: httpx.AsyncClient, house: House) -> None:
    await following(visitor)
    for appeal in house.appeals.values():
        appeal.state = pb.APPEAL_STATE_ANSWERED
    assert 'type="file"' not in (await visitor.get(STATUS)).text


async def test_the_office_writes_an_appeal_down_with_a_file(officer: httpx.AsyncClient, house: House) -> None:
    path = f"{OFFICE}/appeals/new"
    data = {**APPEAL, "channel": "phone", **await hidden(officer, path)}
    answer = await officer.post(path, data=data, files=files(("скан.pdf", PDF)))
    assert answer.status_code == 303
    assert names(house) == ["скан.pdf"]


async def test_the_case_shows_pictures_and_gives_files_out_as_downloads(
    officer: httpx.AsyncClient, house: House, case: str
) -> None:
    form = await hidden(officer, case)
    added = await officer.post(f"{case}/files", data=form, files=files(("Яма №1.jpg", PHOTO)))
    assert added.headers["location"].startswith(case)
    page = await officer.get(case)
    [link] = re.findall(rf'href="({case}/files/[^"]+)">Яма', page.text)
    assert f'<img src="{link}/thumbnail"' in page.text
    got = await officer.get(link)
    assert got.content == PHOTO
    assert got.headers["content-disposition"] == (
        "attachment; filename=\"file.jpg\"; filename*=UTF-8''%D0%AF%D0%BC%D0%B0%20%E2%84%961.jpg"
    )
    assert got.headers["content-length"] == str(len(PHOTO))
    small = await officer.get(f"{link}/thumbnail")
    for answer in (got, small):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["cache-control"] == "no-store"
    assert small.headers["content-type"] == "image/jpeg"


async def test_a_file_that_is_not_there_is_a_page(officer: httpx.AsyncClient, case: str) -> None:
    assert (await officer.get(f"{case}/files/{uuid4()}")).status_code == 404


async def test_a_file_is_taken_away_and_leaves_its_line(officer: httpx.AsyncClient, house: House, case: str) -> None:
    await officer.post(f"{case}/files", data=await hidden(officer, case), files=files(("чуже.pdf", PDF)))
    page = (await officer.get(case)).text
    [path] = re.findall(r'action="([^"]+/delete)"', page)
    form = {**await hidden(officer, case), "etag": "1"}
    assert (await officer.post(path, data={**form, "etag": "0"})).status_code == 422
    assert (await officer.post(path, data=form)).status_code == 303
    page = (await officer.get(case)).text
    assert "Файл прибрано" in page
    assert "чуже.pdf" not in page


async def test_who_may_not_register_adds_nothing(officer: httpx.AsyncClient, house: House, case: str) -> None:
    form = await hidden(officer, case)
    house.permissions = ("appeals.read",)
    assert 'type="file"' not in (await officer.get(case)).text
    assert (await officer.post(f"{case}/files", data=form, files=files(("a.pdf", PDF)))).status_code == 403


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a.pdf", "a.pdf"),
        ('a"; x=".pdf', "a x.pdf"),
        ("яма.jpg", "file.jpg"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
    ],
)
def test_a_files_name_cannot_leave_its_header(name: str, plain: str) -> None:
    said = disposition(name)
    assert said.startswith(f'attachment; filename="{plain}"; ')
    assert not re.search(r"[\r\n]", said)
