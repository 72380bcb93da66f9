"""Points exchanged at the counter on a telephone."""

import pytest
from playwright.sync_api import expect

from tests.browsing import PHONE, Pages, fits
from tests.factories.county import County
from tests.factories.points import some_goods, some_points
from tests.factories.residents import a_resident
from xinglin.platform import clock

pytestmark = pytest.mark.browser


def test_too_few_points_are_refused_in_the_dialog_that_lies_over_the_page(open_page: Pages, county: County) -> None:
    now = clock.now()
    resident = a_resident(county, at=now)
    some_points(county, resident, points=12, at=now)
    some_goods(county, at=now)

    open_page.tolerate("409")  # too few points
    page = open_page("alma", f"/points/residents/{resident.uuid}/", **PHONE)
    page.get_by_role("button", name="兑换", exact=True).tap()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("可用积分")
    dialog.locator("label.choice").first.tap()
    dialog.get_by_label("件数").fill("5")
    dialog.get_by_role("button", name="用积分兑换").tap()

    expect(page.get_by_role("dialog")).to_contain_text("积分不够")
    expect(page.locator(".error-summary")).to_be_focused()
    assert fits(page), page.url
