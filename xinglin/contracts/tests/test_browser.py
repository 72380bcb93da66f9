"""A resident is signed on a telephone, with his finger; nothing is wider than it."""

import os
import shutil
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.factories.accounts import sign_in
from tests.factories.contracts import a_team, an_agreement
from tests.factories.county import County
from tests.factories.residents import a_resident
from xinglin.contracts.models import Agreement
from xinglin.contracts.states import Status
from xinglin.platform import clock

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("XINGLIN_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def county(transactional_db: None) -> County:
    """A county the live server sees, too."""
    return County()


@pytest.fixture
def browser(live_server: Any, county: County) -> Iterator[Browser]:
    """A browser; what the content policy refuses fails the test."""
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


def open_as(browser: Browser, live_server: Any, county: County, name: str, path: str) -> Page:
    """A page of one of the cast, on a telephone."""
    client = sign_in(Client(), county.users[name])
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **PHONE)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.on("console", lambda message: pytest.fail(message.text) if "Content Security" in message.text else None)
    page.goto(live_server.url + path)
    return page


def no_wider(page: Page) -> None:
    """The page fits the telephone."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, f"{page.url} is wider than the telephone"


def test_signed_in_three_taps_and_a_signature(browser: Browser, live_server: Any, county: County) -> None:
    now = clock.now()
    resident = a_resident(county, at=now, born_on=date(1950, 1, 1), conditions=["hypertension"])
    a_team(county, at=now)
    taps = 0

    page = open_as(browser, live_server, county, "alma", f"/residents/{resident.uuid}/")
    page.get_by_role("link", name="签约", exact=True).first.tap()
    taps += 1
    pad = page.locator("canvas.sign-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 80, steps=8)
    page.mouse.up()
    no_wider(page)
    expect(page.locator("input[type=file]")).to_be_hidden()
    page.get_by_role("button", name="签约", exact=True).tap()
    taps += 1
    expect(page.get_by_text("签约完成")).to_be_visible()
    no_wider(page)

    agreement = Agreement.objects.get()
    assert taps <= 3
    assert agreement.status == Status.ACTIVE
    assert [each.partition("@")[0] for each in agreement.packages] == ["basic", "elderly", "hypertension"]
    assert agreement.consent is not None
    assert agreement.consent.signature is not None


def test_every_page_fits_a_telephone(browser: Browser, live_server: Any, county: County) -> None:
    agreement = an_agreement(county, at=clock.now())
    page = open_as(browser, live_server, county, "tang", "/contracts/agreements/")
    addresses = ("/contracts/agreements/", f"/contracts/agreements/{agreement.uuid}/", "/contracts/teams/", f"/contracts/teams/{agreement.team.uuid}/",
                 "/contracts/agreements/unsigned/", "/contracts/overview/", "/contracts/pay/", "/contracts/teams/new/")  # fmt: skip
    for path in addresses:
        answer = page.goto(live_server.url + path)
        assert answer is not None
        assert answer.status == 200, path
        no_wider(page)
