"""In a real browser: the assistant's three steps, a station on a telephone, and the terminal in the hall."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browsing import PHONE, Pages, fits
from tests.factories.checkups import OLD, VALUES, a_checkup, a_session
from tests.factories.contracts import a_team
from tests.factories.county import County
from tests.factories.residents import a_resident, an_id_number
from xinglin.checkups.actions import kiosk
from xinglin.checkups.models import Checkup, Sitting
from xinglin.checkups.states import Status
from xinglin.contracts.models import Agreement
from xinglin.platform import clock

pytestmark = pytest.mark.browser
HALL: dict[str, Any] = {"viewport": {"width": 1080, "height": 1500}, "has_touch": True}


def test_the_assistant_does_three_steps_on_one_screen(county: County, open_page: Pages) -> None:
    county.user("zhu", "doctor-assistant", county.township, name="助理小朱", subordinates=True)
    a_team(county, at=clock.now())
    a_session(county, at=clock.now())
    page = open_page("zhu", reverse("checkups:desk"), viewport={"width": 1366, "height": 900})
    page.fill("[name=name]", "孙新来")
    page.fill("[name=id_number]", an_id_number(OLD, "1"))
    page.select_option("[name=managed_by]", str(county.clinic.uuid))
    page.click("text=打开健康档案")
    pad = page.locator("canvas.sign-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 30 + 30 * step, box["y"] + (30 if step % 2 else 90))
    page.mouse.up()
    page.click("#step-sign button:has-text('签约')")
    expect(page.locator("#step-sign")).to_contain_text("已与")
    page.click("#step-book button:has-text('约体检')")
    expect(page.locator("#step-book")).to_contain_text("体检中")
    assert Agreement.objects.get().status == "ACTIVE"
    assert Checkup.objects.get().status == Status.ARRIVED
    page.context.close()


def test_a_station_on_a_telephone(county: County, open_page: Pages) -> None:
    checkup = a_checkup(county, status=Status.ARRIVED, at=clock.now())
    page = open_page("tang", reverse("checkups:stations") + "?station=vitals", **PHONE)
    assert fits(page)
    page.click(".list-item")
    assert fits(page)
    for code in ("height", "weight", "waist", "diastolic", "heart_rate"):
        page.fill(f"[name={code}]", str(VALUES[code]))
    page.fill("[name=systolic]", "1200")
    page.click("text=保存，下一位")
    expect(page.locator("body")).to_contain_text("应在40至300之间")
    assert not checkup.values.exists()
    page.fill("[name=systolic]", "128")
    page.click("text=保存，下一位")
    expect(page.locator("body")).to_contain_text("没有人候检")
    assert checkup.values.count() == 6
    page.context.close()


def test_the_terminal_shows_one_his_own_and_nothing_to_the_next(county: County, open_page: Pages) -> None:
    man = a_resident(county, name="王小麦", born_on=OLD, at=clock.now())
    a_checkup(county, resident=man, status=Status.REPORTED, at=clock.now())
    made = kiosk.register_terminal(facility_id=county.township.pk, label="大厅", by=county.tang, at=clock.now())
    code = kiosk.give_code(resident=man, facility_id=county.township.pk, by=county.tang, at=clock.now())
    page = open_page(path="/kiosk/", cookies={"xinglin-terminal": f"{made.row.uuid}.{made.secret}"}, **HALL)
    page.fill("[name=number]", man.id_number)
    page.fill("[name=code]", code)
    page.click("text=进入")
    expect(page.locator("h1")).to_contain_text("王小麦")
    page.click(".list-item")
    expect(page.locator("body")).to_contain_text("总检结论")
    small = page.eval_on_selector_all(
        ".button, a.list-item", "all => all.filter(one => one.getBoundingClientRect().height < 60).length"
    )
    assert small == 0
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie.includes('xinglin-sitting')]")
    assert kept == [0, 0, False]
    page.click("text=退出")
    expect(page.locator("h1")).to_contain_text("自助检测")
    page.go_back()
    expect(page.locator("[name=number]")).to_have_value("")
    assert "王小麦" not in page.content()
    assert Sitting.objects.get().is_over
    page.context.close()
