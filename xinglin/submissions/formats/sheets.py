"""A sheet in the layout of a return: its header rows, its columns in their order, its total, its encoding."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from xinglin.indicators import api as indicators
from xinglin.indicators.api import WHOLE, Period
from xinglin.submissions.formats.made import Made, part_of
from xinglin.submissions.forms import Form, FormColumn
from xinglin.submissions.models import Cell
from xinglin.web.sheets.escaping import escape
from xinglin.web.sheets.writing import XLSX, Sheet, workbook

#: A workbook notes when it was made; the same cells must give the same bytes.
MADE_AT = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)
Row = list[Any]


def rows_of(form: Form, period: Period, cells: Sequence[Cell]) -> Iterator[Row]:
    """Lines below the header: texts, numbers, None for no data."""
    ordered = sorted(cells, key=lambda each: each.place)
    if form.by_items:
        for number, cell in enumerate(ordered, 1):
            yield [_of_item(form, each, cell, number, period) for each in form.columns]
        return
    for number, (unit, group) in enumerate(groupby(ordered, key=lambda each: each.unit), 1):
        of = {each.item: each for each in group}
        first = next(iter(of.values()))
        is_total = unit == WHOLE and form.level != "county"
        yield [_of_unit(form, each, of, first, "" if is_total else str(number), period) for each in form.columns]


def _of_unit(form: Form, column: FormColumn, of: dict[str, Cell], first: Cell, number: str, period: Period) -> Any:
    if column.item:
        return part_of(form, of[column.item], column.part)
    fields = {"number": number, "unit.code": first.unit_code, "unit.name": first.unit_name, "period": period.text}
    return fields[column.source] if column.source else column.constant


def _of_item(form: Form, column: FormColumn, cell: Cell, number: int, period: Period) -> Any:
    item = form.item(cell.item)
    if column.source in {"value", "numerator", "denominator"}:
        return part_of(form, cell, column.source)
    fields = {
        "number": str(number), "unit.code": cell.unit_code, "unit.name": cell.unit_name, "period": period.text,
        "item.code": str(item.indicator.content.get("code", item.name)), "item.title": item.indicator.definition.title_zh,
        "item.unit": str(indicators.UNITS.get(item.indicator.unit, item.indicator.unit)),
        "note": "" if cell.value is not None else "无数据",
    }  # fmt: skip
    return fields[column.source] if column.source else column.constant


def header_of(form: Form, period: Period, cells: Sequence[Cell]) -> list[list[str]]:
    """Lines above the columns."""
    return lines_of(form, period, cells, form.header)


def lines_of(form: Form, period: Period, cells: Sequence[Cell], lines: Sequence[Sequence[str]]) -> list[list[str]]:
    """Lines of a form, with the period, the county and the authority put in."""
    code, name = indicators.units_of("county", period.text)[0].code, indicators.units_of("county", period.text)[0].name
    given = {
        "title": form.definition.title_zh, "period": period.text, "first": period.first.isoformat(),
        "last": period.last.isoformat(), "county": name, "county_code": code, "authority": form.authority,
        "year": period.text[:4], "n": str(len({each.unit for each in cells})),
    }  # fmt: skip
    return [[_filled(text, given) for text in line] for line in lines]


def _filled(text: str, given: dict[str, str]) -> str:
    for key, value in given.items():
        text = text.replace("{" + key + "}", value)
    return text


def as_csv(form: Form, period: Period, cells: Sequence[Cell]) -> Made:
    """As CSV in the encoding of the form; a character it cannot hold becomes a question mark nowhere: GB18030 holds all."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for line in header_of(form, period, cells):
        writer.writerow([escape(each) for each in line])
    writer.writerow([escape(each.title) for each in form.columns])
    for row in rows_of(form, period, cells):
        writer.writerow([_plain(each) for each in row])
    return Made(
        buffer.getvalue().encode(form.encoding), _name(form, period, "csv"), f"text/csv; charset={_charset(form)}"
    )


def _charset(form: Form) -> str:
    return "utf-8" if form.encoding == "utf-8-sig" else form.encoding


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else escape(str(value))


def as_workbook(form: Form, period: Period, cells: Sequence[Cell]) -> Made:
    """As a workbook of one sheet; figures are numbers with their decimals, everything else is text."""
    lines = header_of(form, period, cells)
    (heading, *rest), *above = lines or [[""]]
    below = lines_of(form, period, cells, form.footer)
    sheet = Sheet(
        period.text, [each.title for each in form.columns], rows_of(form, period, cells), heading,
        [*([rest] if rest else []), *above], below, is_summed=bool(form.total),
    )  # fmt: skip
    content = workbook([sheet], title=form.definition.title_zh, created=MADE_AT)
    return Made(content, _name(form, period, "xlsx"), XLSX)


def _name(form: Form, period: Period, ending: str) -> str:
    return f"{form.slug}-{period.text}.{ending}"
