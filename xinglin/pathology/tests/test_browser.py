"""The reading room in a real browser: claim, template, blanks, signature; and a scanned slide drawn tile by tile."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.pathology import a_case, a_pyramid, pan
from xinglin.pathology import actions
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


def as_pathologist(browser: Any, county: County, live_server: Any) -> Any:
    county.bo  # noqa: B018 - makes the account
    session = sign_in(Client(), county.users["bo"]).cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(viewport={"width": 1366, "height": 800}, locale="zh-CN")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    return context.new_page()


def test_a_pathologist_reads_a_scanned_slide_and_signs(county: County, browser: Any, live_server: Any):
    now = clock.now()
    case = a_case(county, status="SLIDED", at=now)
    picture = actions.add_picture(case=case, file=a_pyramid(), view="MICRO", by=pan(county), at=now)
    page = as_pathologist(browser, county, live_server)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{live_server.url}/pathology/reading/")
    page.get_by_text(case.number).click()
    page.get_by_role("button", name="领取并诊断").click()
    page.locator(f'a[href="/pathology/pictures/{picture.uuid}/"]').click()
    page.locator("#viewer[data-drawn]").wait_for()
    page.get_by_role("button", name="放大").click()
    page.locator("#viewer[data-open]").wait_for()
    page.go_back()

    page.locator("body").press("t")
    page.locator("#template-search").fill("wwhj")
    page.locator("#template-search").press("Enter")
    page.locator('textarea[name="microscopic"]').fill("黏膜慢性炎，未见异型增生。")
    page.locator('textarea[name="diagnosis"]').fill("（胃窦）黏膜慢性炎")
    page.locator('select[name="choices"]').first.select_option(label="（－）")
    page.get_by_role("button", name="签发正式报告").click()
    page.get_by_text("正式报告已签发").wait_for()

    case.refresh_from_db()
    sections = case.sections.get()
    assert case.status == "REPORTED"
    assert sections.choices == [
        {"code": "gastric-biopsy-gastritis/hp/negative", "name": "幽门螺杆菌", "title": "（－）"}
    ]
    assert complaints == []
