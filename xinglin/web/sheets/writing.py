"""A workbook of plain sheets: figures and lists that are looked at, or brought back by a reader of their own."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from xinglin.web.sheets.escaping import escape

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title, headings and rows of texts and numbers (None: no data)."""

    title: str
    headings: Sequence[object]
    rows: Iterable[Sequence[Any]]


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """The sheets as .xlsx; text cells are text, whatever they look like."""
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    bold = book.add_format({"bold": True, "bg_color": "#E4EFE9", "border": 1})
    as_text = book.add_format({"num_format": "@"})
    for each in sheets:
        sheet = book.add_worksheet(each.title[:31])
        sheet.freeze_panes(1, 0)
        for index, heading in enumerate(each.headings):
            sheet.set_column(index, index, max(12, 2 * len(str(heading)) + 2))
            sheet.write_string(0, index, str(heading), bold)
        for number, cells in enumerate(each.rows, start=1):
            for index, cell in enumerate(cells):
                if isinstance(cell, int | float) and not isinstance(cell, bool):
                    sheet.write_number(number, index, cell)
                elif cell not in (None, ""):
                    sheet.write_string(number, index, escape(str(cell)), as_text)
    book.close()
    return buffer.getvalue()
