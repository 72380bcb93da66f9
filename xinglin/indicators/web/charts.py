"""The charts of an opened figure: trend, ranking, funnel."""

from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.indicators.chance import Nature, Standing
from xinglin.indicators.charts import funnel, ranking, trend
from xinglin.indicators.comparing import is_good
from xinglin.indicators.engine.values import Value
from xinglin.indicators.figure import Opened, Unit
from xinglin.indicators.web import words
from xinglin.web.formats import bracketed_text, listed_text, parted_text

STANDINGS: dict[Standing, Promise] = {
    Standing.WITHIN: gettext_lazy("在随机波动范围内"), Standing.HIGH: gettext_lazy("高于95%控制限"),
    Standing.LOW: gettext_lazy("低于95%控制限"), Standing.VERY_HIGH: gettext_lazy("高于99.8%控制限"),
    Standing.VERY_LOW: gettext_lazy("低于99.8%控制限"),
}  # fmt: skip


def unit_of(opened: Opened) -> str:
    """What the figure is counted in, as a word."""
    return str(words.UNITS.get(opened.indicator.unit, opened.indicator.unit))


def whole_words(opened: Opened) -> str:
    """What the units are held against, as a word."""
    return _("全县") if opened.is_whole_county else _("您权限范围的合计")


def for_both(draw: Callable[..., SafeString]) -> SafeString:
    """A chart as a desk and as a telephone shows it; the page's style sheet chooses. Empty where there is none."""
    wide = draw()
    if not wide:
        return wide
    return format_html('<div class="chart-wide">{}</div><div class="chart-narrow">{}</div>', wide, draw(narrow=True))


def trend_chart(opened: Opened, *, narrow: bool = False) -> SafeString:
    """How the figure moves; empty where it was never known."""
    if all(each.value.value is None and each.year_before.value is None for each in opened.trend):
        return mark_safe("")
    target = opened.indicator.content.get("target")
    points = [
        trend.Point(
            each.period, each.value.value, each.year_before.value, words.number(each.value.value, opened.indicator),
            each.is_revised,
        )
        for each in opened.trend
    ]  # fmt: skip
    label = f"{opened.indicator.definition.title} · {_('走势')}"
    aim = None if target is None else float(target)
    return trend.draw(points, label=label, unit=unit_of(opened), target=aim, narrow=narrow)


class Telling:
    """Units of a figure in words. What is the same for many is looked up once: a drawing may have a thousand."""

    def __init__(self, opened: Opened) -> None:
        self._opened, self._unit, self._brackets = opened, unit_of(opened), bracketed_text("%s")
        self._standings = {each: str(said) for each, said in STANDINGS.items()}

    def told(self, unit: Unit, value: Value) -> str:
        """Name, figure, parts, and what chance says of it."""
        return f"{unit.name}{'：' if value.value is None else ' '}{self.said(unit, value)}"

    def said(self, unit: Unit, value: Value) -> str:
        """The same beside its name."""
        if value.value is None:
            return words.reason(value)
        opened = self._opened
        parts = "" if value.denominator is None else self._brackets % words.both_parts(value, opened.indicator)
        figure = f"{words.number(value.value, opened.indicator)} {self._unit}{parts}"
        stands = self._standings.get(opened.comparison.standings.get(unit.key, Standing.UNKNOWN), "")
        if merged := merged_words(opened, unit):
            stands = parted_text(filter(None, (merged, stands)))
        return f"{figure} · {stands}" if stands else figure


def standing_words(opened: Opened, unit: Unit) -> str:
    """Where a unit stands against chance, in words; empty where chance has no limits."""
    found = opened.comparison.standings.get(unit.key, Standing.UNKNOWN)
    return str(STANDINGS[found]) if found in STANDINGS else ""


def merged_words(opened: Opened, unit: Unit) -> str:
    """That a unit was merged, into which and when; empty for any other."""
    found = opened.mergers.get(unit.key)
    return found.said if found else ""


def mergers_words(opened: Opened) -> str:
    """Every unit here that was merged, by name; empty where there is none."""
    return listed_text(f"{each.name} {said}" for each in opened.units if (said := merged_words(opened, each)))


def look_of(opened: Opened, unit: Unit) -> str:
    """How a unit is drawn: good or bad (apart where neither side is better) outside of the limits, within otherwise."""
    found = opened.comparison.standings.get(unit.key, Standing.UNKNOWN)
    if found in {Standing.UNKNOWN, Standing.WITHIN}:
        return "within"
    good = is_good(opened.indicator, found)
    return "off" if good is None else "good" if good else "bad"


def below_url(opened: Opened, unit: Unit) -> str:
    """Where a unit opens: a township to its facilities."""
    if opened.level != "township" or "facility" not in opened.levels:
        return ""
    own = reverse("indicators:figure", args=[opened.indicator.slug])
    return f"{own}?{urlencode({'period': opened.period.text, 'level': 'facility', 'within': unit.key})}"


def ranking_chart(
    opened: Opened, listed: Sequence[Unit] | None = None, *, links: bool = True, narrow: bool = False
) -> SafeString:
    """The units beside each other, the best first: those `listed`, else the first of all. Empty where none has a figure."""
    units = (opened.units if listed is None else listed)[: ranking.MOST]
    if all(opened.told[unit.key].value is None for unit in units):
        return mark_safe("")
    per = opened.indicator.per
    bars, telling = [], Telling(opened)
    for unit in units:
        value = opened.told[unit.key]
        look = look_of(opened, unit)
        low, high = opened.comparison.intervals.get(unit.key, (None, None))
        bars.append(
            ranking.Bar(
                unit.name, value.value,
                words.number(value.value, opened.indicator) if value.value is not None else words.reason(value),
                "small" if unit.is_small and look == "within" else "" if look == "within" else look,
                None if low is None else low * per, None if high is None else high * per,
                below_url(opened, unit) if links else "", telling.told(unit, value),
            )
        )  # fmt: skip
    mean = opened.comparison.mean
    mean_words = f"{whole_words(opened)} {words.number(mean, opened.indicator)}"
    label = f"{opened.indicator.definition.title} · {_('排名')}"
    return ranking.draw(bars, label=label, unit=unit_of(opened), mean=mean, mean_words=mean_words, narrow=narrow)


def funnel_chart(opened: Opened, *, links: bool = True, narrow: bool = False) -> SafeString:
    """The units between the lines of chance; empty where the figure is no share and no rate of counts."""
    comparison = opened.comparison
    if comparison.nature is Nature.OTHER or not comparison.lines:
        return mark_safe("")
    telling = Telling(opened)
    dots = [
        funnel.Dot(
            unit.name, value.denominator, value.value, look_of(opened, unit), partial(telling.told, unit, value),
            below_url(opened, unit) if links else "",
        )
        for unit in opened.units
        if (value := opened.told[unit.key]).value is not None and value.denominator
    ]  # fmt: skip
    label = f"{opened.indicator.definition.title} · {_('漏斗图')}"
    return funnel.draw(
        dots, comparison.lines, label=label, unit=unit_of(opened), per=opened.indicator.per, centre=comparison.centre,
        narrow=narrow,
    )  # fmt: skip
