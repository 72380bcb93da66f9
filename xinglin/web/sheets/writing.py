"""A workbook of plain sheets: figures and lists that are looked at, handed in on paper, or brought back by a reader of their own."""

import io
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from xinglin.web.sheets.escaping import escape

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Widths of columns, in digits; a longer text is broken into lines. A sheet wider than a page upright is printed lying.
LEAST, MOST, MOST_OF_HEADING, UPRIGHT = 8, 44, 18, 92
#: Height of a line of text of 11 and of 16 points.
LINE, TALL = 15.5, 26
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_A4 = 9


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its title, headings and rows of texts and numbers (None: no data).

    With a `heading` it is a paper: the heading and the lines `above` stand over the table, those `below` under it, a line being
    texts side by side across the whole width. Without, the headings are its first row, as who reads it back expects.
    `is_summed`: the last row is in bold.
    """

    title: str
    headings: Sequence[object]
    rows: Iterable[Sequence[Any]]
    heading: str = ""
    above: Sequence[Sequence[str]] = ()
    below: Sequence[Sequence[str]] = ()
    is_summed: bool = False


def workbook(sheets: Iterable[Sheet], *, title: str = "", created: datetime | None = None) -> bytes:
    """The sheets as .xlsx; text cells are text, whatever they look like. With `created` the same sheets give the same bytes."""
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    if title or created:
        book.set_properties({"title": title} | ({"created": created} if created else {}))
    looks, names = _Looks(book), set[str]()
    for each in sheets:
        _write(book.add_worksheet(_name(each.title, names)), each, looks)
    book.close()
    return buffer.getvalue()


def _name(title: str, taken: set[str]) -> str:
    """A name a workbook accepts, and has only once."""
    plain = title.translate(_FORBIDDEN).strip("' ") or "-"
    name, n = plain[:31], 1
    while name.lower() in taken:
        n += 1
        name = f"{plain[:27]} {n}"
    taken.add(name.lower())
    return name


class _Looks:
    """Formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book, self._made = book, dict[tuple[Any, ...], Any]()

    def of(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]


def _write(sheet: Any, each: Sheet, looks: _Looks) -> None:
    rows = [list(cells) for cells in each.rows]
    widths = _widths([str(one) for one in each.headings], rows)
    for index, width in enumerate(widths):
        sheet.set_column(index, index, width)
    top = 0
    if each.heading:
        _across(
            sheet, 0, (each.heading,), widths, looks.of(bold=True, font_size=16, align="center", valign="vcenter"), TALL
        )
        top = 1
        for line in each.above:
            _across(sheet, top, line, widths, looks.of(text_wrap=True, valign="top"), LINE)
            top += 1
    head = looks.of(bold=True, bg_color="#E4EFE9", border=1, align="center", valign="vcenter", text_wrap=True)
    for index, heading in enumerate(each.headings):
        sheet.write_string(top, index, escape(str(heading)), head)
    for number, cells in enumerate(rows, start=1):
        strong = {"bold": True} if each.is_summed and number == len(rows) else {}
        _row(sheet, top + number, cells, looks, strong | ({"border": 1} if each.heading else {}))
    for number, line in enumerate(each.below, start=top + len(rows) + 2):
        _across(sheet, number, line, widths, looks.of(text_wrap=True, valign="top"), LINE)
    _print(sheet, top, lying=sum(widths) > UPRIGHT)


def _row(sheet: Any, number: int, cells: Sequence[Any], looks: _Looks, look: dict[str, Any]) -> None:
    for index, cell in enumerate(cells):
        if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
            sheet.write_number(number, index, cell, looks.of(num_format=_pattern(cell), valign="top", **look))
        elif cell not in (None, ""):
            style = looks.of(num_format="@", text_wrap=True, valign="top", **look)
            sheet.write_string(number, index, escape(str(cell)), style)
        elif look:
            sheet.write_blank(number, index, None, looks.of(**look))


def _pattern(number: float | Decimal) -> str:
    """A decimal is shown with its own places, any other number with two where it is not whole."""
    if isinstance(number, Decimal):
        places = max(0, -int(number.as_tuple().exponent))
        return "#,##0" + ("." + "0" * places if places else "")
    return "General" if isinstance(number, int) or float(number).is_integer() else "#,##0.00"


def _across(sheet: Any, row: int, line: Sequence[str], widths: Sequence[float], look: Any, height: float) -> None:
    """Texts side by side over all columns, each beginning where its share of the width does."""
    whole, starts = sum(widths), [0]
    for n in range(1, len(line)):
        at = next(
            (index for index in range(len(widths)) if sum(widths[:index]) >= whole * n / len(line)), len(widths) - 1
        )
        starts.append(max(at, starts[-1] + 1))
    n_lines = 1
    for text, start, end in zip(line, starts, [*starts[1:], max(len(widths), starts[-1] + 1)], strict=True):
        room = sum(widths[start:end]) or LEAST
        n_lines = max(n_lines, math.ceil(_width(text) * (1.6 if height == TALL else 1) / room))
        if end - start > 1:
            sheet.merge_range(row, start, row, end - 1, "", look)
        sheet.write_string(row, start, escape(text), look)
    sheet.set_row(row, height * n_lines)


def _widths(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[float]:
    """How wide each column has to be for what stands in it."""
    n = max([len(headings), *map(len, rows)], default=1)
    found = []
    for index in range(max(n, 1)):
        heads = _width(headings[index]) if index < len(headings) else 0
        longest = max((_width(_shown(cells[index])) for cells in rows if index < len(cells)), default=0)
        found.append(float(min(max(LEAST, min(heads, MOST_OF_HEADING) + 2, longest + 2), MOST)))
    return found


def _shown(cell: Any) -> str:
    return f"{cell:,.2f}" if isinstance(cell, float | Decimal) else "" if cell is None else str(cell)


def _width(text: str) -> int:
    """Of the longest line; a Chinese sign is as wide as two digits."""
    return max(
        (sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line) for line in text.splitlines()),
        default=0,
    )


def _print(sheet: Any, head: int, *, lying: bool) -> None:
    """As wide as one page of A4, the headings on each page, its number below."""
    sheet.freeze_panes(head + 1, 0)
    sheet.set_paper(_A4)
    if lying:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.set_footer("&C&P / &N")
