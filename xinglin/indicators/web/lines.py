"""Lines of the tables about one figure: on its page, and to keep."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from xinglin.indicators.engine.values import Value, Why
from xinglin.indicators.figure import Moment, Opened, Unit, for_publication
from xinglin.indicators.web import charts, words
from xinglin.web.formats import parted_text


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

    @property
    def remark(self) -> str:
        """What is to be said of it, and why it has no figure."""
        return parted_text(filter(None, (self.note, self.reason)))


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One period of the trend as a line of its table."""

    name: str
    value: str
    year_before: str
    numerator: str
    denominator: str
    note: str


def trend_line(opened: Opened, moment: Moment) -> TrendLine:
    """One period of the trend, with the same of the year before."""
    line = line_of(opened, moment.period, moment.value)
    note = _("到期后有修订") if moment.is_revised else ""
    before = words.number(moment.year_before.value, opened.indicator)
    return TrendLine(line.name, line.value, before, line.numerator, line.denominator, note or line.reason)


def line_of(opened: Opened, name: str, value: Value, *, url: str = "", note: str = "") -> Line:
    """A figure in words, or why there is none."""
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


def unit_line(opened: Opened, unit: Unit) -> Line:
    """One unit of the table. What is left out of charts and exports is said to be."""
    notes = [charts.merged_words(opened, unit), charts.standing_words(opened, unit)]
    if opened.told[unit.key].why is Why.SMALL:
        notes.append(_("人数太少，图和导出中不列出"))
    elif unit.is_small:
        notes.append(_("基数小，不排名"))
    note = " · ".join(filter(None, notes))
    return line_of(opened, unit.name, unit.value, url=charts.below_url(opened, unit), note=note)


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
