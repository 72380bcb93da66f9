"""A paper as PDF (typst), as Word (python-docx) or as Excel."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.evaluations.documents.paper import Paper, Table, signed
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
    """The paper as a workbook: each table under the same heading, with place for signatures below; tables with the same
    columns are one, what each is about in its first column.
    """
    sheets = []
    for n, table in enumerate(_joined(paper.tables), start=1):
        text = paper.text if n == 1 else ()
        above = [[each] for each in (paper.number, *text, table.caption) if each]
        signing = [[signed(each) for each in paper.signing]] if paper.signing else []
        closing = "　".join(filter(None, (paper.office, paper.date)))
        below = [*([each] for each in paper.after), *signing, *([each] for each in (closing, *paper.remarks) if each)]
        rows = [[_as_number(cell) for cell in row] for row in table.rows]
        name = f"{n} {table.caption or paper.title}"
        sheets.append(Sheet(name, table.headings, rows, paper.title, above, below, table.is_summed))
    return workbook(sheets, title=paper.title)


def _joined(tables: Sequence[Table]) -> list[Table]:
    if len(tables) < 2 or any(list(each.headings) != list(tables[0].headings) for each in tables):
        return list(tables)
    rows = [[table.caption, *row] for table in tables for row in table.rows]
    with override(settings.LANGUAGE_CODE):
        about = _("类别")
    return [Table([about, *tables[0].headings], [4, *tables[0].widths], rows)]


def _as_number(cell: str | Decimal | int | None) -> str | Decimal | int | None:
    """Points and amounts with two decimals, also where they are whole."""
    return cell.quantize(Decimal("0.01")) if isinstance(cell, Decimal) else cell


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
