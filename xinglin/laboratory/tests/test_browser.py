"""The main job in a real browser: ordered by tapping, collected by scanning, typed and released from the keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.laboratory import CRITICAL, a_laboratory, li, luo, specimens_of
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.diagnostics.models import Request
from xinglin.laboratory.models import Specimen
from xinglin.platform import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser(live_server: Any) -> Iterator[Any]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()
        connection.close()


def page_of(browser: Any, county: County, live_server: Any, who: str, *, width: int = 1366) -> Any:
    session = sign_in(Client(), county.users[who]).cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda said: page.faults.append(said.text) if said.type == "error" else None)
    return page


def test_an_order_goes_from_the_village_to_the_released_report(county: County, browser: Any, live_server: Any):
    a_laboratory(county)
    li(county), luo(county)
    visit = a_visit(resident=a_resident(county, at=clock.now()), by=county.alma, at=clock.now())
    village = page_of(browser, county, live_server, "alma", width=360)

    village.goto(f"{live_server.url}/laboratory/visits/{visit.uuid}/order/")
    village.locator('input[value="electrolytes"]').check()
    assert "黄帽管" in village.locator("[data-tubes]").inner_text()
    village.get_by_role("button", name="申请检验").click()
    village.wait_for_url("**/laboratory/*-*/")
    order = Request.objects.get(kind="LAB")
    (specimen,) = specimens_of(order)
    village.goto(f"{live_server.url}/laboratory/collect/")
    village.keyboard.type(specimen.barcode)
    village.keyboard.press("Enter")
    village.wait_for_selector("text=没有待采集的标本")
    assert village.evaluate("document.documentElement.scrollWidth") <= 360

    bench = page_of(browser, county, live_server, "li")
    bench.goto(f"{live_server.url}/laboratory/receive/")
    bench.keyboard.type(specimen.barcode)
    bench.keyboard.press("Enter")
    bench.get_by_role("button", name="相符，核收").click()
    bench.wait_for_selector("text=已核收")
    bench.goto(f"{live_server.url}/laboratory/{order.uuid}/enter/")
    for value in CRITICAL.values():
        bench.keyboard.type(value)
        bench.keyboard.press("Enter")
    bench.keyboard.press("Enter")
    bench.wait_for_url("**/laboratory/bench/")

    doctor = page_of(browser, county, live_server, "luo")
    doctor.goto(f"{live_server.url}/laboratory/review/")
    doctor.get_by_text("危急值，须复核后发布").click()
    doctor.wait_for_selector("text=血钾过高")
    doctor.get_by_role("checkbox").check()
    doctor.get_by_role("button", name="发布").click()
    doctor.wait_for_selector("text=没有待审核的结果")

    village.goto(f"{live_server.url}/laboratory/{order.uuid}/")
    village.wait_for_selector("text=立即确认")
    assert Specimen.objects.get().status == "RECEIVED"
    assert village.faults + bench.faults + doctor.faults == []
