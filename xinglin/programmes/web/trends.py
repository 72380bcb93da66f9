"""How the values of a resident went over the last year, whoever measured them, with the band that is aimed at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.programmes import judging
from xinglin.programmes.models import Enrolment
from xinglin.programmes.rules import catalogue
from xinglin.residents import api as residents

#: Lines of one chart: its items, in the order drawn.
CHARTS = {
    "pressure": ("systolic", "diastolic"), "glucose": ("glucose_fasting",), "hba1c": ("hba1c",), "ldl": ("ldl",),
    "weight": ("weight",),
}  # fmt: skip
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Trend:
    """One chart with the same figures as a table; each figure leads to its record."""

    id: str
    title: str
    option: dict[str, Any]
    rows: list[residents.Measurement]


def trends_of(resident_ids: Sequence[int], enrolments: Sequence[Enrolment], *, on: date) -> list[Trend]:
    """Charts of what the resident's programmes ask and was measured at least twice."""
    known = catalogue.items()
    asked = {
        code
        for each in enrolments
        for kind in ("routine", "yearly")
        for code in judging.definition_of(each).codes(kind)
    }
    wanted = {
        known[code].loinc: code
        for code in asked
        if code in known and known[code].loinc and known[code].kind == "number"
    }
    since = timezone.make_aware(datetime.combine(judging.one_year_before(on), time.min))
    found = residents.measurements_of(resident_ids, wanted, since=since) if wanted else []
    by_code: dict[str, list[residents.Measurement]] = {}
    for each in found:
        by_code.setdefault(wanted[each.code], []).append(each)
    trends = []
    for name, codes in CHARTS.items():
        lines = {code: by_code[code] for code in codes if len(by_code.get(code, ())) >= FEWEST}
        if lines:
            trends.append(_trend(name, lines))
    return trends


def _trend(name: str, lines: dict[str, list[residents.Measurement]]) -> Trend:
    known = catalogue.items()
    labels = {code: f"{known[code].label} {known[code].unit}".strip() for code in lines}
    series = [
        {
            "name": labels[code], "type": "line", "showSymbol": True,
            "data": [[timezone.localtime(each.at).isoformat(), float(each.value)] for each in reversed(values)],
        }
        for code, values in lines.items()
    ]  # fmt: skip
    option = {
        "xAxis": {"type": "time"}, "yAxis": {"type": "value", "scale": True}, "series": series,
        "legend": {"show": len(series) > 1}, "tooltip": {"trigger": "axis"},
    }  # fmt: skip
    rows = sorted((each for values in lines.values() for each in values), key=lambda each: each.at, reverse=True)
    title = _("血压") if name == "pressure" else str(known[next(iter(lines))].label)
    return Trend(f"trend-{name}", title, option, rows)
