"""In a real browser: the assistant's three steps, a station on a telephone, and the terminal in the hall."""

import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.factories.accounts import sign_in
from tests.factories.checkups import OLD, VALUES, a_checkup, a_session
from tests.factories.contracts import a_team
from tests.factories.county import County
from tests.factories.residents import a_resident, an_id_number
from xinglin.checkups.actions import kiosk
from xinglin.checkups.models import Checkup, Sitting
from xinglin.checkups.states import Status
from xinglin.contracts.models import Agreement
from xinglin.platform import clock

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("XINGLIN_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
HALL: dict[str, Any] = {"viewport": {"width": 1080, "height": 1500}, "has_touch": True}


@pytest.fixture
def county(transactional_db: None) -> County:
    """A county the live server sees, too."""
    return County()


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


def test_the_assistant_does_three_steps_on_one_screen(county: County, browser: Browser, live_server: Any) -> None:
    county.user("zhu", "doctor-assistant", county.township, name="助理小朱", subordinates=True)
    a_team(county, at=clock.now())
    a_session(county, at=clock.now())
    page = open_page(browser, live_server.url, session_of(county, "zhu"), viewport={"width": 1366, "height": 900})
    page.goto(live_server.url + reverse("checkups:desk"))
    page.fill("[name=name]", "孙新来")
    page.fill("[name=id_number]", an_id_number(OLD, "1"))
    page.select_option("[name=managed_by]", str(county.clinic.uuid))
    page.click("text=打开健康档案")
    pad = page.locator("canvas.sign-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 30 + 30 * step, box["y"] + (30 if step % 2 else 90))
    page.mouse.up()
    page.click("#step-sign button:has-text('签约')")
    expect(page.locator("#step-sign")).to_contain_text("已与")
    page.click("#step-book button:has-text('约体检')")
    expect(page.locator("#step-book")).to_contain_text("体检中")
    assert Agreement.objects.get().status == "ACTIVE"
    assert Checkup.objects.get().status == Status.ARRIVED
    page.context.close()


def test_a_station_on_a_telephone(county: County, browser: Browser, live_server: Any) -> None:
    checkup = a_checkup(county, status=Status.ARRIVED, at=clock.now())
    page = open_page(browser, live_server.url, session_of(county, "tang"), **PHONE)
    page.goto(live_server.url + reverse("checkups:stations") + "?station=vitals")
    assert fits(page)
    page.click(".list-item")
    assert fits(page)
    for code in ("height", "weight", "waist", "diastolic", "heart_rate"):
        page.fill(f"[name={code}]", str(VALUES[code]))
    page.fill("[name=systolic]", "1200")
    page.click("text=保存，下一位")
    expect(page.locator("body")).to_contain_text("应在40至300之间")
    assert not checkup.values.exists()
    page.fill("[name=systolic]", "128")
    page.click("text=保存，下一位")
    expect(page.locator("body")).to_contain_text("没有人候检")
    assert checkup.values.count() == 6
    page.context.close()


def test_the_terminal_shows_one_his_own_and_nothing_to_the_next(
    county: County, browser: Browser, live_server: Any
) -> None:
    man = a_resident(county, name="王小麦", born_on=OLD, at=clock.now())
    a_checkup(county, resident=man, status=Status.REPORTED, at=clock.now())
    made = kiosk.register_terminal(facility_id=county.township.pk, label="大厅", by=county.tang, at=clock.now())
    code = kiosk.give_code(resident=man, facility_id=county.township.pk, by=county.tang, at=clock.now())
    url = live_server.url + "/kiosk/"
    page = open_page(browser, url, {"xinglin-terminal": f"{made.row.uuid}.{made.secret}"}, **HALL)
    page.goto(url)
    page.fill("[name=number]", man.id_number)
    page.fill("[name=code]", code)
    page.click("text=进入")
    expect(page.locator("h1")).to_contain_text("王小麦")
    page.click(".list-item")
    expect(page.locator("body")).to_contain_text("总检结论")
    small = page.eval_on_selector_all(
        ".button, a.list-item", "all => all.filter(one => one.getBoundingClientRect().height < 60).length"
    )
    assert small == 0
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie.includes('xinglin-sitting')]")
    assert kept == [0, 0, False]
    page.click("text=退出")
    expect(page.locator("h1")).to_contain_text("自助检测")
    page.go_back()
    expect(page.locator("[name=number]")).to_have_value("")
    assert "王小麦" not in page.content()
    assert Sitting.objects.get().is_over
    page.context.close()
