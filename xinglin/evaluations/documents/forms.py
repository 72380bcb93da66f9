"""A paper as PDF (typst), as Word (python-docx) or as Excel."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.http import HttpResponse

from xinglin.evaluations.documents.paper import Paper, Table
from xinglin.evaluations.documents.word import DOCX, word_of
from xinglin.platform.errors import NotVisible
from xinglin.web import documents
from xinglin.web.answers import download
from xinglin.web.sheets import XLSX, Sheet, workbook

TEMPLATE = "evaluations/paper.typ"
PDF = "application/pdf"


def written(cell: str | Decimal | int | None) -> str:
    """A cell as it is printed."""
    if cell is None:
        return ""
    return f"{cell:,.2f}" if isinstance(cell, Decimal) else str(cell)


def _table(table: Table) -> dict[str, object]:
    return {
        "caption": table.caption, "headings": list(table.headings), "widths": list(table.widths), "summed": table.is_summed,
        "rows": [[[written(cell), isinstance(cell, Decimal)] for cell in row] for row in table.rows],
    }  # fmt: skip


def pdf_of(paper: Paper) -> bytes:
    """The paper as PDF."""
    data = {
        "language": "zh", "title": paper.title, "office": paper.office, "number": paper.number, "to": paper.to,
        "text": list(paper.text), "tables": [_table(each) for each in paper.tables], "after": list(paper.after),
        "signing": list(paper.signing), "date": paper.date, "issued": paper.is_issued, "wide": paper.is_wide,
        "remarks": list(paper.remarks),
    }  # fmt: skip
    return documents.render(documents.source_of(TEMPLATE), data)


def sheets_of(paper: Paper) -> bytes:
    """The paper as a workbook: a sheet for each table, with place for signatures below."""
    sheets = []
    for n, table in enumerate(paper.tables, start=1):
        title = table.caption or paper.title
        below = (*paper.text, *paper.signing) if n == 1 else ()
        rows: list[Sequence[object]] = [*table.rows, [], *([each] for each in below)]
        sheets.append(Sheet(f"{n} {title}", table.headings, rows))
    return workbook(sheets)


#: How each form is made, and what it is called.
FORMS: dict[str, tuple[Callable[[Paper], bytes], str]] = {
    "pdf": (pdf_of, PDF),
    "docx": (word_of, DOCX),
    "xlsx": (sheets_of, XLSX),
}


def paper_response(paper: Paper, form: str) -> HttpResponse:
    """A paper to keep. :raises NotVisible: there is no such form"""
    if form not in FORMS:
        raise NotVisible("evaluations.form", form[:10])
    make, media_type = FORMS[form]
    return download(make(paper), f"{paper.name}.{form}", media_type=media_type)
