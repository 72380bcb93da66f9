"""The units of a figure where a county has many: a page at a time, found by name, and drawings that stay light."""

from typing import Any

import pytest
from django.test import Client

from tests.factories.accounts import browser_of
from tests.factories.county import NOW, a_facility
from tests.factories.residents import a_resident
from xinglin.indicators.chance import limits, nature_of
from xinglin.indicators.charts import areas, funnel
from xinglin.indicators.charts.drawing import MOST_TOLD
from xinglin.indicators.definitions.reading import indicator
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.tests.test_facts import a_visit_row
from xinglin.indicators.web import wall
from xinglin.indicators.web.units import ON_A_PAGE
from xinglin.network.models import Facility
from xinglin.platform.models import AuditRecord
from xinglin.platform.paging import decode_cursor

VISITS, SHARE = (
    f"/board/figures/{slug}/?period=2026-11&level=facility" for slug in ("visits-signed", "grassroots-share")
)
#: More than a page of clinics.
N = ON_A_PAGE + 6


@pytest.fixture
def manager(county: Any) -> Client:
    """The manager of a county with many clinics, of which the last six had visits."""
    resident = a_resident(county)
    for n in range(N):
        a_facility(
            f"N{n:02}", f"北{n:02}村卫生室", "VILLAGE_CLINIC", "VILLAGE", county.village_division, county.township
        )
    for clinic in Facility.objects.filter(code__startswith="N4"):
        for n in range(12):
            a_visit_row(county, resident, facility=clinic, at=NOW, number=f"{clinic.code}-{n}")
    extract(at=NOW)
    return browser_of(county, "mei")


def test_units_are_listed_a_page_at_a_time_and_those_without_data_last(manager: Client) -> None:
    first = manager.get(SHARE).context["units"]
    second = manager.get(f"{SHARE}&cursor={first.paging.next_cursor}").context["units"]

    listed = [*first.lines, *second.lines]
    assert len(first.lines) == ON_A_PAGE
    assert len({each.name for each in listed}) == len(listed) == first.n > N
    assert [each.name for each in listed if each.value] == [listed[0].name]  # where the resident lives
    assert first.n_silent == first.n - 1
    assert not second.paging.next_cursor
    assert "其中" in manager.get(SHARE).content.decode()


def test_the_drawing_of_a_ranking_has_the_units_its_table_lists(manager: Client) -> None:
    page = manager.get(f"{VISITS}&q=北4")

    units, shown = page.context["units"], page.content.decode()
    assert [each.name for each in units.lines] == [f"北{n}村卫生室" for n in range(40, N)]
    assert "北40村卫生室" in units.chart
    assert "北00村卫生室" not in shown
    assert (
        f"前{ON_A_PAGE}个，共"
        in manager.get("/board/figures/visits-signed/ranking.chart?period=2026-11&level=facility").content.decode()
    )
    nothing = manager.get(f"{VISITS}&q=无此单位")
    assert "没有找到这样的单位" in nothing.content.decode()
    assert not nothing.context["units"].chart
    silent = manager.get(f"{SHARE}&q=北41").context["units"]
    assert [each.name for each in silent.lines] == ["北41村卫生室"]
    assert not silent.silent


def test_a_place_in_the_list_that_is_not_known_is_refused(manager: Client) -> None:
    assert manager.get(f"{VISITS}&cursor=x").status_code == 422
    cursor = manager.get(VISITS).context["units"].paging.next_cursor
    assert decode_cursor(cursor, 1)
    assert manager.get(f"{VISITS}&q=北41&cursor={cursor}").status_code == 422


def test_of_a_crowd_who_stands_apart_has_words_and_the_others_are_dots(manager: Client) -> None:
    share = indicator("grassroots-share")
    lines = [limits(nature_of(share), 0.5, n) for n in (10, 500, 1000)]
    n = MOST_TOLD + 60
    dots = [
        funnel.Dot(f"u{at}", 10 + at, 50.0, "bad" if at < 30 else "within", lambda at=at: f"told {at}.")  # type: ignore[misc]
        for at in range(n)
    ]
    drawn = funnel.draw(dots, lines, label="", unit="%", per=100, centre=0.5)

    assert drawn.count("<title>") == MOST_TOLD
    assert all(f"told {at}." in drawn for at in range(30))
    assert drawn.count("<circle") + drawn.count("0 1 0 10.0 0") == n


def test_of_a_crowd_on_a_map_the_first_with_a_figure_have_words_and_all_are_drawn() -> None:
    n = MOST_TOLD + 60
    shapes = [
        areas.Shape(f"u{at}", None if at < 30 else at % 5, "said", point=(34 + at / 1000, 117.0), size=3 + at / 100)
        for at in range(n)
    ]

    drawn = areas.draw(shapes, [], label="")

    assert drawn.count("<title>") == drawn.count("<circle") == MOST_TOLD
    assert drawn.count("0 1 0 -") == n - MOST_TOLD
    assert "<title>u30 said</title>" in drawn
    assert (
        drawn.index("chart-none chart-crowd") < drawn.index("<circle") < drawn.index("chart-rim chart-c0 chart-crowd")
    )


def test_a_look_at_the_wall_is_drawn_once_for_each_language(manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    draw = wall.wall_for
    monkeypatch.setattr(wall, "_looks", {})
    monkeypatch.setattr(wall, "wall_for", lambda *given, **at: [drawn.append("once"), draw(*given, **at)][1])
    for _n in range(2):
        assert manager.get("/board/wall/?period=2026-11").status_code == 200
    assert drawn == ["once"]
    assert AuditRecord.objects.filter(event="board.opened", object_kind="indicators.wall").count() == 2

    assert "Volume" in manager.get("/board/wall/?period=2026-11", headers={"Accept-Language": "en"}).content.decode()
    assert len(drawn) == 2
    assert manager.get("/board/wall/?period=2026-11&figure=no-such").status_code == 404


def test_who_sees_other_places_has_a_wall_of_his_own_and_looks_leave_screens_what_they_show(
    manager: Client, county: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "MOST_DRAWN", 2)
    monkeypatch.setattr(wall, "_looks", {})
    asked = wall.Asked(("visits-signed",), ("work",), "2026-11")
    keys = {wall._key(each, asked) for each in (county.mei, county.tang)}
    assert len(keys) == 2

    shown = dict(wall._on_screens)
    for period in ("2026-11", "2026-10", "2026-09"):
        manager.get(f"/board/wall/?period={period}")
    assert len(wall._looks) == 2
    assert wall._on_screens == shown
