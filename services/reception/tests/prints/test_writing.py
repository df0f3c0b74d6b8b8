"""Sheets as files for whoever edits them."""

from io import BytesIO

import docx
from docx.oxml.ns import qn
from reception.prints.rules import Sheet, Table
from reception.prints.writing import Format, written

LINES = tuple((str(number), "Ліхтар не світить") for number in range(1, 60))
JOURNAL = Sheet("Журнал", "Офіс", table=Table(("Номер", "Що"), LINES, (1, 4)), is_wide=True)


def test_in_docx_the_head_of_a_journal_stands_on_every_page_and_a_row_on_one() -> None:
    [table] = docx.Document(BytesIO(written(JOURNAL, Format.DOCX))).tables
    head, *rows = table.rows
    assert head._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    assert all(run.bold for cell in head.cells for run in cell.paragraphs[0].runs)


def test_in_docx_a_column_is_as_wide_as_its_share() -> None:
    [table] = docx.Document(BytesIO(written(JOURNAL, Format.DOCX))).tables
    for row in table.rows:
        narrow, wide = (cell.width for cell in row.cells)
        assert narrow is not None
        assert wide is not None
        assert abs(wide / narrow - 4) < 0.01


def test_a_docx_says_which_page_it_is_in_the_face_of_offices() -> None:
    document = docx.Document(BytesIO(written(JOURNAL, Format.DOCX)))
    footer = document.sections[0].footer.paragraphs[0]
    assert [each.get(qn("w:instr")) for each in footer._p.findall(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    heading = document.styles["Heading 1"]
    assert heading.font.name == "Times New Roman"
    assert heading.element.rPr.rFonts.get(qn("w:asciiTheme")) is None
