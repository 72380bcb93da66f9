"""A table as a workbook: text cells are text, whatever they look like, and figures are figures."""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter
from django.http import HttpResponse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Neither formulas nor links are made out of what people typed.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
Cell = str | int | float | None


def as_workbook(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> bytes:
    """Sheets as (title, headings, rows); an empty cell is unknown, never 0."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    bold = book.add_format({"bold": True, "bg_color": "#E4EFE9", "border": 1})
    for title, headings, rows in sheets:
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 1)
        for index, heading in enumerate(headings):
            sheet.set_column(index, index, max(12, 2 * len(heading) + 2))
            sheet.write_string(0, index, heading, bold)
        for number, cells in enumerate(rows, start=1):
            for index, cell in enumerate(cells):
                if isinstance(cell, int | float):
                    sheet.write_number(number, index, cell)
                elif cell:
                    sheet.write_string(number, index, cell)
    book.close()
    return buffer.getvalue()


def workbook_response(content: bytes, name: str) -> HttpResponse:
    """A workbook to keep; `name` says what it is, of no person."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    response["Cache-Control"] = "no-store"
    return response
