"""Writing a table: the layout an import reads, as a workbook or as CSV."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import xlsxwriter
from django.utils import translation

from xinglin.network.exchange.base import Table
from xinglin.web.sheets.escaping import escape

CSV = "text/csv; charset=utf-8"


def headings(table: Table) -> list[str]:
    """Chinese always, so that a file reads back anywhere; required columns carry a star."""
    with translation.override("zh-hans"):
        return [f"{column.label}{'*' if column.required else ''}" for column in table.columns]


def _cells(table: Table, values: Mapping[str, Any]) -> list[Any]:
    written = (column.write(values.get(column.key)) for column in table.columns)
    return [escape(each) if isinstance(each, str) else each for each in written]


def as_csv(table: Table, rows: Iterable[Mapping[str, Any]]) -> bytes:
    """UTF-8 with a mark: spreadsheets then show Chinese as Chinese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings(table))
    for values in rows:
        writer.writerow(["" if each is None else each for each in _cells(table, values)])
    return text.getvalue().encode("utf-8-sig")


def as_workbook(table: Table, rows: Iterable[Mapping[str, Any]], *, notes: Iterable[str] = ()) -> bytes:
    """One sheet with the table; text cells are text, whatever they look like. `notes` go to a second sheet."""
    buffer = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(buffer, options)
    with translation.override("zh-hans"):
        sheet = book.add_worksheet(str(table.title))
    bold = book.add_format({"bold": True, "bg_color": "#E4EFE9", "border": 1})
    as_text = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 1)
    for index, heading in enumerate(headings(table)):
        sheet.set_column(index, index, max(12, 2 * len(heading) + 2), as_text)
        sheet.write_string(0, index, heading, bold)
    for number, values in enumerate(rows, start=1):
        for index, cell in enumerate(_cells(table, values)):
            if isinstance(cell, int | float):
                sheet.write_number(number, index, cell)
            elif cell not in (None, ""):
                sheet.write_string(number, index, str(cell), as_text)
    _write_notes(book, notes)
    book.close()
    return buffer.getvalue()


def _write_notes(book: Any, notes: Iterable[str]) -> None:
    notes = list(notes)
    if not notes:
        return
    sheet = book.add_worksheet("填写说明")
    sheet.set_column(0, 0, 90)
    for number, note in enumerate(notes):
        sheet.write_string(number, 0, note)


def template(table: Table) -> bytes:
    """An empty table with one row as an example and the words a column takes."""
    sample = {column.key: _sample(column) for column in table.columns}
    notes = ["第一行是表头，不要改动；第二行是示例，填写前删除。带*的列必填。日期写成2026-01-31。"]
    return as_workbook(table, [sample], notes=[*notes, *_words(table)])


def _sample(column: Any) -> Any:
    return column.read(column.sample) if column.sample else None


def _words(table: Table) -> Iterable[str]:
    from xinglin.network.models import Division, Equipment, Facility, Membership

    choices = {
        "kind": Facility.Kind.choices if table.key == "facilities" else (), "tier": Facility.Tier.choices,
        "status": Facility.Status.choices, "level": Division.Level.choices, "state": Equipment.State.choices,
        "role": Membership.Role.choices,
    }  # fmt: skip
    with translation.override("zh-hans"):
        for column in table.columns:
            if words := choices.get(column.key):
                yield f"{column.label}：{'、'.join(str(label) for _value, label in words)}"


def file_name(table: Table, extension: str, on: date) -> str:
    """A name in plain letters for the download."""
    return f"xinglin-{table.key}-{on:%Y%m%d}.{extension}"
