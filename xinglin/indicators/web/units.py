"""The units of an opened figure beside each other: one drawing, and a table in pages."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

from xinglin.indicators.charts import ranking
from xinglin.indicators.engine.values import Why
from xinglin.indicators.figure import Opened, Unit
from xinglin.indicators.web import charts, maps, words
from xinglin.indicators.web.kinds import CHARTS, VIEWS
from xinglin.indicators.web.lines import Line, unit_line
from xinglin.platform.paging import Page, part_of

#: Units on one page of the table: as many as a ranking draws.
ON_A_PAGE = ranking.MOST


@dataclass(frozen=True, slots=True)
class Units:
    """Units as a page shows them. `view` is how: ranking, funnel or map; the drawing of a ranking has those of this page of the
    table. `n` are all that were asked for, `n_silent` those of them without a figure, which stand last.
    """

    view: str
    views: list[dict[str, Any]]
    tabs: list[dict[str, Any]]
    chart: SafeString
    map: maps.MapOfUnits | None
    whole: str
    n_within: int
    n_judged: int
    n_left_out: int
    has_direction: bool
    is_small: bool
    q: str
    is_long: bool  # there is more than one page to turn, or something was looked for
    n: int
    n_silent: int
    paging: Page[Unit]
    lines: list[Line]
    silent: list[Line]  # set apart unless the list is long
    chart_url: str

    @property
    def map_data(self) -> dict[str, Any]:
        """What Leaflet draws."""
        return maps.leaflet(self.map) if self.map else {}

    @classmethod
    def build(cls, opened: Opened, *, view: str = "", q: str = "", cursor: str = "") -> "Units":
        """The page of units after `cursor`, of those only with `q` in their names.

        :raises InvalidInput: no such place in the list
        """
        view, q = view if view in VIEWS else "ranking", q.strip()
        found = [each for each in opened.units if q.casefold() in each.name.casefold()]
        paging = part_of(found, key=lambda each: each.key, cursor=cursor, size=ON_A_PAGE)
        silent = [each for each in paging.rows if each.value.value is None]
        is_long = bool(paging.next_cursor or not paging.is_first or q)
        on_map = maps.map_of(opened) if view == "map" else None
        slug, comparison = opened.indicator.slug, opened.comparison
        return cls(
            view=view, views=_views(opened, view, q), tabs=_tabs(opened, view),
            chart=maps.drawn(opened, on_map) if view == "map" else CHARTS[view].on_page(opened, paging.rows), map=on_map,
            whole=charts.whole_words(opened), n_within=comparison.n_within, n_judged=len(comparison.standings),
            n_left_out=sum(each.why is Why.SMALL for each in opened.told.values()),
            has_direction=opened.indicator.content.get("direction") in {"up", "down"},
            is_small=any(each.is_small for each in opened.units), q=q, is_long=is_long, n=len(found),
            n_silent=sum(each.value.value is None for each in found), paging=paging,
            lines=[unit_line(opened, each) for each in paging.rows if is_long or each.value.value is not None],
            silent=[] if is_long else [unit_line(opened, each) for each in silent],
            chart_url=f"{reverse('indicators:chart', args=[slug, view])}?{asked(opened)}",
        )  # fmt: skip


def asked(opened: Opened, **more: str) -> str:
    """What an address says of an opened figure and its units."""
    within = {"within": opened.within} if opened.within else {}
    return urlencode({"period": opened.period.text, "level": opened.level} | within | more)


def _own(opened: Opened) -> str:
    return reverse("indicators:figure", args=[opened.indicator.slug])


def _views(opened: Opened, view: str, q: str) -> list[dict[str, Any]]:
    """Ways to show the units."""
    sought = {"q": q} if q else {}
    return [
        {"label": label, "url": f"{_own(opened)}?{asked(opened, view=each, **sought)}#units", "active": each == view}
        for each, label in VIEWS.items()
    ]


def _tabs(opened: Opened, view: str) -> list[dict[str, Any]]:
    """Levels to switch between."""
    return [
        {
            "label": words.LEVELS[each], "active": each == opened.level,
            "url": f"{_own(opened)}?{urlencode({'period': opened.period.text, 'level': each, 'view': view})}#units",
        }
        for each in opened.levels
    ]  # fmt: skip
