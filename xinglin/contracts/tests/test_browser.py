"""A resident is signed on a telephone, with his finger; nothing is wider than it."""

from datetime import date

import pytest
from playwright.sync_api import expect

from tests.browsing import PHONE, Pages, fits
from tests.factories.contracts import a_team, an_agreement
from tests.factories.county import County
from tests.factories.residents import a_resident
from xinglin.contracts.models import Agreement
from xinglin.contracts.states import Status
from xinglin.platform import clock

pytestmark = pytest.mark.browser


def test_signed_in_three_taps_and_a_signature(open_page: Pages, county: County) -> None:
    now = clock.now()
    resident = a_resident(county, at=now, born_on=date(1950, 1, 1), conditions=["hypertension"])
    a_team(county, at=now)
    taps = 0

    page = open_page("alma", f"/residents/{resident.uuid}/", **PHONE)
    page.get_by_role("link", name="签约", exact=True).first.tap()
    taps += 1
    pad = page.locator("canvas.sign-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 80, steps=8)
    page.mouse.up()
    assert fits(page), page.url
    expect(page.locator("input[type=file]")).to_be_hidden()
    page.get_by_role("button", name="确认签约", exact=True).tap()
    taps += 1
    expect(page.get_by_text("签约完成")).to_be_visible()
    assert fits(page), page.url

    agreement = Agreement.objects.get()
    assert taps <= 3
    assert agreement.status == Status.ACTIVE
    assert [each.partition("@")[0] for each in agreement.packages] == ["basic", "elderly", "hypertension"]
    assert agreement.consent is not None
    assert agreement.consent.signature is not None


def test_every_page_fits_a_telephone(open_page: Pages, county: County) -> None:
    agreement = an_agreement(county, at=clock.now())
    page = open_page("tang", "/contracts/agreements/", **PHONE)
    addresses = ("/contracts/agreements/", f"/contracts/agreements/{agreement.uuid}/", "/contracts/teams/", f"/contracts/teams/{agreement.team.uuid}/",
                 "/contracts/agreements/unsigned/", "/contracts/overview/", "/contracts/pay/", "/contracts/teams/new/")  # fmt: skip
    for path in addresses:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert fits(page), page.url
