"""A real browser in the reading room: a real ECG on the screen, a report signed from the keyboard."""

import pytest
from playwright.sync_api import expect

from tests.browsing import DESKTOP, PHONE, Pages, fits
from tests.factories.county import County
from tests.factories.diagnostics import ECG_PATH, a_critical, a_request, an_ecg_centre
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.diagnostics.models import CriticalValue, Request
from xinglin.platform import clock

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_reader_claims_reads_and_signs_from_the_keyboard(county: County, open_page: Pages):
    request = a_request(county, priority="EMERGENCY", at=clock.now())
    open_page.tolerate("422")  # a form that comes back
    page = open_page("bo", "/diagnostics/worklist/", **DESKTOP)

    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_url(f"**/diagnostics/{request.uuid}/")
    expect(page.locator("ecg-viewer canvas")).to_be_visible()
    page.keyboard.press("t")
    page.keyboard.type("jxxbxjgs")
    page.keyboard.press("Enter")
    expect(page.locator("textarea[name=findings]")).to_have_value(
        "窦性心律，心率61次/分。Ⅱ、Ⅲ、aVF导联ST段呈弓背向上型抬高__mV，Ⅰ、aVL导联ST段对应性压低。建议加做V3R–V5R、V7–V9导联。"
    )
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("模板中还有空白没有填写，不能签发。")).to_be_visible()
    expect(page.locator("textarea[name=findings]")).to_be_focused()
    page.keyboard.type("0.2")
    page.keyboard.press("Control+Enter")

    expect(page.get_by_text("正式报告已签发")).to_be_visible()
    report = Request.objects.get().reports.get()
    assert "弓背向上型抬高0.2mV" in report.findings
    assert (report.codes[0]["code"], report.is_abnormal) == ("st-elevation-inferior", True)
    assert CriticalValue.objects.get().code == "ecg-acute-infarction"


def test_a_village_doctor_sends_an_ecg_from_a_phone(county: County, open_page: Pages):
    an_ecg_centre(county)
    visit = a_visit(resident=a_resident(county), by=county.alma, at=clock.now())
    open_page.tolerate("422")  # a form that comes back
    page = open_page("alma", f"/diagnostics/request/{visit.uuid}/", **PHONE)

    page.set_input_files("input[name=recordings]", str(ECG_PATH))
    page.get_by_role("button", name="申请心电诊断").click()
    expect(page.get_by_text("这份图形可能不是本人的").first).to_be_visible()
    page.get_by_text("已核对，确认为本人本次图形").click()
    page.get_by_role("button", name="申请心电诊断").click()

    expect(page.get_by_text("申请已发出")).to_be_visible()
    assert fits(page)
    assert Request.objects.get().visit_id == visit.pk


def test_a_critical_value_is_answered_on_a_phone(county: County, open_page: Pages):
    critical = a_critical(county, at=clock.now())
    page = open_page("alma", f"/diagnostics/criticals/{critical.uuid}/", **PHONE)

    expect(page.locator("[data-due]").first).to_be_visible()
    page.get_by_label("请复述听到的危急值内容").fill("王小麦，急性下壁心肌梗死")
    page.get_by_role("button", name="复述无误，确认收到").click()
    page.get_by_label("采取了什么处置、居民现在何处").fill("阿司匹林300mg嚼服，救护车已到")
    page.get_by_role("button", name="保存处置").click()

    expect(page.get_by_text("处置已记录")).to_be_visible()
    critical.refresh_from_db()
    assert (critical.status, critical.is_in_time) == ("HANDLED", True)
