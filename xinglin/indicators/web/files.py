"""Charts and tables as files to keep."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from xinglin.indicators.charts.drawing import headed, standalone
from xinglin.network import api as network
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


@dataclass(frozen=True, slots=True)
class Head:
    """What stands over a table or a picture that leaves its page: what it is of, and which period, place and facts."""

    title: str
    lines: tuple[str, ...]


def head_of(
    title: str, *, period: str, is_whole_county: bool, as_of: datetime | None, more: Iterable[str] = ()
) -> Head:
    """The head of a figure, group or flow: a table and a picture of it say the same."""
    _code, county = network.county()
    scope = county if is_whole_county else f"{county} · {gettext('只统计您权限范围内的机构')}"
    facts = f"{gettext('数据截至')} {timezone.localtime(as_of):%Y-%m-%d %H:%M}" if as_of else ""
    said = (f"{gettext('统计期')} {period}", scope, *more, facts)
    return Head(title, tuple(filter(None, said)))


def chart_file(drawn: str, name: str, head: Head, *, form: str) -> HttpResponse:
    """A drawing as SVG or PNG. :raises NotVisible: there is none. :raises InvalidInput: another form"""
    if not drawn:
        raise NotVisible("indicators.chart", name)
    drawn = headed(drawn, head.title, head.lines)
    if form == "svg":
        return download(standalone(drawn).encode(), f"{name}.svg", media_type="image/svg+xml")
    if form == "png":
        return download(as_png(drawn), f"{name}.png", media_type="image/png")
    raise wrong("form", _("图可以存为 svg 或 png。"))


def as_png(drawn: str) -> bytes:
    """A drawing as a picture of about twice its size in points."""
    return render(_PAGE, {"width": 1000}, images={"chart.svg": standalone(drawn).encode()}, form="png")


def table_file(
    headings: Sequence[str], rows: Iterable[Sequence[Any]], name: str, head: Head, *, form: str
) -> HttpResponse:
    """A table as a workbook under its heading, or as plain CSV as Excel opens it in Chinese. :raises InvalidInput: another form"""
    if form == "csv":
        return download(as_csv(headings, rows), f"{name}.csv", media_type="text/csv; charset=utf-8")
    if form != "xlsx":
        raise wrong("format", _("表可以存为 xlsx 或 csv。"))
    note = gettext("人数太少的不列出；空格是没有数据，不是零。")
    sheet = Sheet(
        head.title, list(headings), [list(each) for each in rows], head.title, [[" · ".join(head.lines)]], [[note]]
    )
    return download(workbook([sheet], title=head.title), f"{name}.xlsx", media_type=XLSX)


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV; a text that a spreadsheet would run is made harmless, no data is an empty cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(headings)
    writer.writerows(
        ["" if each is None else escape(each) if isinstance(each, str) else each for each in row] for row in rows
    )
    return buffer.getvalue().encode("utf-8-sig")
