"""In a real browser: a figure on the map, on a large screen and on a telephone."""

import re
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import expect

from tests.browsing import DESKTOP, PHONE, Pages, fits
from tests.factories.county import County, a_facility
from xinglin.indicators.actions import screens
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.tests.test_maps import locate, visits
from xinglin.indicators.web import wall
from xinglin.network.models import Facility
from xinglin.platform import clock

pytestmark = pytest.mark.browser


@pytest.fixture
def county(transactional_db: None) -> County:
    """A county the live server sees, too, with its facts."""
    made = County()
    locate()
    visits(made)
    extract(at=clock.now())
    return made


@pytest.mark.parametrize("device", [DESKTOP, PHONE])
def test_the_map_draws_each_township_in_a_step_and_opens_to_its_facilities(
    county: County, open_page: Pages, device: dict[str, Any]
) -> None:
    assert county.mei
    page = open_page("mei", **device)

    # the visits are of the county's own clock, in November 2026
    page.goto("/board/figures/visits-signed/?period=2026-11&level=township&view=map#units")
    page.locator("#figure-map").scroll_into_view_if_needed()
    areas = page.locator("#figure-map path.leaflet-interactive")

    expect(areas).to_have_count(2)
    fills = {areas.nth(n).get_attribute("fill") for n in range(2)}
    assert fills <= {"#fff7d6", "#c7e3b4", "#6fbfa5", "#2a7f8e", "#253a73"}
    assert fits(page)
    areas.first.click(force=True)
    page.wait_for_url("**within=**")
    connection.close()


def test_the_map_stands_without_scrolling_and_where_nothing_has_drawn_it_yet(county: County, open_page: Pages) -> None:
    assert county.mei
    asked = "/board/figures/visits-signed/?period=2026-11&level=township&view=map"
    page = open_page("mei", viewport={"width": 1280, "height": 400})
    page.goto(asked)
    expect(page.locator("#figure-map[data-ready] path.leaflet-interactive")).to_have_count(2)
    assert page.evaluate("window.scrollY") == 0

    page.route("**/leaflet.js", lambda _route: None)  # it never comes
    page.reload(wait_until="domcontentloaded")
    drawing = page.locator("#figure-map svg")
    expect(drawing.locator("a")).to_have_count(2)
    page.emulate_media(media="print")
    expect(drawing).to_be_visible()
    assert "正在绘制" not in page.locator("#units").inner_text()
    connection.close()


def test_a_crowd_of_facilities_is_painted_and_tells_who_lies_under_the_pointer(
    county: County, open_page: Pages
) -> None:
    for n in range(310):
        a_facility(f"N{n}", f"北{n}村", "VILLAGE_CLINIC", "VILLAGE", county.village_division, county.township)
        Facility.objects.filter(code=f"N{n}").update(latitude=34.8 + n % 18 / 100, longitude=117.2 + n // 18 / 100)
    extract(at=clock.now())
    assert county.mei
    page = open_page("mei", **DESKTOP)

    page.goto("/board/figures/visits-signed/?period=2026-11&level=facility&view=map#units")
    painted = page.locator("#figure-map[data-ready] canvas")
    painted.scroll_into_view_if_needed()
    expect(painted).to_be_visible()
    box = page.locator("#figure-map").bounding_box()
    assert box
    for step in range(30):
        page.mouse.move(box["x"] + box["width"] / 2 + step, box["y"] + box["height"] / 2 + step)
    expect(page.locator("#figure-map .leaflet-tooltip", has_text="北").last).to_be_visible()
    connection.close()


@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160)])
def test_the_wall_rotates_and_keeps_what_it_has_while_the_network_is_away(
    county: County, open_page: Pages, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert county.mei
    monkeypatch.setattr(wall, "STAYS", 1)
    monkeypatch.setattr(wall, "ASKS", 2)
    opened = screens.register_screen(
        label="大厅", slugs=["grassroots-share"], language="zh-hans", by=county.mei, at=clock.now()
    )
    cookies = {"xinglin-screen": f"{opened.screen.uuid}.{opened.key}"}
    page = open_page(viewport={"width": size[0], "height": size[1]})
    page.context.add_cookies(
        [
            {"name": name, "value": value, "domain": "localhost", "path": "/board/wall/"}
            for name, value in cookies.items()
        ]
    )

    page.goto("/board/wall/")
    shown = page.locator("[data-page]:not([hidden])")
    expect(shown).to_have_count(1)
    first = shown.inner_text()
    page.wait_for_function("text => document.querySelector('[data-page]:not([hidden])').innerText !== text", arg=first)
    assert fits(page)
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight + 2")
    page.context.set_offline(True)
    expect(page.locator("#wall-lost")).to_be_visible()
    expect(shown).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator("#wall-lost")).to_be_hidden(timeout=8000)
    connection.close()


@pytest.mark.parametrize("device", [DESKTOP, PHONE])
def test_who_is_treated_where_opens_to_facilities_and_fits(
    county: County, open_page: Pages, device: dict[str, Any]
) -> None:
    page = open_page("tang", **device)

    page.goto("/board/flow/?period=2026-11")
    expect(page.locator("svg.chart-svg .chart-link:visible").first).to_be_visible()
    assert fits(page)
    page.locator(".flow-open a").last.click()

    expect(page).to_have_url(re.compile("to=C"))
    page.get_by_label("诊断").select_option("NONE")
    page.get_by_role("button", name="查看").click()
    expect(page).to_have_url(re.compile("chapter=NONE"))
    assert fits(page)
    connection.close()
