"""The trend of one item as a chart: the line, and the newest range behind it."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from xinglin.laboratory.catalogue import Analyte
from xinglin.laboratory.models import Result


def trend_option(analyte: Analyte, results: Sequence[Result]) -> dict[str, Any]:
    """An ECharts option. Only figures; a value that is only known to lie below or above stands at its limit."""
    points = [
        [timezone.localtime(each.measured_at).isoformat(timespec="minutes"), float(each.number)]
        for each in results
        if each.number is not None
    ]
    newest = next((each for each in reversed(results) if each.range_known), None)
    series: dict[str, Any] = {
        "type": "line", "name": analyte.title, "data": points, "symbol": "circle", "symbolSize": 10,
        "showAllSymbol": True, "label": {"show": len(points) <= 8},
    }  # fmt: skip
    if newest is not None and newest.low is not None and newest.high is not None:
        series["markArea"] = {
            "silent": True, "itemStyle": {"color": "var(--ok)", "opacity": 0.1},
            "data": [[{"yAxis": float(newest.low)}, {"yAxis": float(newest.high)}]],
        }  # fmt: skip
    elif newest is not None and (newest.low is not None or newest.high is not None):
        limit = newest.low if newest.low is not None else newest.high
        assert limit is not None
        series["markLine"] = {"silent": True, "symbol": "none", "data": [{"yAxis": float(limit)}]}
    return {
        "xAxis": {"type": "time"}, "yAxis": {"type": "value", "scale": True, "name": analyte.shown},
        "series": [series],
    }  # fmt: skip
