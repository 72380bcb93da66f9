"""The referral in a real browser: an emergency sent from a telephone in few taps, the desk worked by keyboard."""

import pytest
from playwright.sync_api import expect

from tests.browsing import DESKTOP, PHONE
from tests.factories.followups import a_followup
from tests.factories.referrals import a_referral
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.followups.models import FollowUpTask
from xinglin.platform import clock
from xinglin.referrals.models import Referral
from xinglin.visits.api import Vitals

pytestmark = [pytest.mark.browser, pytest.mark.journey]
MOST_TAPS = 6


def test_an_emergency_is_sent_with_a_signature_in_six_taps(open_page, county):
    visit = a_visit(
        resident=a_resident(county, at=clock.now()), by=county.alma, at=clock.now(), complaint="胸闷1天",
        vitals=Vitals(systolic=186, diastolic=112, confirmed_unusual=True),
    )  # fmt: skip
    page = open_page("alma", f"/visits/{visit.uuid}/", **PHONE)
    taps = 0

    page.locator(f'a[href="/referrals/send/{visit.uuid}/"]').first.tap()
    taps += 1
    pad = page.locator("canvas.sign-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 30, steps=8)
    page.mouse.move(box["x"] + 220, box["y"] + 80, steps=8)
    page.mouse.up()
    taps += 1
    page.get_by_role("button", name="发送转诊").tap()
    taps += 1
    expect(page.get_by_text("待接收").first).to_be_visible()

    referral = Referral.objects.get()
    assert (referral.channel, referral.status) == ("emergency", "SUBMITTED")
    assert referral.consent.signature is not None
    assert taps <= MOST_TAPS
    print(f"taps for an emergency referral from its visit: {taps}")


def test_another_channel_offers_its_own_targets(open_page, county):
    visit = a_visit(resident=a_resident(county, at=clock.now()), by=county.alma, at=clock.now())
    page = open_page("alma", f"/referrals/send/{visit.uuid}/", **PHONE)
    expect(page.get_by_text("县人民医院").first).to_be_visible()

    page.get_by_role("radio", name="同级平转").tap()

    expect(page.locator("#way").get_by_text("西沟村卫生室")).to_be_visible()
    expect(page.locator("#way").get_by_text("县人民医院")).to_have_count(0)
    page.get_by_role("radio", name="急诊绿色通道").tap()
    expect(page.locator("#way").get_by_text("心血管内科")).to_be_visible()
    page.get_by_role("radio", name="沙沟镇卫生院").tap()
    expect(page.locator("#way").get_by_text("康复科")).to_be_visible()


def test_the_desk_is_worked_by_keyboard_and_one_dialog(open_page, county):
    referral = a_referral(county, channel="emergency", at=clock.now())
    page = open_page("du", "/referrals/", **DESKTOP)

    page.keyboard.press("j")
    expect(page.locator(f'a[href="/referrals/{referral.uuid}/"]').first).to_be_focused()
    page.get_by_role("button", name="接收").first.click()
    page.keyboard.type("心内科 12床")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已接收，已通知转出机构。")).to_be_visible()

    referral.refresh_from_db()
    assert (referral.status, referral.hold_text) == ("ACCEPTED", "心内科 12床")


def test_the_reason_is_asked_for_in_a_dialog_on_the_page(open_page, county):
    referral = a_referral(county, at=clock.now())
    page = open_page("du", f"/referrals/{referral.uuid}/", **DESKTOP)

    page.get_by_role("button", name="拒绝").first.click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("radio", name="暂无床位").click()
    dialog.get_by_role("button", name="拒绝").click()
    expect(page.get_by_text("已拒绝，已通知转出机构。")).to_be_visible()

    referral.refresh_from_db()
    assert referral.status_changes.last().reason_code == "no-bed"


def test_a_stable_follow_up_takes_few_taps(open_page, county):
    a_followup(county, resident=a_resident(county, at=clock.now()), at=clock.now())
    page = open_page("alma", "/followups/", **PHONE)
    taps = 0

    page.locator("a.list-item").first.tap()
    taps += 1
    page.get_by_role("radio", name="来诊").tap()
    taps += 1
    page.locator("#id_systolic").tap()
    page.keyboard.type("138")
    taps += 1
    expect(page.locator("#id_diastolic")).to_be_focused()
    page.keyboard.type("86")
    page.get_by_role("button", name="完成随访").tap()
    taps += 1
    expect(page.get_by_text("随访已完成。")).to_be_visible()

    task = FollowUpTask.objects.get()
    assert (task.status, task.outcome["systolic"], task.visit.systolic) == ("DONE", 138, 138)
    assert taps <= MOST_TAPS
    print(f"taps for a stable follow-up with a blood pressure: {taps}")
