"""One opened figure as a page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from xinglin.indicators.definitions.reading import Indicator, indicators
from xinglin.indicators.engine.periods import parse
from xinglin.indicators.figure import TREND, Opened
from xinglin.indicators.queries import BoardFigure
from xinglin.indicators.web import charts, words
from xinglin.indicators.web.kinds import CHARTS
from xinglin.indicators.web.lines import Line, TrendLine, line_of, trend_line
from xinglin.indicators.web.pages import Bar, bars_of, change
from xinglin.indicators.web.units import Units, asked
from xinglin.web.marks import mark_named


@dataclass(frozen=True, slots=True)
class FigurePage:
    """A figure: its meaning, how it moves, what was published of it, and its units."""

    opened: Opened
    title: str
    code: str
    why: str
    base: str
    not_counted: str
    direction: str
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
    periods: list[tuple[str, str]]
    units: Units
    published: list[Line]
    records_url: str
    below_url: str
    own_url: str
    export_url: str
    trend_url: str

    @classmethod
    def build(cls, opened: Opened, *, view: str = "", q: str = "", cursor: str = "") -> "FigurePage":
        """Words and addresses around a figure. `view`, `q`, `cursor`: as `Units.build` takes them.

        :raises InvalidInput: no such place in the list
        """
        indicator, period = opened.indicator, opened.period.text
        figure = BoardFigure(indicator, opened.now, opened.before)
        moved, good = change(figure, is_over=opened.is_over)
        records = reverse("indicators:records", args=[indicator.slug])
        target = indicator.content.get("target")
        who, who_not = words.counted(indicator)
        return cls(
            opened=opened, title=indicator.definition.title, code=str(indicator.content.get("code", "")),
            why=words.why_of(indicator), base=who, not_counted=who_not,
            direction=str(words.BETTER[str(indicator.content.get("direction", "none") or "none")]),
            source=_source(indicator), see_also=_see_also(indicator, period),
            anchors=[f"{words.said_of(each)} ({mark_named(each['mark'])})" for each in indicator.content.get("anchors", ())],
            unit=charts.unit_of(opened), line=line_of(opened, "", opened.now), change=moved,
            good=good, before=line_of(opened, opened.period.before.text, opened.before),
            year_before=line_of(opened, opened.period.year_before.text, opened.year_before),
            target="" if target is None else words.number(float(target), indicator), gap=_gap(opened),
            middle=words.number(opened.comparison.middle, indicator), level_words=str(words.LEVELS.get(opened.level, "")),
            trend_chart=CHARTS["trend"].on_page(opened), trend=[trend_line(opened, each) for each in opened.trend],
            bars=bars_of(figure, period), periods=_periods(opened), units=Units.build(opened, view=view, q=q, cursor=cursor),
            published=[
                line_of(opened, each.title, each.value, note=_("已修订") if each.is_revised else _("未变"))
                for each in opened.published
            ],
            records_url="" if indicator.method or indicator.growth_of else f"{records}?period={period}&part=numerator",
            below_url=f"{records}?period={period}&part=denominator" if indicator.denominator is not None else "",
            own_url=reverse("indicators:figure", args=[indicator.slug]),
            export_url=f"{reverse('indicators:export', args=[indicator.slug])}?{asked(opened)}",
            trend_url=f"{reverse('indicators:chart', args=[indicator.slug, 'trend'])}?{asked(opened)}",
        )  # fmt: skip


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
