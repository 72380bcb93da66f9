"""A round is written down on a telephone in the home, and the home's person signs on it; nothing is wider than it."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browsing import PHONE, Pages, fits
from tests.factories.county import County
from tests.factories.institutions import a_care_agreement, a_home, a_stay, first_round
from tests.factories.residents import a_resident
from xinglin.institutions.models import Round
from xinglin.institutions.states import RoundStatus
from xinglin.platform import clock

pytestmark = pytest.mark.browser


def test_a_round_is_signed_on_the_telephone_and_every_page_fits_it(open_page: Pages, county: County) -> None:
    begun = clock.now() - timedelta(days=20)
    agreement = a_care_agreement(county, a_home(county, at=begun), at=begun)
    home = agreement.institution
    stay = a_stay(county, home, resident=a_resident(county, name="周桂兰", at=begun), at=begun, room="201")
    found = first_round(agreement)
    address = f"/institutions/rounds/{found.uuid}/"

    page = open_page("tang", address, **PHONE)
    assert fits(page), page.url
    page.locator(f'input[name="seen"][value="{stay.uuid}"]').locator("..").tap()
    page.fill('textarea[name="findings"]', "血压平稳，床单元整洁")
    page.fill('input[name="signer_name"]', "孙桂英")
    pad = page.locator("canvas.sign-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 80, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="登记巡诊").tap()
    expect(page.get_by_text("屏幕签字")).to_be_visible()
    for path in (
        address, "/institutions/", "/institutions/?box=unsigned", "/institutions/rounds/?box=missed", "/institutions/new/",
        f"/institutions/{home.uuid}/", f"/institutions/{home.uuid}/sign/", f"/institutions/{home.uuid}/residents/?q=周",
        f"/institutions/agreements/{agreement.uuid}/",
    ):  # fmt: skip
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert fits(page), page.url

    assert Round.objects.get(pk=found.pk).status == RoundStatus.DONE
