"""A sheet as a file: accessible PDF, DOCX for whoever edits it, XLSX for whoever counts."""

import json
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum, auto
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType

import typst
from docx import Document
from docx.document import Document as Written
from docx.shared import Mm, Pt
from xlsxwriter import Workbook

from reception.prints.rules import Sheet

_TEMPLATE = (files("reception.prints") / "sheet.typ").read_bytes()


class Format(StrEnum):
    PDF = auto()
    DOCX = auto()
    XLSX = auto()


CONTENT_TYPES = MappingProxyType(
    {
        Format.PDF: "application/pdf",
        Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)


def written(sheet: Sheet, format: Format) -> bytes:
    """The sheet in that format."""
    return _WRITERS[format](sheet)


def _pdf(sheet: Sheet) -> bytes:
    """PDF/UA-1: the reader of a blind person finds title, headings and cells."""
    inputs = {"sheet": json.dumps(asdict(sheet), ensure_ascii=False)}
    made = typst.compile(_TEMPLATE, format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"])
    if not isinstance(made, bytes):
        raise TypeError("one document is asked for, and one is made")
    return made


def _docx(sheet: Sheet) -> bytes:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = (Mm(297), Mm(210)) if sheet.is_wide else (Mm(210), Mm(297))
    section.left_margin, section.right_margin = Mm(12 if sheet.is_wide else 30), Mm(10)
    section.top_margin = section.bottom_margin = Mm(20)
    document.styles["Normal"].font.size = Pt(9 if sheet.is_wide else 12)
    document.core_properties.title, document.core_properties.author = sheet.title, sheet.organisation
    document.core_properties.language = "uk-UA" if sheet.language == "uk" else "en-GB"
    document.add_paragraph(sheet.organisation)
    document.add_heading(sheet.title, 1)
    for said in sheet.paragraphs:
        document.add_paragraph(said)
    for heading, rows in sheet.parts:
        document.add_heading(heading, 2)
        _table(document, ("Графа", "Запис"), rows)
    if sheet.table is not None:
        _table(document, sheet.table.columns, sheet.table.rows)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _table(document: Written, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, columns, strict=True):
        cell.text = text
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def _xlsx(sheet: Sheet) -> bytes:
    """Every cell is a text, and stays one when somebody edits it: no formula of a stranger is ever reckoned."""
    file = BytesIO()
    with Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": sheet.title, "author": sheet.organisation})
        page = book.add_worksheet("Звіт" if not sheet.is_wide else "Журнал")
        text, head = book.add_format({"quote_prefix": True, "text_wrap": True}), book.add_format({"bold": True})
        if sheet.table is not None:
            for place, column in enumerate(sheet.table.columns):
                page.write_string(0, place, column, head)
            for line, row in enumerate(sheet.table.rows, 1):
                for place, value in enumerate(row):
                    page.write_string(line, place, value, text)
            page.freeze_panes(1, 0)
            page.set_column(0, len(sheet.table.columns) - 1, 24)
    return file.getvalue()


_WRITERS: dict[Format, Callable[[Sheet], bytes]] = {Format.PDF: _pdf, Format.DOCX: _docx, Format.XLSX: _xlsx}
