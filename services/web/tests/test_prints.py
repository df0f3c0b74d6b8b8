import httpx
from spilno.reception.v1 import prints_pb2 as pb
from web.testing import House

PRINTS = "/tatarbunary/office/prints"
CARD = "/tatarbunary/office/appeals/0198c0de-0000-7000-8000-0000000000a9/card"


async def test_a_card_comes_as_a_file_with_the_offices_name_at_its_head(
    officer: httpx.AsyncClient, house: House
) -> None:
    answer = await officer.get(f"{CARD}?format=docx")
    assert answer.headers["content-disposition"] == 'attachment; filename="card-1-2026.pdf"'
    assert (house.asked[-1].format, house.asked[-1].organisation) == (
        pb.DOCUMENT_FORMAT_DOCX,
        "Татарбунарська громада",
    )
    assert (await officer.get(f"{CARD}?format=exe")).status_code == 404


async def test_the_month_before_is_offered_and_another_may_be_chosen(officer: httpx.AsyncClient, house: House) -> None:
    assert "31.10.2026" in (await officer.get(PRINTS)).text
    chosen = f"{PRINTS}/file?what=appeals&from=01.09.2026&to=30.09.2026&format=xlsx"
    assert (await officer.get(chosen)).content == b"%PDF-"
    asked = house.asked[-1]
    assert isinstance(asked, pb.PrintAppealJournalRequest)
    assert (asked.from_day, asked.to_day) == ("2026-09-01", "2026-09-30")


async def test_a_day_that_is_none_comes_back_at_its_field(officer: httpx.AsyncClient) -> None:
    page = await officer.get(f"{PRINTS}/file?what=report&from=31.02.2026&to=30.09.2026&format=pdf")
    assert 'id="from-error"' in page.text
    assert "31.02.2026" in page.text
