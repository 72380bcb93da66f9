"""A real browser at the engineer's desk: from the connection to the fault, and again."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.exchange import a_message, a_pid, processed
from tests.factories.residents import an_id_number
from xinglin.exchange.connections import Connection
from xinglin.platform import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ID = an_id_number(date(1963, 4, 15), "1", sequence=75)
SIZES = {"desk": {"width": 1366, "height": 800}, "telephone": {"width": 360, "height": 740}}


@pytest.fixture
def open_page(live_server: Any, county: County) -> Iterator[Callable[[str, dict[str, int]], Page]]:
    """Open an address as the engineer; fails the test on any error in the page's console."""
    errors: list[str] = []
    user = county.user("eng", "system-administrator", county.hospital, everywhere=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])

        def open_(path: str, size: dict[str, int]) -> Page:
            session = sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
            context = browser.new_context(viewport=size, locale="zh-CN")
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
            page = context.new_page()
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(live_server.url + path)
            return page

        yield open_
        browser.close()
        connection.close()  # inside the loop of playwright the test has a connection of its own
    assert errors == []


@pytest.mark.parametrize("size", SIZES)
def test_the_engineer_finds_the_fault_looks_at_it_and_replays(
    size: str, county: County, his: Connection, open_page: Callable[[str, dict[str, int]], Page]
) -> None:
    processed(county, a_message(a_pid(id_number=ID, sex="男")), at=clock.now())
    page = open_page("/exchange/", SIZES[size])

    expect(page.get_by_text("县医院 HIS").first).to_be_visible()
    page.get_by_role("link", name="处理失败 1").click()
    page.get_by_role("link", name="ADT^A08").first.click()
    expect(page.locator("mark")).to_contain_text("PID-8: •••")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    page.get_by_role("button", name="查看原文").first.click()
    page.locator("textarea[name=why]").fill("核对性别代码")
    page.locator("dialog[open]").get_by_role("button", name="查看原文").click()
    expect(page.locator("mark")).to_contain_text("PID-8: 男")
    page.get_by_role("button", name="重放这一条").click()
    expect(page.get_by_text("已排队重放。")).to_be_visible()
