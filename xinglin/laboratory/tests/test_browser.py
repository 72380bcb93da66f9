"""The main job in a real browser: ordered by tapping, collected by scanning, typed and released from the keyboard."""

import pytest

from tests.browsing import PHONE, Pages, fits
from tests.factories.county import County
from tests.factories.laboratory import CRITICAL, a_laboratory, li, luo, specimens_of
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.diagnostics.models import Request
from xinglin.laboratory.models import Specimen
from xinglin.platform import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_order_goes_from_the_village_to_the_released_report(county: County, open_page: Pages):
    a_laboratory(county)
    li(county), luo(county)
    visit = a_visit(resident=a_resident(county, at=clock.now()), by=county.alma, at=clock.now())
    village = open_page("alma", **PHONE)

    village.goto(f"/laboratory/visits/{visit.uuid}/order/")
    village.locator('input[value="electrolytes"]').check()
    assert "黄帽管" in village.locator("[data-tubes]").inner_text()
    village.get_by_role("button", name="申请检验").click()
    village.wait_for_url("**/laboratory/*-*/")
    order = Request.objects.get(kind="LAB")
    (specimen,) = specimens_of(order)
    village.goto("/laboratory/collect/")
    village.keyboard.type(specimen.barcode)
    village.keyboard.press("Enter")
    village.wait_for_selector("text=没有待采集的标本")
    assert fits(village)

    bench = open_page("li")
    bench.goto("/laboratory/receive/")
    bench.keyboard.type(specimen.barcode)
    bench.keyboard.press("Enter")
    bench.get_by_role("button", name="相符，核收").click()
    bench.wait_for_selector("text=已核收")
    bench.goto(f"/laboratory/{order.uuid}/enter/")
    for value in CRITICAL.values():
        bench.keyboard.type(value)
        bench.keyboard.press("Enter")
    bench.keyboard.press("Enter")
    bench.wait_for_url("**/laboratory/bench/")

    doctor = open_page("luo")
    doctor.goto("/laboratory/review/")
    doctor.get_by_text("危急值，须复核后发布").click()
    doctor.wait_for_selector("text=血钾过高")
    doctor.get_by_role("checkbox").check()
    doctor.get_by_role("button", name="发布").click()
    doctor.wait_for_selector("text=没有待审核的结果")

    village.goto(f"/laboratory/{order.uuid}/")
    village.wait_for_selector("text=立即确认")
    assert Specimen.objects.get().status == "RECEIVED"
