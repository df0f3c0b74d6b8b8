"""What is no appeal takes its own track before anything is registered."""

import re
from uuid import uuid4

import httpx
from kit.testing.pictures import picture
from spilno.reception.v1 import appeals_pb2, persons_pb2
from spilno.reception.v1 import triage_pb2 as pb
from web.testing import House

OFFICE = "/tatarbunary/office"
TYPED = {
    "channel": "phone",
    "kind": "application",
    "area": "order",
    "text": "Уночі в мене вкрали велосипед.",
    "name": "Іваненко Петро",
    "residence": "Татарбунари",
}


async def hidden(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    page = await browser.get(path)
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))


async def test_a_crime_is_not_registered_before_somebody_has_decided(officer: httpx.AsyncClient, house: House) -> None:
    new = f"{OFFICE}/appeals/new"
    form = {**await hidden(officer, new), **TYPED}
    asked = await officer.post(new, data=form)
    assert asked.status_code == 422
    assert "Заява про" in asked.text
    assert TYPED["text"] in asked.text.replace("\u00a0", " ")
    assert not any(isinstance(each, appeals_pb2.RegisterAppealRequest) for each in house.asked)
    assert (await officer.post(new, data={**form, "triage": "appeal"})).status_code == 303
    assert isinstance(house.asked[-1], appeals_pb2.RegisterAppealRequest)


async def test_a_handover_keeps_unit_and_number_alone(officer: httpx.AsyncClient, house: House) -> None:
    page = f"{OFFICE}/outside"
    form = {**await hidden(officer, page), "track": "crime", "unit": "Поліція", "record_number": "ЄО 1234"}
    assert (await officer.post(f"{page}/handover", data=form)).status_code == 303
    asked = house.asked[-1]
    assert (asked.track, asked.unit, asked.record_number) == (pb.TRACK_CRIME, "Поліція", "ЄО 1234")


async def test_a_tip_without_words_comes_back_at_its_field(officer: httpx.AsyncClient, house: House) -> None:
    page = f"{OFFICE}/outside"
    answer = await officer.post(f"{page}/tip", data={**await hidden(officer, page), "area": "order", "text": "ні"})
    assert answer.status_code == 422
    assert 'id="text-error"' in answer.text


async def test_what_was_sent_in_confidence_waits_without_a_number_and_becomes_a_sensitive_case(
    officer: httpx.AsyncClient, house: House
) -> None:
    house.permissions = (*house.permissions, "appeals.decide")
    new = "/tatarbunary/appeals/new"
    typed = {name: TYPED[name] for name in ("kind", "area", "text", "name", "residence")}
    form = {**await hidden(officer, new), **typed, "phone": "097 123 45 67", "confidential": "yes"}
    photo = [("files", ("a.jpg", picture(), "image/jpeg"))]
    receipt = await officer.get((await officer.post(new, data=form, files=photo)).headers["location"])
    assert "4821 7730 0099" in receipt.text
    assert "Номер звернення" not in receipt.text
    follow = "/tatarbunary/appeals/follow"
    await officer.post(follow, data={**await hidden(officer, follow), "code": "482177300099"})
    status = await officer.get("/tatarbunary/appeals/status")
    assert "вирішить, хто має діяти" in status.text.replace("\u00a0", " ")
    assert TYPED["text"] not in status.text
    assert "a.jpg" in status.text
    [waits] = house.sent
    waits.overdue, waits.due_on = True, "2026-11-23"
    waits.asked.append(persons_pb2.PERSON_REQUEST_KIND_ERASURE)
    waits.files.add(name=f"{waits.name}/attachments/{uuid4()}", filename="a.jpg", size=1000, has_thumbnail=True)
    listed = await officer.get(f"{OFFICE}/outside")
    assert "Чекає довше ніж робочий день" in listed.text.replace("\u00a0", " ")
    [address] = set(re.findall(r'href="([^"]*/submissions/[^"]+)"', listed.text))
    assert "Надіслане: вирішіть" in (await officer.get(OFFICE)).text.replace("\u00a0", " ")
    shown = await officer.get(address)
    file = f"{address}/files/{waits.files[0].name.rpartition('/')[2]}"
    assert f'src="{file}/thumbnail"' in shown.text
    for page in (listed, shown):
        assert "Людина просить про свої дані" in page.text.replace("\u00a0", " ")
    assert (await officer.get(file)).content == picture()
    sorting = {**await hidden(officer, address), "kind": "complaint", "area": "order"}
    refused = await officer.post(f"{address}/register", data=sorting)
    assert refused.status_code == 422
    assert 'id="sensitivity-error"' in refused.text
    registered = await officer.post(f"{address}/register", data={**sorting, "sensitivity": "requested"})
    assert registered.status_code == 303
    asked = next(each for each in reversed(house.asked) if isinstance(each, pb.RegisterSubmissionRequest))
    assert asked.kind == appeals_pb2.APPEAL_KIND_COMPLAINT
    assert (await officer.get(address)).status_code == 404
