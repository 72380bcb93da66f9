"""A resident is screened on a telephone; what it comes to is said while it is typed."""

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
from tests.factories.residents import a_resident
from xinglin.platform import clock
from xinglin.programmes.models import Enrolment

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("XINGLIN_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
SHOTS = os.environ.get("XINGLIN_SHOTS", "")


@pytest.fixture
def county(transactional_db: None) -> County:
    """A county the live server sees, too."""
    return County()


@pytest.fixture
def browser(live_server: Any, county: County) -> Iterator[Browser]:
    """A browser."""
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


def shown(page: Page, name: str, width: int) -> None:
    """Nothing is wider than the screen; a picture where one is wanted."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("width", [1366, 360])
def test_a_resident_is_screened_and_what_is_positive_is_said_at_once(browser, live_server, county, width):
    resident = a_resident(county, name="王小麦", at=clock.now())
    client = sign_in(Client(), county.users["alma"])
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": 760})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/programmes/resident/{resident.uuid}/screening/")

    page.fill("#id_a-systolic", "152")
    page.fill("#id_a-diastolic", "96")
    expect(page.get_by_text("阳性，请核实")).to_be_visible()
    shown(page, "screening", width)
    page.get_by_role("button", name="保存筛查").click()
    expect(page.get_by_text("筛查已保存")).to_be_visible()
    shown(page, "screened", width)
    page.goto(f"{live_server.url}/programmes/high-risk/")
    shown(page, "high-risk", width)

    connection.close()
    assert Enrolment.objects.get(resident=resident, programme="hypertension").found_by == "SCREENING"
    county.tang  # noqa: B018 - makes the account
    boss = sign_in(Client(), county.users["tang"])
    context.add_cookies([{"name": "sessionid", "value": boss.cookies["sessionid"].value, "url": live_server.url}])
    page.goto(f"{live_server.url}/programmes/transfers/new/")
    page.select_option("#id_former", str(county.clinic.uuid))
    page.select_option("#id_facility", str(county.sibling.uuid))
    expect(page.get_by_text("将一起转移")).to_be_visible()
    page.get_by_text("卫生室撤并").click(force=True)
    shown(page, "transfer", width)
    page.get_by_role("button", name="转移", exact=True).click()
    expect(page.get_by_text("已转移，名单")).to_be_visible()
    shown(page, "transfers", width)
