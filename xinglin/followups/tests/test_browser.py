"""The call desk from the keyboard, and on a telephone's width; what the content policy refuses fails the test."""

import os

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from tests.browsing import PHONE, fits
from tests.factories.county import County
from tests.factories.followups import a_followup
from tests.factories.residents import a_resident
from xinglin.followups.models import Call, FollowUpTask
from xinglin.followups.states import Status
from xinglin.platform import clock

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("XINGLIN_SHOTS", "")


def shown(page: Page, name: str, width: int) -> None:
    """Nothing is wider than the screen; a picture where one is wanted."""
    assert fits(page), name
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


def a_waiting_resident(county: County, name: str, phone: str) -> FollowUpTask:
    """Somebody the hospital is to call after his discharge, and the clinic this week."""
    now = clock.now()
    resident = a_resident(county, name=name, phone=phone, at=now)
    a_followup(county, resident=resident, due_on=clock.today(now), at=now)
    return a_followup(
        county, resident=resident, facility_id=county.hospital.pk, kind="AFTER_DISCHARGE", level="COUNTY",
        by=county.sun, at=now,
    )  # fmt: skip


@pytest.mark.parametrize("width", [1366, 360])
def test_a_caller_works_a_call_from_the_keyboard(open_page, county, width):
    task = a_waiting_resident(county, "王小麦", "13700001234")
    county.user("fang", "followup-caller", county.hospital, name="方")
    page = open_page("fang", "/followups/desk/", viewport={"width": width, "height": 760})
    shown(page, "desk", width)

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="领取并开始联系")).to_be_focused()
    shown(page, "person", width)
    page.keyboard.press("Enter")
    expect(page.locator("a[href='tel:13700001234']")).to_be_visible()
    page.focus("#dialled-ANSWERED")
    page.keyboard.press("Space")
    page.focus("[id='a-answers_himself-self']")
    page.keyboard.press("Space")
    page.focus("[id='a-recovery-better']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("哪里加重了")).to_be_visible()
    expect(page.locator("[id='a-recovery-worse']")).to_be_focused()
    expect(page.get_by_text("请管理机构面访")).to_be_visible()
    page.fill("#id_a-worse_how", "走几步就喘")
    page.focus("[id='a-medicines-regular']")
    page.keyboard.press("Space")
    page.wait_for_timeout(500)
    shown(page, "call", width)
    page.get_by_role("button", name="记录并结束").press("Enter")
    expect(page.get_by_text("通话已记录")).to_be_visible()

    connection.close()
    task.refresh_from_db()
    call = Call.objects.get()
    assert (task.status, call.dialled) == ("DONE", "ANSWERED")
    assert FollowUpTask.objects.filter(origin_kind="call-alert").count() == 1
    page.goto(f"/followups/calls/{call.uuid}/")
    shown(page, "ended", width)
    page.goto("/followups/figures/")
    shown(page, "figures", width)


@pytest.mark.parametrize("width", [1366, 360])
def test_the_doctor_plans_a_discharge_and_the_village_sees_the_week(open_page, county, width):
    from xinglin.followups import actions
    from xinglin.followups.data import CallEnd
    from xinglin.residents.api import note_on_roster

    now = clock.now()
    task = a_waiting_resident(county, "李四海", "13700001235")
    note_on_roster(resident=task.resident, facility_id=county.hospital.pk, basis="VISIT", at=now)
    call = actions.open_call(resident=task.resident, facility_id=county.hospital.pk, by=county.sun, at=now)
    answers = {"answers_himself": "self", "recovery": "better", "medicines": "regular"}
    actions.end_call(call=call, end=CallEnd("ANSWERED", answers), by=county.sun, at=now)
    page = open_page("sun", "/followups/discharges/new/", viewport={"width": width, "height": 760})

    page.fill("#id_number", task.resident.number)
    page.check("input[value=ORDERED]")
    page.fill("#id_diagnosis_code", "I21.9")
    page.fill("#id_diagnosis_name", "急性心肌梗死")
    page.locator("#id_ward").click()
    expect(page.get_by_text("48小时电话")).to_be_visible()
    shown(page, "discharge-form", width)
    page.get_by_role("button", name="制定计划").click()
    expect(page.get_by_role("heading", name="三级随访")).to_be_visible()
    shown(page, "discharge", width)

    connection.close()
    county.alma  # noqa: B018 - makes the account
    own = FollowUpTask.objects.get(resident=task.resident, facility=county.clinic, kind="PLANNED")
    page = open_page("alma", f"/followups/{own.uuid}/", viewport={"width": width, "height": 760})
    expect(page.get_by_text("本周已联系过")).to_be_visible()
    shown(page, "week", width)
    page.get_by_role("button", name="并入这次联系").click()
    expect(page.get_by_text("已并入这次联系")).to_be_visible()


def test_a_refused_caller_reads_why_and_goes_on_from_a_telephone(open_page, county):
    at = clock.now()
    task = a_followup(
        county, resident=a_resident(county, at=at), facility_id=county.hospital.pk, kind="AFTER_DISCHARGE", level="COUNTY",
        by=county.sun, at=at,
    )  # fmt: skip
    a_followup(county, resident=task.resident, status=Status.DONE, at=at)
    fang = county.user("fang", "followup-caller", county.hospital, name="方")

    page = open_page(fang, f"/followups/desk/{task.resident.uuid}/", **PHONE)
    reason = page.locator(".notice", has_text="不再另行联系")
    assert (reason.bounding_box() or {})["width"] > 250
    assert (reason.locator(".notice-title").bounding_box() or {})["height"] < 120
    page.get_by_role("button", name="推迟到下周").tap()

    expect(page.get_by_text("已推迟。")).to_be_visible()
    task.refresh_from_db()
    assert task.due_on > clock.today(at)
