"""The main flow in a real browser: control is entered from the keyboard, lost, and handled."""

from datetime import timedelta

import pytest

from tests.browsing import PHONE, Pages, fits
from tests.factories.county import County
from tests.factories.labcontrol import a_run, an_assay
from xinglin.labcontrol.models import OutOfControl
from xinglin.labcontrol.states import Status
from xinglin.platform import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_technician_enters_control_by_keyboard_and_handles_what_is_lost(county: County, open_page: Pages) -> None:
    assay = an_assay(county)
    a_run(county, assay, at=clock.now() - timedelta(hours=3))
    page = open_page("lin", f"/control/instruments/{assay.instrument.uuid}/run/", **PHONE)

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
    page.goto(f"/control/assays/{assay.uuid}/")
    assert page.locator("svg.lj text.lj-rule").text_content() == "1-3s"
    assert fits(page)
