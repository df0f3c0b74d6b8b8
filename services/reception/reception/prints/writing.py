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
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from xlsxwriter import Workbook

from reception.prints.rules import Sheet, Table

_TEMPLATE = (files("reception.prints") / "sheet.typ").read_bytes()
_FACE = "Times New Roman"
_PART_SHARES = (38, 62)
_XLSX_CHARACTERS = 180
"""How many stand beside each other in all columns of a table together."""


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
    width, height, left, right = (297, 210, 12, 10) if sheet.is_wide else (210, 297, 30, 10)
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.top_margin = section.bottom_margin = Mm(12 if sheet.is_wide else 20)
    _style(document, 9 if sheet.is_wide else 12)
    document.core_properties.title, document.core_properties.author = sheet.title, sheet.organisation
    document.core_properties.language = "uk-UA" if sheet.language == "uk" else "en-GB"
    document.add_paragraph(sheet.organisation)
    document.add_heading(sheet.title, 1)
    for said in sheet.paragraphs:
        document.add_paragraph(said)
    for heading, rows in sheet.parts:
        document.add_heading(heading, 2)
        _table(document, width - left - right, Table(("Графа", "Запис"), rows, _PART_SHARES))
    if sheet.table is not None:
        _table(document, width - left - right, sheet.table)
    _number(section.footer.paragraphs[0])
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _style(document: Written, size: int) -> None:
    """The face that offices write in, black: what is printed is a paper, not a screen."""
    for name, its_size in (("Normal", size), ("Heading 1", size + 4), ("Heading 2", size + 2)):
        style = document.styles[name]
        style.font.name, style.font.size = _FACE, Pt(its_size)
        style.font.color.rgb = RGBColor(0, 0, 0)
        faces = style.element.rPr.rFonts
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            faces.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            faces.set(qn(f"w:{script}"), _FACE)
        if name != "Normal":
            style.paragraph_format.space_after = Pt(size / 2)


def _table(document: Written, room: float, table_of: Table) -> None:
    """Its head stands on every page, and a row stays on one.

    Args:
        room: how wide it is, in millimetres.
    """
    columns, rows, shares = table_of.columns, table_of.rows, table_of.shares
    table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    table.autofit = False
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Mm(room * share / sum(shares))
    head = table.rows[0]
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell, text in zip(head.cells, columns, strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for row in rows:
        added = table.add_row()
        added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, text in zip(added.cells, row, strict=True):
            cell.text = text
    for row_of in table.rows:
        for cell, column in zip(row_of.cells, table.columns, strict=True):
            cell.width = column.width


def _number(paragraph: Paragraph) -> None:
    """Which page it is, and of how many."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for place, field in enumerate(("PAGE", "NUMPAGES")):
        if place:
            paragraph.add_run(" / ")
        simple = OxmlElement("w:fldSimple")
        simple.set(qn("w:instr"), field)
        paragraph._p.append(simple)


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
            for place, share in enumerate(sheet.table.shares):
                page.set_column(place, place, max(14, round(_XLSX_CHARACTERS * share / sum(sheet.table.shares))))
    return file.getvalue()


_WRITERS: dict[Format, Callable[[Sheet], bytes]] = {Format.PDF: _pdf, Format.DOCX: _docx, Format.XLSX: _xlsx}
