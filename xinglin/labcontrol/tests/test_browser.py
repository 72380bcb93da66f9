"""The main flow in a real browser: control is entered from the keyboard, lost, and handled."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.labcontrol import a_run, an_assay
from xinglin.labcontrol.models import OutOfControl
from xinglin.labcontrol.states import Status
from xinglin.platform import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()
        connection.close()


def test_a_technician_enters_control_by_keyboard_and_handles_what_is_lost(
    county: County, browser: Any, live_server: Any
) -> None:
    assay = an_assay(county)
    a_run(county, assay, at=clock.now() - timedelta(hours=3))
    county.lin  # noqa: B018 - makes the account
    session = sign_in(Client(), county.users["lin"]).cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN", timezone_id="Asia/Shanghai")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page, errors = context.new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    page.goto(f"{live_server.url}/control/instruments/{assay.instrument.uuid}/run/")
    page.get_by_label("水平1").fill("4.35")
    page.get_by_label("水平1").press("Enter")
    page.keyboard.type("6.01")
    page.get_by_role("button", name="保存并判断").click()
    page.get_by_role("link", name="处理").click()
    page.get_by_role("radio", name="试剂问题").check()
    page.get_by_label("具体说明").fill("试剂开瓶过久")
    page.get_by_role("button", name="记录原因").click()
    page.get_by_role("heading", name="第二步：作处理").wait_for()

    loss = OutOfControl.objects.get()
    assert (loss.status, loss.cause_code) == (Status.CAUSED, "REAGENT")
    page.goto(f"{live_server.url}/control/assays/{assay.uuid}/")
    assert page.locator("svg.lj text.lj-rule").text_content() == "1-3s"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert errors == []
