"""A resident is screened on a telephone; what it comes to is said while it is typed."""

import os

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from tests.browsing import fits
from tests.factories.residents import a_resident
from xinglin.platform import clock
from xinglin.programmes.models import Enrolment

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("XINGLIN_SHOTS", "")


def shown(page: Page, name: str, width: int) -> None:
    """Nothing is wider than the screen; a picture where one is wanted."""
    assert fits(page), name
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("width", [1366, 360])
def test_a_resident_is_screened_and_what_is_positive_is_said_at_once(open_page, county, width):
    resident = a_resident(county, name="王小麦", at=clock.now())
    page = open_page(
        "alma", f"/programmes/resident/{resident.uuid}/screening/", viewport={"width": width, "height": 760}
    )

    page.fill("#id_a-systolic", "152")
    page.fill("#id_a-diastolic", "96")
    expect(page.get_by_text("阳性，请核实")).to_be_visible()
    shown(page, "screening", width)
    page.get_by_role("button", name="保存筛查").click()
    expect(page.get_by_text("筛查已保存")).to_be_visible()
    shown(page, "screened", width)
    page.goto("/programmes/high-risk/")
    shown(page, "high-risk", width)

    connection.close()
    assert Enrolment.objects.get(resident=resident, programme="hypertension").found_by == "SCREENING"
    boss = {"name": "sessionid", "value": open_page.session("tang"), "url": page.url}
    page.context.add_cookies([boss])
    page.goto("/programmes/transfers/new/")
    page.select_option("#id_former", str(county.clinic.uuid))
    page.select_option("#id_facility", str(county.sibling.uuid))
    expect(page.get_by_text("将一起转移")).to_be_visible()
    page.get_by_text("卫生室撤并").click(force=True)
    shown(page, "transfer", width)
    page.get_by_role("button", name="转移", exact=True).click()
    expect(page.get_by_text("已转移，名单")).to_be_visible()
    shown(page, "transfers", width)
