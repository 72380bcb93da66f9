"""A real browser at the engineer's desk: from the connection to the fault, and again."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browsing import DESKTOP, PHONE, Pages, fits
from tests.factories.county import County
from tests.factories.exchange import a_message, a_pid, processed
from tests.factories.residents import an_id_number
from xinglin.exchange.connections import Connection
from xinglin.platform import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ID = an_id_number(date(1963, 4, 15), "1", sequence=75)


@pytest.mark.parametrize("device", [DESKTOP, PHONE])
def test_the_engineer_finds_the_fault_looks_at_it_and_replays(
    device: dict[str, Any], county: County, his: Connection, open_page: Pages
) -> None:
    processed(county, a_message(a_pid(id_number=ID, sex="男")), at=clock.now())
    engineer = county.user("eng", "system-administrator", county.hospital, everywhere=True)
    page = open_page(engineer, "/exchange/", **device)

    expect(page.get_by_text("县医院 HIS").first).to_be_visible()
    page.get_by_role("link", name="处理失败 1").click()
    page.get_by_role("link", name="ADT^A08").first.click()
    expect(page.locator("mark")).to_contain_text("PID-8: •••")
    assert fits(page)
    page.get_by_role("button", name="查看原文").first.click()
    page.locator("textarea[name=why]").fill("核对性别代码")
    page.locator("dialog[open]").get_by_role("button", name="查看原文").click()
    expect(page.locator("mark")).to_contain_text("PID-8: 男")
    page.get_by_role("button", name="重放这一条").click()
    expect(page.get_by_text("已排队重放。")).to_be_visible()
