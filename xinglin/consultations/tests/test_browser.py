"""A consultation in a real browser: asked and signed on a telephone, read and answered at a desk."""

import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.factories.accounts import sign_in
from tests.factories.consultations import an_expert, outside_expert
from tests.factories.county import County
from tests.factories.diagnostics import a_request
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.consultations.models import Case
from xinglin.platform import clock

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("XINGLIN_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 800}}


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


def open_as(browser: Browser, live_server: Any, county: County, name: str, path: str, **device: Any) -> Page:
    """A page of one of the cast."""
    client = sign_in(Client(), county.users[name])
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **device)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.on("console", lambda message: pytest.fail(message.text) if "Content Security" in message.text else None)
    page.goto(live_server.url + path)
    return page


def test_a_choice_made_before_the_scripts_came_is_heard(browser: Browser, live_server: Any, county: County) -> None:
    resident = a_resident(county, at=clock.now())
    visit = a_visit(resident=resident, by=county.alma, at=clock.now(), complaint="胸闷1天")
    an_expert(county, outside_expert(county), outside_hospital="省立医院")
    page = open_as(browser, live_server, county, "alma", f"/visits/{visit.uuid}/", **PHONE)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/vendor/htmx/**", hold)
    with page.expect_request("**/vendor/htmx/**"):
        page.get_by_role("link", name="远程会诊").last.click(no_wait_after=True)
    page.get_by_label("会诊专业").select_option("neurology")
    answered = page.locator("option[value=neurology][selected]")
    assert answered.count() == 0, "nothing was asked of the server yet"
    for route in held:
        route.continue_()
    expect(answered).to_have_count(1)


def test_asked_on_a_telephone_read_and_answered_at_a_desk(browser: Browser, live_server: Any, county: County) -> None:
    now = clock.now()
    resident = a_resident(county, at=now)
    visit = a_visit(resident=resident, by=county.alma, at=now, complaint="胸闷1天")
    a_request(county, status="FINAL", resident=resident, at=now)
    outside_expert(county)
    an_expert(county, outside_expert(county), outside_hospital="省立医院")

    phone = open_as(browser, live_server, county, "alma", f"/visits/{visit.uuid}/", **PHONE)
    phone.get_by_role("link", name="远程会诊").last.click()
    with phone.expect_response(lambda answer: "specialty=cardiology" in answer.url):
        phone.get_by_label("会诊专业").select_option("cardiology")
    expect(phone.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    phone.get_by_role("checkbox", name="吴 · 主任医师").check(force=True)
    phone.get_by_label("会诊目的").fill("是否需要立即转诊")
    expect(phone.get_by_role("checkbox", name="吴 · 主任医师")).to_be_checked()
    phone.get_by_role("radio", name="同意，签字").check(force=True)
    pad = phone.locator("canvas.sign-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    phone.mouse.move(box["x"] + 20, box["y"] + 40)
    phone.mouse.down()
    phone.mouse.move(box["x"] + 120, box["y"] + 80, steps=8)
    phone.mouse.up()
    phone.get_by_role("button", name="发出会诊申请").click()
    expect(phone.get_by_text("会诊申请已发出")).to_be_visible()
    wide = phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, "the page is wider than the telephone"

    case = Case.objects.get()
    desk = open_as(browser, live_server, county, "outside", f"/consultations/{case.uuid}/", **DESKTOP)
    expect(desk.get_by_text("王小麦")).to_have_count(0)
    desk.get_by_role("button", name="接受会诊").click()
    desk.get_by_role("link", name="检查检验").click()
    expect(desk.locator("ecg-viewer canvas, ecg-viewer svg").first).to_be_visible()
    desk.get_by_role("link", name="返回会诊").click()
    for label, text in (
        ("分析", "心电图正常，症状不典型"),
        ("诊断意见", "稳定型心绞痛可能"),
        ("处理建议", "留观，复查心电图"),
    ):
        desk.get_by_label(label).fill(text)
    desk.get_by_role("button", name="签署意见").click()
    expect(desk.get_by_text("意见已签署。")).to_be_visible()

    phone.reload()
    expect(phone.get_by_text("诊疗方案由邀请单位的经治医师")).to_be_visible()
    case.refresh_from_db()
    assert case.status == "OPINION_GIVEN"
    assert case.consent.signature is not None
