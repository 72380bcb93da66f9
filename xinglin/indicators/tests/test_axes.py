"""Axes of charts: what they are counted in."""

from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from xinglin.indicators.charts import ranking, trend
from xinglin.indicators.charts.drawing import width_of


@pytest.mark.parametrize("narrow", [False, True])
def test_the_unit_of_an_axis_is_written_whole_before_the_signs_and_the_marks(narrow: bool) -> None:
    said: dict[str, Any] = {"label": "x", "unit": "per 100,000", "narrow": narrow}
    moved = fromstring(trend.draw([trend.Point("2026-01", 7.3, 7.4, "7")], **said))
    stood = fromstring(ranking.draw([ranking.Bar("甲", 9.0, "9.0")], mean=7.4, mean_words="7.4", **said))

    assert all("per 100,000" in [one.text for one in each.iter()] for each in (moved, stood))
    signs = [float(one.attrib["x1"]) for one in moved.iter() if one.get("class") == "chart-line" and "x1" in one.attrib]
    assert signs[0] >= 6 + width_of("per 100,000")
