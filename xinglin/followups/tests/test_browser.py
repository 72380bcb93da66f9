"""The call desk from the keyboard, and on a telephone's width; what the content policy refuses fails the test."""

import os
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.factories.accounts import sign_in
from tests.factories.county import County
from tests.factories.followups import a_followup
from tests.factories.residents import a_resident
from xinglin.followups.models import Call, FollowUpTask
from xinglin.platform import clock

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("XINGLIN_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
SHOTS = os.environ.get("XINGLIN_SHOTS", "")


@pytest.fixture
def county(transactional_db: None) -> County:
    """A county the live server sees, too."""
    return County()


@pytest.fixture
def browser(live_server: Any, county: County) -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as play:
        launched = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield launched
        launched.close()
        connection.close()
    deadline, others = time.monotonic() + 5, 1
    while others and time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            (others,) = cursor.fetchone()
        time.sleep(0.1)
    connection.close()


def open_as(browser: Browser, live_server: Any, county: County, name: str, path: str, width: int) -> tuple[Page, list]:
    """A page of one of the cast, and what its console complains about."""
    client = sign_in(Client(), county.users[name])
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": 760})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page, faults = context.new_page(), []
    page.on("console", lambda said: faults.append(said.text) if is_fault(said) else None)
    page.goto(live_server.url + path)
    return page, faults


def is_fault(said: Any) -> bool:
    """An error of the page; that a newer look replaces one on its way is none."""
    return said.type == "error" and not said.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))


def shown(page: Page, name: str, width: int) -> None:
    """Nothing is wider than the screen; a picture where one is wanted."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
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
def test_a_caller_works_a_call_from_the_keyboard(browser, live_server, county, width):
    task = a_waiting_resident(county, "王小麦", "13700001234")
    county.user("fang", "followup-caller", county.hospital, name="方")
    page, faults = open_as(browser, live_server, county, "fang", "/followups/desk/", width)
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
    page.goto(f"{live_server.url}/followups/calls/{call.uuid}/")
    shown(page, "ended", width)
    page.goto(f"{live_server.url}/followups/figures/")
    shown(page, "figures", width)
    assert not faults, faults


@pytest.mark.parametrize("width", [1366, 360])
def test_the_doctor_plans_a_discharge_and_the_village_sees_the_week(browser, live_server, county, width):
    from xinglin.followups import actions
    from xinglin.followups.data import CallEnd
    from xinglin.residents.api import note_on_roster

    now = clock.now()
    task = a_waiting_resident(county, "李四海", "13700001235")
    note_on_roster(resident=task.resident, facility_id=county.hospital.pk, basis="VISIT", at=now)
    call = actions.open_call(resident=task.resident, facility_id=county.hospital.pk, by=county.sun, at=now)
    answers = {"answers_himself": "self", "recovery": "better", "medicines": "regular"}
    actions.end_call(call=call, end=CallEnd("ANSWERED", answers), by=county.sun, at=now)
    page, faults = open_as(browser, live_server, county, "sun", "/followups/discharges/new/", width)

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
    assert not faults, faults

    connection.close()
    county.alma  # noqa: B018 - makes the account
    own = FollowUpTask.objects.get(resident=task.resident, facility=county.clinic, kind="PLANNED")
    page, faults = open_as(browser, live_server, county, "alma", f"/followups/{own.uuid}/", width)
    expect(page.get_by_text("本周已联系过")).to_be_visible()
    shown(page, "week", width)
    page.get_by_role("button", name="并入这次联系").click()
    expect(page.get_by_text("已并入这次联系")).to_be_visible()
    assert not faults, faults
