"""Prints over gRPC, read as whoever opens them reads them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import docx
import grpc
import pytest
from kit.clock import kyiv_date
from kit.rpc.client import Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.reception.v1 import appeals_pb2
from spilno.reception.v1 import prints_pb2 as pb
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub
from spilno.reception.v1.prints_pb2_grpc import PrintsStub

Opened = Callable[[], Awaitable[str]]

OFFICE = "Координаційний офіс безпеки"
FORMULA = '=HYPERLINK("http://evil.example","виграш")'
HOSTILE = f'{FORMULA} #import "x" $ \\ * _ [ ] <a>@b \u202eхитрість'


@pytest.fixture
async def office(reception: Ground, opened: Opened) -> AsyncIterator[tuple[Any, Any, str]]:
    """The prints and the register of an office, as its head uses them, and the office's name."""
    slug = await opened()
    may = ("appeals.read", "appeals.register", "appeals.take", "receptions.read", "appeals.decide")
    before = acting.set(Acting(reception.staff(slug, *may)[1], "uk"))
    async with reception.channel() as channel:
        yield PrintsStub(channel), AppealsStub(channel), f"hromadas/{slug}"
    acting.reset(before)


async def entered(appeals: Any, parent: str) -> appeals_pb2.Appeal:
    draft = appeals_pb2.AppealDraft(
        kind=appeals_pb2.APPEAL_KIND_APPLICATION,
        area=appeals_pb2.SAFETY_AREA_ROAD,
        applicant=appeals_pb2.Applicant(name=FORMULA[:60], residence="вул. Шевченка, 1", phone="+380971234567"),
        text=HOSTILE,
    )
    asked = appeals_pb2.RegisterAppealRequest(
        parent=parent, appeal=draft, channel=appeals_pb2.APPEAL_CHANNEL_POST, request_id=str(uuid4())
    )
    registered: appeals_pb2.RegisterAppealResponse = await appeals.RegisterAppeal(asked)
    return registered.appeal


async def test_a_card_is_an_accessible_pdf_whatever_people_wrote(office: tuple[Any, Any, str]) -> None:
    prints, appeals, parent = office
    appeal = await entered(appeals, parent)
    card = await prints.PrintAppealCard(
        pb.PrintAppealCardRequest(name=appeal.name, format=pb.DOCUMENT_FORMAT_PDF, organisation=OFFICE)
    )
    assert card.content.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in card.content
    assert b"pdfuaid" in card.content
    assert (card.file_name, card.content_type) == ("card-1-2026.pdf", "application/pdf")


async def test_a_card_in_docx_says_the_same_and_its_title(office: tuple[Any, Any, str]) -> None:
    prints, appeals, parent = office
    appeal = await entered(appeals, parent)
    card = await prints.PrintAppealCard(
        pb.PrintAppealCardRequest(name=appeal.name, format=pb.DOCUMENT_FORMAT_DOCX, organisation=OFFICE)
    )
    read = docx.Document(BytesIO(card.content))
    said = {row.cells[0].text: row.cells[1].text for table in read.tables for row in table.rows}
    assert said["Реєстраційний індекс"] == appeal.number
    assert said["Основні питання: зміст"].startswith(FORMULA)
    assert read.core_properties.title.endswith(appeal.number)


async def test_no_formula_of_a_stranger_is_reckoned_in_a_journal(office: tuple[Any, Any, str]) -> None:
    prints, appeals, parent = office
    await entered(appeals, parent)
    day = (await appeals.ListAppeals(appeals_pb2.ListAppealsRequest(parent=parent))).appeals[0].received_at
    today = kyiv_date(day.ToDatetime(UTC)).isoformat()
    journal = await prints.PrintAppealJournal(
        pb.PrintAppealJournalRequest(
            parent=parent, from_day=today, to_day=today, format=pb.DOCUMENT_FORMAT_XLSX, organisation=OFFICE
        )
    )
    with ZipFile(BytesIO(journal.content)) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "<f>" not in page
    assert "HYPERLINK" in texts
    assert 'quotePrefix="1"' in styles
    assert "xl/worksheets/_rels" not in str(book.namelist())


@pytest.mark.parametrize("format", [pb.DOCUMENT_FORMAT_PDF, pb.DOCUMENT_FORMAT_DOCX, pb.DOCUMENT_FORMAT_XLSX])
async def test_the_report_and_the_journals_come_in_every_format(
    office: tuple[Any, Any, str], format: "pb.DocumentFormat.ValueType"
) -> None:
    prints, appeals, parent = office
    await entered(appeals, parent)
    period: dict[str, Any] = {
        "from_day": "2026-11-01",
        "to_day": "2027-01-31",
        "format": format,
        "organisation": OFFICE,
    }
    for printed in (
        await prints.PrintReport(pb.PrintReportRequest(parent=parent, **period)),
        await prints.PrintAppealJournal(pb.PrintAppealJournalRequest(parent=parent, **period)),
        await prints.PrintReceptionJournal(pb.PrintReceptionJournalRequest(parent=parent, **period)),
    ):
        assert printed.content


async def test_a_period_that_ends_before_it_begins_is_told_at_its_field(office: tuple[Any, Any, str]) -> None:
    prints, _, parent = office
    asked = pb.PrintReportRequest(
        parent=parent,
        from_day="2026-02-01",
        to_day="2026-01-01",
        format=pb.DOCUMENT_FORMAT_PDF,
        organisation=OFFICE,
    )
    with pytest.raises(Failure) as failure:
        await prints.PrintReport(asked)
    assert (failure.value.code, list(failure.value.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, ["to_day"])


async def test_the_receipt_is_one_page_for_the_persons_copy(office: tuple[Any, Any, str]) -> None:
    prints, appeals, parent = office
    appeal = await entered(appeals, parent)
    receipt = await prints.PrintReceipt(pb.PrintReceiptRequest(name=appeal.name, organisation=OFFICE))
    assert receipt.content.startswith(b"%PDF-")
