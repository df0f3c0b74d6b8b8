"""The operator's pages of handing over: counts and digests, a file in and out, an erasure that is confirmed."""

import re

import grpc
import httpx
from spilno.identity.v1 import archives_pb2 as pb
from web.testing import House
from web.testing_answers import failure
from web.testing_archives import BROUGHT, DIGEST, ERASURE, KEY, MADE

HANDOVER = "/operator/hromadas/tatarbunary/handover"
ERASE = "/operator/hromadas/tatarbunary/erase"
SHUT = "/operator/hromadas/tatarbunary/suspend"


async def hidden(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    page = await browser.get(path)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


async def test_the_operator_sees_how_much_there_is_and_its_digest(operator: httpx.AsyncClient) -> None:
    page = (await operator.get(HANDOVER)).text
    assert DIGEST in page
    assert re.search(r"1.240", page)
    assert re.search(r"5,1.МБ", page)


async def test_of_an_open_hromada_no_archive_is_made(operator: httpx.AsyncClient) -> None:
    assert "Спершу призупиніть громаду" in (await operator.get(HANDOVER)).text


async def test_digests_are_compared_however_they_were_copied(operator: httpx.AsyncClient) -> None:
    assert "Однакові" in (await operator.get(HANDOVER, params={"digest": f" {DIGEST.upper()} "})).text
    assert "Різні" in (await operator.get(HANDOVER, params={"digest": "cd" * 32})).text


async def test_an_archive_is_made_for_a_recipient(operator: httpx.AsyncClient, house: House) -> None:
    house.suspended.add("hromadas/tatarbunary")
    form = await hidden(operator, HANDOVER)
    begun = await operator.post(HANDOVER, data={**form, "recipient": KEY})
    assert (begun.status_code, begun.headers["location"]) == (303, f"/operator/{MADE.name}")
    refused = await operator.post(HANDOVER, data={**form, "recipient": "age1x"})
    assert refused.status_code == 422
    assert 'href="#recipient"' in refused.text


async def test_an_archive_is_downloaded_whole_with_its_size(operator: httpx.AsyncClient) -> None:
    file = await operator.get(f"/operator/{MADE.name}/file")
    assert (file.content, file.headers["content-length"]) == (b"0000100002", "10")
    assert "tatarbunary-" in file.headers["content-disposition"]
    assert (await operator.get(f"/operator/{BROUGHT.name}/file")).status_code == 404


async def test_an_archive_is_brought_in_pieces(operator: httpx.AsyncClient, house: House) -> None:
    form, body = await hidden(operator, "/operator/archives"), b"x" * 1_200_000
    sent = await operator.post("/operator/archives/upload", data=form, files={"file": ("a.age", body)})
    assert (sent.status_code, sent.headers["location"]) == (303, f"/operator/{BROUGHT.name}")
    assert [len(house.brought[number]) for number in (1, 2, 3)] == [524_288, 524_288, 151_424]


async def test_without_a_file_the_form_says_so(operator: httpx.AsyncClient) -> None:
    form = await hidden(operator, "/operator/archives")
    refused = await operator.post("/operator/archives/upload", data=form, files={"file": ("", b"")})
    assert refused.status_code == 422
    assert "Виберіть файл архіву" in refused.text


async def test_a_form_of_another_site_brings_nothing(operator: httpx.AsyncClient, house: House) -> None:
    sent = await operator.post("/operator/archives/upload", files={"file": ("a.age", b"x")})
    assert sent.status_code == 403
    assert not house.brought


async def test_a_refused_archive_says_where_it_is_damaged(operator: httpx.AsyncClient, house: House) -> None:
    house.archives[BROUGHT.name] = pb.Archive(
        name=BROUGHT.name,
        brought=True,
        state=pb.ARCHIVE_STATE_REFUSED,
        trouble=pb.ARCHIVE_TROUBLE_DAMAGED,
        place="reception/appeal/00003.jsonl",
    )
    page = await operator.get(f"/operator/{BROUGHT.name}")
    assert "Архів пошкоджено: reception/appeal/00003.jsonl" in page.text
    assert "refresh" not in page.headers


async def test_the_heads_link_is_shown_once(operator: httpx.AsyncClient) -> None:
    form = await hidden(operator, f"/operator/{BROUGHT.name}")
    assert "recovery/secret" in (await operator.post("/operator/hromadas/tatarbunary/heads", data=form)).text


async def test_erasing_asks_for_the_address_and_the_digest(operator: httpx.AsyncClient, house: House) -> None:
    form = await hidden(operator, ERASE)
    empty = await operator.post(ERASE, data=form)
    assert (empty.status_code, empty.text.count("govuk-form-group--error")) == (422, 2)
    done = await operator.post(ERASE, data={**form, "confirmation": "tatarbunary", "digest": DIGEST})
    assert done.headers["location"] == f"/operator/{ERASURE.name}"
    house.failing = failure(grpc.StatusCode.INVALID_ARGUMENT, digest="Відбиток інший")
    house.failing_for = pb.BeginErasureRequest
    refused = await operator.post(ERASE, data={**form, "confirmation": "tatarbunary", "digest": "cd"})
    assert 'href="#digest">Відбиток інший' in refused.text


async def test_an_erasure_names_whom_it_waits_for(operator: httpx.AsyncClient) -> None:
    page = await operator.get(f"/operator/{ERASURE.name}")
    assert page.headers["refresh"]
    assert page.text.count("Чекає") == 2
