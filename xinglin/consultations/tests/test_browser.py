"""A consultation in a real browser: asked and signed on a telephone, read and answered at a desk."""

import pytest
from playwright.sync_api import Route, expect

from tests.browsing import DESKTOP, PHONE, Pages, fits
from tests.factories.consultations import an_expert, outside_expert
from tests.factories.county import County
from tests.factories.diagnostics import a_request
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.consultations.models import Case
from xinglin.platform import clock

pytestmark = pytest.mark.browser


def test_a_choice_made_before_the_scripts_came_is_heard(open_page: Pages, county: County) -> None:
    resident = a_resident(county, at=clock.now())
    visit = a_visit(resident=resident, by=county.alma, at=clock.now(), complaint="胸闷1天")
    an_expert(county, outside_expert(county), outside_hospital="省立医院")
    page = open_page("alma", f"/visits/{visit.uuid}/", **PHONE)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/vendor/htmx/**", hold)
    with page.expect_request("**/vendor/htmx/**"):
        page.get_by_role("link", name="远程会诊").last.click(no_wait_after=True)
    page.get_by_label("会诊专业").select_option("neurology")
    answered = page.locator("option[value=neurology][selected]")
    assert answered.count() == 0, "nothing was asked of the server yet"
    for route in held:
        route.continue_()
    expect(answered).to_have_count(1)


def test_asked_on_a_telephone_read_and_answered_at_a_desk(open_page: Pages, county: County) -> None:
    now = clock.now()
    resident = a_resident(county, at=now)
    visit = a_visit(resident=resident, by=county.alma, at=now, complaint="胸闷1天")
    a_request(county, status="FINAL", resident=resident, at=now)
    outside_expert(county)
    an_expert(county, outside_expert(county), outside_hospital="省立医院")

    phone = open_page("alma", f"/visits/{visit.uuid}/", **PHONE)
    phone.get_by_role("link", name="远程会诊").last.click()
    with phone.expect_response(lambda answer: "specialty=cardiology" in answer.url):
        phone.get_by_label("会诊专业").select_option("cardiology")
    expect(phone.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    phone.get_by_role("checkbox", name="吴 · 主任医师").check(force=True)
    phone.get_by_label("会诊目的").fill("是否需要立即转诊")
    expect(phone.get_by_role("checkbox", name="吴 · 主任医师")).to_be_checked()
    phone.get_by_role("radio", name="同意，签字").check(force=True)
    pad = phone.locator("canvas.sign-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    phone.mouse.move(box["x"] + 20, box["y"] + 40)
    phone.mouse.down()
    phone.mouse.move(box["x"] + 120, box["y"] + 80, steps=8)
    phone.mouse.up()
    phone.get_by_role("button", name="发出会诊申请").click()
    expect(phone.get_by_text("会诊申请已发出")).to_be_visible()
    assert fits(phone)

    case = Case.objects.get()
    desk = open_page("outside", f"/consultations/{case.uuid}/", **DESKTOP)
    expect(desk.get_by_text("王小麦")).to_have_count(0)
    desk.get_by_role("button", name="接受会诊").click()
    desk.get_by_role("link", name="检查检验").click()
    expect(desk.locator("ecg-viewer canvas, ecg-viewer svg").first).to_be_visible()
    desk.get_by_role("link", name="返回会诊").click()
    for label, text in (
        ("分析", "心电图正常，症状不典型"),
        ("诊断意见", "稳定型心绞痛可能"),
        ("处理建议", "留观，复查心电图"),
    ):
        desk.get_by_label(label).fill(text)
    desk.get_by_role("button", name="签署意见").click()
    expect(desk.get_by_text("意见已签署。")).to_be_visible()

    phone.reload()
    expect(phone.get_by_text("诊疗方案由邀请单位的经治医师")).to_be_visible()
    case.refresh_from_db()
    assert case.status == "OPINION_GIVEN"
    assert case.consent.signature is not None
