"""The roster in a real browser: a doctor is put on duty, and the request that comes is his in the work list."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.diagnostics import a_request, an_ecg_centre
from xinglin.centres import actions, jobs
from xinglin.platform import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(live_server: Any, county: County) -> Iterator[Any]:
    """Bo's telephone."""
    county.bo  # noqa: B018 - makes the account
    session = sign_in(Client(), county.users["bo"]).cookies[settings.SESSION_COOKIE_NAME].value
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        shown = context.new_page()
        faults: list[str] = []
        shown.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        yield shown
        assert faults == []
        chromium.close()
        connection.close()


def test_a_doctor_is_put_on_duty_and_what_comes_is_his(page: Any, live_server: Any, county: County):
    an_ecg_centre(county)
    page.goto(f"{live_server.url}/centres/roster/")
    page.get_by_label("医生").select_option(label="薄（bo）")
    page.get_by_label("24小时 08:00–08:00").check()
    to_come = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")[clock.today().weekday() :]
    for day in to_come:
        page.get_by_label(day).check()
    page.get_by_role("button", name="登记", exact=True).click()
    page.get_by_text("值班已登记").wait_for()
    assert page.get_by_text("08:00–08:00 次日").count() == len(to_come)

    now = clock.now()
    made = actions.assign_request(request=a_request(county, at=now), by=jobs.CLOCK, at=now)
    if made is None:  # before eight nobody is on duty yet
        return
    page.goto(f"{live_server.url}/diagnostics/worklist/?show=mine")

    page.get_by_text("分配给您").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("button", name="领取").first.click()
    page.get_by_text("已领取，请诊断").wait_for()
