"""A paper as a Word file, in the look of official documents: title, number, body in 仿宋, the office and the day on the right.

The fonts are named, not embedded: a machine without them shows its own.
"""

import io
from decimal import Decimal

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from xinglin.evaluations.documents.paper import Paper, Table, signed

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BODY, TITLE = "仿宋", "方正小标宋简体"
RED = RGBColor(0xC8, 0x10, 0x2E)
_LONG, _SHORT = Cm(29.7), Cm(21.0)


def word_of(paper: Paper) -> bytes:
    """The paper as .docx."""
    file = Document()
    section = file.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if paper.is_wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (_LONG, _SHORT) if paper.is_wide else (_SHORT, _LONG)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    section.top_margin, section.bottom_margin = Cm(3.0), Cm(2.5)
    file.core_properties.title, file.core_properties.author = paper.title, paper.office
    if paper.is_issued and paper.office:
        _line(file.add_paragraph(), paper.office, size=26, font=TITLE, align=ALIGN.CENTER, colour=RED)
    if paper.number:
        numbered = file.add_paragraph()
        _line(numbered, paper.number, size=14 if paper.is_issued else 11, align=ALIGN.CENTER)
        if paper.is_issued:
            _rule(numbered)
    _line(file.add_paragraph(), paper.title, size=20 if paper.is_issued else 18, font=TITLE, align=ALIGN.CENTER)
    size = 16 if paper.is_issued else 11
    if paper.to:
        _line(file.add_paragraph(), paper.to, size=size)
    for each in paper.text:
        _line(file.add_paragraph(), each, size=size, indent=2)
    for table in paper.tables:
        _table(file, table, size=14 if paper.is_issued else 10)
    for each in paper.after:
        _line(file.add_paragraph(), each, size=size, indent=2)
    if paper.signing:
        _line(
            file.add_paragraph(),
            "　　　　".join(map(signed, paper.signing)),
            size=12,
        )
    for each in (paper.office, paper.date):
        if each and paper.date:
            _line(file.add_paragraph(), f"{each}　　", size=size, align=ALIGN.RIGHT)
    for each in paper.remarks:
        _line(file.add_paragraph(), each, size=9, align=ALIGN.RIGHT)
    _numbered(section.footer.paragraphs[0], size=14 if paper.is_issued else 9)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _line(
    paragraph: Paragraph, text: str, *, size: float, font: str = BODY, align: ALIGN = ALIGN.LEFT, indent: int = 0,
    colour: RGBColor | None = None, bold: bool = False,
) -> None:  # fmt: skip
    """`indent`: characters at the beginning of the first line."""
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(4)
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(size * indent)
    run = paragraph.add_run(text)
    run.font.size, run.font.name, run.font.bold = Pt(size), font, bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if colour is not None:
        run.font.color.rgb = colour


def _numbered(paragraph: Paragraph, *, size: float) -> None:
    """The number of the page, as official documents write it: — 1 —."""
    _line(paragraph, "— ", size=size, align=ALIGN.CENTER)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)
    _line(paragraph, " —", size=size, align=ALIGN.CENTER)


def _rule(paragraph: Paragraph) -> None:
    """A red line below a paragraph."""
    border = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", "C8102E")):
        bottom.set(qn(f"w:{key}"), value)
    border.append(bottom)
    paragraph._p.get_or_add_pPr().append(border)


def _table(file: "Document", table: Table, *, size: float) -> None:  # type: ignore[valid-type]
    if table.caption:
        _line(file.add_paragraph(), table.caption, size=size + 1, bold=True)  # type: ignore[attr-defined]
    made = file.add_table(rows=1, cols=len(table.headings), style="Table Grid")  # type: ignore[attr-defined]
    section = file.sections[0]  # type: ignore[attr-defined]
    width = section.page_width - section.left_margin - section.right_margin
    made.autofit = False
    for index, heading in enumerate(table.headings):
        _line(made.rows[0].cells[index].paragraphs[0], heading, size=size, align=ALIGN.CENTER, bold=True)
    head = made.rows[0]._tr.get_or_add_trPr()
    head.append(OxmlElement("w:tblHeader"))  # repeated on each page
    for n, cells in enumerate(table.rows, start=1):
        is_sum = table.is_summed and n == len(table.rows)
        row = made.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for index, cell in enumerate(cells):
            is_number = isinstance(cell, Decimal)
            text = "" if cell is None else f"{cell:,.2f}" if is_number else str(cell)
            align = ALIGN.RIGHT if is_number else ALIGN.LEFT
            _line(row.cells[index].paragraphs[0], text, size=size, align=align, bold=is_sum)
    for row in made.rows:
        for index, share in enumerate(table.widths):
            row.cells[index].width = int(width * share / sum(table.widths))
    file.add_paragraph()  # type: ignore[attr-defined]
