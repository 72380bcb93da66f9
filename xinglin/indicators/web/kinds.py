"""The charts of a figure by name: how each is drawn on a page, and to keep."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from xinglin.indicators.figure import Opened, Unit
from xinglin.indicators.web import charts, maps

#: How units are shown.
VIEWS = {"ranking": gettext_lazy("排名"), "funnel": gettext_lazy("漏斗图"), "map": gettext_lazy("地图")}


@dataclass(frozen=True, slots=True)
class Chart:
    """How a chart is drawn. `opens`: its units lead on. `in_pages`: on a page it shows the units that the table under it
    lists, not all.
    """

    draw: Callable[..., SafeString]
    opens: bool = True
    in_pages: bool = False

    def on_page(self, opened: Opened, listed: Sequence[Unit] | None = None) -> SafeString:
        """As a page shows it that lists some of the units: for a desk and for a telephone."""
        draw = partial(self.draw, opened, listed) if self.in_pages else partial(self.draw, opened)
        return charts.for_both(draw)

    def to_keep(self, opened: Opened) -> SafeString:
        """As it leaves its page: nothing in it leads anywhere."""
        return self.draw(opened, links=False) if self.opens else self.draw(opened)


#: Charts by name.
CHARTS = {
    "trend": Chart(charts.trend_chart, opens=False), "ranking": Chart(charts.ranking_chart, in_pages=True),
    "funnel": Chart(charts.funnel_chart), "map": Chart(maps.map_chart),
}  # fmt: skip
