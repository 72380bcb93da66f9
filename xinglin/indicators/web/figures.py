"""One opened figure as a page, and as a table to keep."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.indicators.definitions.reading import Indicator, indicators
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.engine.values import Value, Why
from xinglin.indicators.figure import TREND, Moment, Opened, Unit, for_publication
from xinglin.indicators.queries import BoardFigure
from xinglin.indicators.web import charts, maps, words
from xinglin.indicators.web.pages import Bar, bars_of, change
from xinglin.web.formats import parted_text
from xinglin.web.marks import mark_named

#: How units are shown.
VIEWS = {"ranking": gettext_lazy("排名"), "funnel": gettext_lazy("漏斗图"), "map": gettext_lazy("地图")}


@dataclass(frozen=True, slots=True)
class Chart:
    """How a chart is drawn. `opens`: its units lead on. `in_two`: a page has it for a desk and for a telephone."""

    draw: Callable[..., SafeString]
    opens: bool = True
    in_two: bool = True

    def on_page(self, opened: Opened) -> SafeString:
        """As a page shows it."""
        return charts.for_both(partial(self.draw, opened)) if self.in_two else self.draw(opened)

    def to_keep(self, opened: Opened) -> SafeString:
        """As it leaves its page: nothing in it leads anywhere."""
        return self.draw(opened, links=False) if self.opens else self.draw(opened)


#: Charts by name.
CHARTS = {
    "trend": Chart(charts.trend_chart, opens=False), "ranking": Chart(charts.ranking_chart),
    "funnel": Chart(charts.funnel_chart), "map": Chart(maps.map_chart, in_two=False),
}  # fmt: skip


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
class TrendLine:
    """One period of the trend as a line of its table."""

    name: str
    value: str
    year_before: str
    numerator: str
    denominator: str
    note: str


@dataclass(frozen=True, slots=True)
class FigurePage:
    """A figure, its meaning, its charts and its tables. `view` is how the units are shown: ranking, funnel or map."""

    opened: Opened
    title: str
    code: str
    why: str
    base: str
    not_counted: str
    direction: str
    has_direction: bool
    source: str
    see_also: list[tuple[str, str]]  # title and address
    anchors: list[str]  # what places publish, each with where it comes from
    unit: str
    line: Line
    change: str
    good: str
    before: Line
    year_before: Line
    target: str
    gap: str
    middle: str
    level_words: str
    trend_chart: SafeString
    trend: list[TrendLine]
    bars: list[Bar]
    view: str
    views: list[dict[str, Any]]
    tabs: list[dict[str, Any]]
    periods: list[tuple[str, str]]
    chart: SafeString
    map: maps.MapOfUnits | None
    n_within: int
    n_judged: int
    whole: str
    units: list[Line]
    silent: list[Line]
    published: list[Line]
    records_url: str
    below_url: str
    own_url: str
    export_url: str
    chart_url: str
    trend_url: str
    is_small: bool
    n_left_out: int

    @property
    def map_data(self) -> dict[str, Any]:
        """What Leaflet draws."""
        return maps.leaflet(self.map) if self.map else {}

    @classmethod
    def build(cls, opened: Opened, *, view: str = "") -> "FigurePage":
        """Words and addresses around a figure."""
        indicator, period = opened.indicator, opened.period.text
        view = view if view in VIEWS else "ranking"
        figure = BoardFigure(indicator, opened.now, opened.before)
        moved, good = change(figure, is_over=opened.is_over)
        own = reverse("indicators:figure", args=[indicator.slug])
        records = reverse("indicators:records", args=[indicator.slug])
        target = indicator.content.get("target")
        asked = {"period": period, "level": opened.level} | ({"within": opened.within} if opened.within else {})
        comparison = opened.comparison
        who, who_not = words.counted(indicator)
        return cls(
            opened=opened, title=indicator.definition.title, code=str(indicator.content.get("code", "")),
            why=words.why_of(indicator), base=who, not_counted=who_not,
            has_direction=indicator.content.get("direction") in {"up", "down"},
            direction=str(words.BETTER[str(indicator.content.get("direction", "none") or "none")]),
            source=_source(indicator), see_also=_see_also(indicator, period),
            anchors=[f"{words.said_of(each)} ({mark_named(each['mark'])})" for each in indicator.content.get("anchors", ())],
            unit=charts.unit_of(opened), line=_line(opened, "", opened.now), change=moved,
            good=good, before=_line(opened, opened.period.before.text, opened.before),
            year_before=_line(opened, opened.period.year_before.text, opened.year_before),
            target="" if target is None else words.number(float(target), indicator), gap=_gap(opened),
            middle=words.number(comparison.middle, indicator), level_words=str(words.LEVELS.get(opened.level, "")), trend_chart=CHARTS["trend"].on_page(opened),
            trend=[_trend_line(opened, each) for each in opened.trend], bars=bars_of(figure, period), view=view,
            views=_views(own, asked, view), tabs=_tabs(opened, own, view),
            periods=_periods(opened), chart=CHARTS[view].on_page(opened), map=maps.map_of(opened) if view == "map" else None, n_within=comparison.n_within,
            n_judged=len(comparison.standings), whole=charts.whole_words(opened),
            units=[_unit_line(opened, each) for each in opened.units if each.value.value is not None],
            silent=[_unit_line(opened, each) for each in opened.units if each.value.value is None],
            published=[
                _line(opened, each.title, each.value, note=_("已修订") if each.is_revised else _("未变"))
                for each in opened.published
            ],
            records_url="" if indicator.method or indicator.growth_of else f"{records}?period={period}&part=numerator",
            below_url=f"{records}?period={period}&part=denominator" if indicator.denominator is not None else "",
            own_url=own, export_url=f"{reverse('indicators:export', args=[indicator.slug])}?{urlencode(asked)}",
            chart_url=f"{reverse('indicators:chart', args=[indicator.slug, view])}?{urlencode(asked)}",
            trend_url=f"{reverse('indicators:chart', args=[indicator.slug, 'trend'])}?{urlencode(asked)}",
            is_small=any(each.is_small for each in opened.units),
            n_left_out=sum(each.why is Why.SMALL for each in opened.told.values()),
        )  # fmt: skip


def _views(own: str, asked: dict[str, str], view: str) -> list[dict[str, Any]]:
    """Ways to show the units."""
    return [
        {"label": label, "url": f"{own}?{urlencode(asked | {'view': each})}#units", "active": each == view}
        for each, label in VIEWS.items()
    ]


def _tabs(opened: Opened, own: str, view: str) -> list[dict[str, Any]]:
    """Levels to switch between."""
    return [
        {
            "label": words.LEVELS[each], "active": each == opened.level,
            "url": f"{own}?{urlencode({'period': opened.period.text, 'level': each, 'view': view})}#units",
        }
        for each in opened.levels
    ]  # fmt: skip


def _trend_line(opened: Opened, moment: Moment) -> TrendLine:
    line = _line(opened, moment.period, moment.value)
    note = _("到期后有修订") if moment.is_revised else ""
    before = words.number(moment.year_before.value, opened.indicator)
    return TrendLine(line.name, line.value, before, line.numerator, line.denominator, note or line.reason)


def _source(indicator: Indicator) -> str:
    """Where a definition comes from, and how sure that is."""
    return f"{indicator.definition.cited} · {mark_named(indicator.definition.mark)}"


def _see_also(indicator: Indicator, period: str) -> list[tuple[str, str]]:
    """What looks alike and says something else, at the same period."""
    return [
        (each.definition.title, f"{reverse('indicators:figure', args=[each.slug])}?{urlencode({'period': period})}")
        for each in indicators()
        if each.slug in indicator.see_also
    ]


def _gap(opened: Opened) -> str:
    """How far the figure is from its target, in words; empty without one."""
    target, value = opened.indicator.content.get("target"), opened.now.value
    direction = opened.indicator.content.get("direction")
    if target is None or value is None or direction not in {"up", "down"}:
        return ""
    gap = value - float(target)
    if (gap >= 0) == (direction == "up") or not gap:
        return _("已达到")
    return _("还差 %(gap)s") % {"gap": words.number(abs(gap), opened.indicator)}


def _periods(opened: Opened) -> list[tuple[str, str]]:
    """Periods to choose from: the months back, the quarters and years they are in, and this one."""
    month = parse(opened.period.last_month)
    months = [each.text for each in month.months_back(TREND)][::-1]
    quarters = list(dict.fromkeys(f"{each[:4]}-Q{(int(each[-2:]) + 2) // 3}" for each in months))
    years = list(dict.fromkeys(each[:4] for each in months))
    found = dict.fromkeys([opened.period.text, *months, *quarters, f"{month.text}-YTD", *years])
    return [(each, each) for each in found]


def _line(opened: Opened, name: str, value: Value, *, url: str = "", note: str = "") -> Line:
    numerator, denominator = words.parts(value, opened.indicator)
    has_two = opened.indicator.denominator is not None or opened.indicator.growth_of
    return Line(
        name,
        words.number(value.value, opened.indicator),
        words.reason(value),
        numerator,
        denominator if has_two else "",
        url,
        note,
    )


def _unit_line(opened: Opened, unit: Unit) -> Line:
    """One unit of the table. What is left out of charts and exports is said to be."""
    notes = [charts.merged_words(opened, unit), charts.standing_words(opened, unit)]
    if opened.told[unit.key].why is Why.SMALL:
        notes.append(_("人数太少，图和导出中不列出"))
    elif unit.is_small:
        notes.append(_("基数小，不排名"))
    note = " · ".join(filter(None, notes))
    return _line(opened, unit.name, unit.value, url=charts.below_url(opened, unit), note=note)


def table_of(opened: Opened, *, at: datetime) -> tuple[list[str], list[list[Any]]]:
    """Headings and rows of the units as they may be published, the whole first."""
    headings = [_("单位"), _("数值"), _("计量单位"), _("分子"), _("分母"), _("说明"), _("统计期"), _("口径版本")]
    unit = str(words.UNITS.get(opened.indicator.unit, opened.indicator.unit))
    version = opened.indicator.definition.version
    whole, units = for_publication(opened, at=at)
    rows = [
        [name, value.value, unit, *words.amounts(value, opened.indicator), note, opened.period.text, version]
        for name, value, note in [
            (_("合计"), whole, parted_text(filter(None, (words.reason(whole), words.money_note(opened.indicator))))),
            *(
                (
                    each.name,
                    each.value,
                    parted_text(filter(None, (charts.merged_words(opened, each), words.reason(each.value)))),
                )
                for each in units
            ),
        ]
    ]
    return headings, rows
