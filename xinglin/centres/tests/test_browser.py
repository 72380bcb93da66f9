"""The roster in a real browser: a doctor is put on duty, and the request that comes is his in the work list."""

import pytest

from tests.browsing import PHONE, Pages, fits
from tests.factories.county import County
from tests.factories.diagnostics import a_request, an_ecg_centre
from xinglin.centres import actions, jobs
from xinglin.platform import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_doctor_is_put_on_duty_and_what_comes_is_his(open_page: Pages, county: County):
    an_ecg_centre(county)
    page = open_page("bo", "/centres/roster/", **PHONE)
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
    page.goto("/diagnostics/worklist/?show=mine")

    page.get_by_text("分配给您").wait_for()
    assert fits(page)
    page.get_by_role("button", name="领取").first.click()
    page.get_by_text("已领取，请诊断").wait_for()
