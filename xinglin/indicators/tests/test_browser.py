"""In a real browser: a figure on the map, on a large screen and on a telephone."""

import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.factories.accounts import sign_in
from tests.factories.county import County
from xinglin.indicators.actions import screens
from xinglin.indicators.facts.extraction import extract
from xinglin.indicators.tests.test_maps import locate, visits
from xinglin.indicators.web import wall
from xinglin.platform import clock

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("XINGLIN_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def county(transactional_db: None, settings: Any, tmp_path: Any) -> County:
    """A county the live server sees, too, with facts of its own."""
    settings.FACTS_DIR = tmp_path / "facts"
    made = County()
    locate()
    visits(made)
    extract(at=clock.now())
    return made


@pytest.fixture
def browser(live_server: Any, county: County) -> Iterator[Browser]:
    """A browser; its connections are gone before the database is emptied."""
    with sync_playwright() as play:
        launched = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield launched
        launched.close()
        connection.close()
    deadline, others = time.monotonic() + 5, 1
    while others and time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            (others,) = cursor.fetchone()
        time.sleep(0.1)
    connection.close()


def open_page(browser: Browser, url: str, cookies: dict[str, str], **device: Any) -> Page:
    """A page with cookies; a script error or a refusal of the content policy fails the test."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **device)
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda said: pytest.fail(said.text) if "Content Security Policy" in said.text else None)
    return page


def session_of(county: County, username: str) -> dict[str, str]:
    return {"sessionid": sign_in(Client(), county.users[username]).cookies["sessionid"].value}


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("device", [{"viewport": {"width": 1366, "height": 800}}, PHONE])
def test_the_map_draws_each_township_in_a_step_and_opens_to_its_facilities(
    county: County, browser: Browser, live_server: Any, device: dict[str, Any]
) -> None:
    assert county.mei
    page = open_page(browser, live_server.url, session_of(county, "mei"), **device)

    # the visits are of the county's own clock, in November 2026
    page.goto(f"{live_server.url}/board/figures/grassroots-share/?period=2026-11&level=township&view=map#units")
    page.locator("#figure-map").scroll_into_view_if_needed()
    areas = page.locator("#figure-map path.leaflet-interactive")

    expect(areas).to_have_count(2)
    fills = {areas.nth(n).get_attribute("fill") for n in range(2)}
    assert fills <= {"#fff7d6", "#c7e3b4", "#6fbfa5", "#2a7f8e", "#253a73"}
    assert fits(page)
    areas.first.click(force=True)
    page.wait_for_url("**within=**")
    connection.close()


@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160)])
def test_the_wall_rotates_and_keeps_what_it_has_while_the_network_is_away(
    county: County, browser: Browser, live_server: Any, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert county.mei
    monkeypatch.setattr(wall, "STAYS", 1)
    monkeypatch.setattr(wall, "ASKS", 2)
    opened = screens.register_screen(
        label="大厅", slugs=["grassroots-share"], language="zh-hans", by=county.mei, at=clock.now()
    )
    cookies = {"xinglin-screen": f"{opened.screen.uuid}.{opened.key}"}
    page = open_page(browser, live_server.url, {}, viewport={"width": size[0], "height": size[1]})
    page.context.add_cookies(
        [
            {"name": name, "value": value, "domain": "localhost", "path": "/board/wall/"}
            for name, value in cookies.items()
        ]
    )

    page.goto(f"{live_server.url}/board/wall/")
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
