"""One opened figure as a page, and as a table to keep."""

import csv
import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.indicators.engine.values import Value
from xinglin.indicators.figure import Opened, Unit, for_publication
from xinglin.indicators.queries import BoardFigure
from xinglin.indicators.web import words
from xinglin.indicators.web.pages import Bar, bars_of, change
from xinglin.web.sheets.escaping import escape
from xinglin.web.sheets.writing import Sheet, workbook


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table of figures."""

    name: str
    value: str
    reason: str
    numerator: str
    denominator: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FigurePage:
    """A figure, its meaning, and its tables."""

    opened: Opened
    title: str
    code: str
    why: str
    base: str
    unit: str
    line: Line
    change: str
    good: str
    before: Line
    year_before: Line
    target: str
    chart: dict[str, Any]
    trend: list[Line]
    bars: list[Bar]
    tabs: list[dict[str, Any]]
    units: list[Line]
    published: list[Line]
    records_url: str
    below_url: str
    export_url: str
    is_small: bool

    @classmethod
    def build(cls, opened: Opened) -> "FigurePage":
        """Words and addresses around a figure."""
        indicator, period = opened.indicator, opened.period.text
        figure = BoardFigure(indicator, opened.now, opened.before)
        moved, good = change(figure, is_over=opened.is_over)
        own = reverse("indicators:figure", args=[indicator.slug])
        records = reverse("indicators:records", args=[indicator.slug])
        target = indicator.content.get("target")
        return cls(
            opened=opened, title=indicator.definition.title, code=str(indicator.content.get("code", "")),
            why=words.why_of(indicator), base=str(words.BASES[indicator.content["base"]]),
            unit=str(words.UNITS.get(indicator.unit, indicator.unit)), line=_line(opened, "", opened.now), change=moved,
            good=good, before=_line(opened, opened.period.before.text, opened.before),
            year_before=_line(opened, opened.period.year_before.text, opened.year_before),
            target="" if target is None else words.number(float(target), indicator), chart=_chart(opened),
            trend=[_line(opened, text, value) for text, value in opened.trend], bars=bars_of(figure, period),
            tabs=[
                {"label": words.LEVELS[each], "url": f"{own}?{urlencode({'period': period, 'level': each})}",
                 "active": each == opened.level}
                for each in opened.levels
            ],
            units=[_unit_line(opened, each, own) for each in opened.units],
            published=[
                _line(opened, each.title, each.value, note=_("已修订") if each.is_revised else _("未变"))
                for each in opened.published
            ],
            records_url="" if indicator.method or indicator.growth_of else f"{records}?period={period}&part=numerator",
            below_url=f"{records}?period={period}&part=denominator" if indicator.denominator is not None else "",
            export_url=f"{reverse('indicators:export', args=[indicator.slug])}?{urlencode({'period': period, 'level': opened.level})}",
            is_small=any(each.is_small for each in opened.units),
        )  # fmt: skip


def _line(opened: Opened, name: str, value: Value, *, url: str = "", note: str = "") -> Line:
    return Line(
        name, words.number(value.value, opened.indicator), words.reason(value), words.part(value.numerator),
        words.part(value.denominator) if opened.indicator.denominator is not None or opened.indicator.growth_of else "",
        url, note,
    )  # fmt: skip


def _unit_line(opened: Opened, unit: Unit, own: str) -> Line:
    url = ""
    if opened.level == "township" and "facility" in opened.levels:
        url = f"{own}?{urlencode({'period': opened.period.text, 'level': 'facility', 'within': unit.key})}"
    return _line(opened, unit.name, unit.value, url=url, note=_("基数小，不排名") if unit.is_small else "")


def _chart(opened: Opened) -> dict[str, Any]:
    """The trend as a line; what is not known is a gap."""
    return {
        "xAxis": {"type": "category", "data": [text for text, _value in opened.trend]},
        "yAxis": {"type": "value", "scale": True},
        "series": [{"type": "line", "data": [value.value for _text, value in opened.trend], "connectNulls": False}],
    }


def table_of(opened: Opened) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows of the units as they may be published, the whole first."""
    headings = [_("单位"), _("数值"), _("计量单位"), _("分子"), _("分母"), _("说明"), _("统计期"), _("口径版本")]
    unit = str(words.UNITS.get(opened.indicator.unit, opened.indicator.unit))
    version = opened.indicator.definition.version
    rows = [
        [name, value.value, unit, value.numerator, value.denominator, words.reason(value), opened.period.text, version]
        for name, value in [(_("合计"), opened.now), *((each.name, each.value) for each in for_publication(opened))]
    ]
    return headings, rows


def as_workbook(opened: Opened) -> bytes:
    """The table as a workbook."""
    headings, rows = table_of(opened)
    return workbook([Sheet(opened.period.text, headings, rows)])


def as_csv(opened: Opened) -> bytes:
    """The table as CSV, as Excel opens it in Chinese."""
    headings, rows = table_of(opened)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(headings)
    writer.writerows(
        ["" if each is None else escape(each) if isinstance(each, str) else each for each in row] for row in rows
    )
    return buffer.getvalue().encode("utf-8-sig")
