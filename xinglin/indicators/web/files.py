"""Charts and tables as files to keep."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from xinglin.indicators.charts.drawing import standalone
from xinglin.platform.errors import NotVisible, wrong
from xinglin.web.answers import download
from xinglin.web.documents import render
from xinglin.web.sheets.escaping import escape
from xinglin.web.sheets.writing import XLSX, Sheet, workbook

#: A page as large as the drawing: typst sets it, twice as fine as it is on a page.
_PAGE = """
#set page(width: auto, height: auto, margin: 0pt)
#image("chart.svg", width: data.width * 1pt)
"""


def chart_file(drawn: str, name: str, *, form: str) -> HttpResponse:
    """A drawing as SVG or PNG. :raises NotVisible: there is none. :raises InvalidInput: another form"""
    if not drawn:
        raise NotVisible("indicators.chart", name)
    if form == "svg":
        return download(standalone(drawn).encode(), f"{name}.svg", media_type="image/svg+xml")
    if form == "png":
        return download(as_png(drawn), f"{name}.png", media_type="image/png")
    raise wrong("form", _("图可以存为 svg 或 png。"))


def as_png(drawn: str) -> bytes:
    """A drawing as a picture of about twice its size in points."""
    return render(_PAGE, {"width": 1000}, images={"chart.svg": standalone(drawn).encode()}, form="png")


def table_file(
    headings: Sequence[str], rows: Iterable[Sequence[Any]], name: str, *, title: str, form: str
) -> HttpResponse:
    """A table as a workbook, or as CSV as Excel opens it in Chinese."""
    if form == "csv":
        return download(as_csv(headings, rows), f"{name}.csv", media_type="text/csv; charset=utf-8")
    return download(
        workbook([Sheet(title, list(headings), [list(each) for each in rows])]), f"{name}.xlsx", media_type=XLSX
    )


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV; a text that a spreadsheet would run is made harmless, no data is an empty cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(headings)
    writer.writerows(
        ["" if each is None else escape(each) if isinstance(each, str) else each for each in row] for row in rows
    )
    return buffer.getvalue().encode("utf-8-sig")
