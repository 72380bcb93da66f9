"""Whether a telephone asks before it opens, and what it does with the answer, in a real chromium at 360 px."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.factories.county import County
from xinglin.platform import clock
from xinglin.pocket import actions
from xinglin.pocket.models import Change, Device
from xinglin.pocket.states import Status
from xinglin.pocket.tests.test_browser import PIN, people, set_up, shot, telephone
from xinglin.programmes.models import ProgrammeVisit

__all__ = ["telephone"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LYING = """async () => {
  const db = await new Promise((ok) => { const r = indexedDB.open("xinglin-pocket"); r.onsuccess = () => ok(r.result); });
  const count = (name) => new Promise((ok) => { const r = db.transaction(name).objectStore(name).count(); r.onsuccess = () => ok(r.result); });
  return Promise.all(["residents", "definitions", "outbox"].map(count));
}"""
SHOWED = """(ms) => new Promise((ok) => { const r = indexedDB.open("xinglin-pocket"); r.onsuccess = () => {
  const t = r.result.transaction("meta", "readwrite"); t.objectStore("meta").put(Date.now() + ms, "clock"); t.oncomplete = ok; }; })"""


def lock(page: Page) -> None:
    page.get_by_role("button", name="状态").click()
    page.get_by_role("button", name="锁定").click()
    page.get_by_label("口令").wait_for()


def unlock(page: Page) -> None:
    page.get_by_label("口令").fill(PIN)
    page.get_by_role("button", name="解锁").click()


def see(page: Page, name: str) -> None:
    """A stable visit, kept."""
    page.get_by_role("button", name=name).click()
    page.get_by_label("收缩压").fill("130")
    page.get_by_label("舒张压").fill("80")
    page.get_by_role("button", name="其余同上次，保存").click()
    page.get_by_text(f"{name}：已记在手机上").wait_for()


def test_what_a_telephone_laid_down_on_the_computer_had_not_sent_is_sent_before_it_goes(
    telephone: Any, open_page: Any, live_server: Any, county: County
):
    open_page.tolerate("401 (Unauthorized)")
    people(county)
    set_up(telephone, live_server.url)
    telephone.context.set_offline(True)
    see(telephone, "王秋")
    actions.end_device(device=Device.objects.get(), by=county.alma, at=clock.now())
    cookies = telephone.context.cookies()
    telephone.context.clear_cookies()  # and her sign-in has expired
    telephone.context.set_offline(False)

    telephone.reload()
    unlock(telephone)

    telephone.get_by_text("还有 1 条记录没有上传").wait_for()
    telephone.get_by_role("link", name="登录后同步").wait_for()
    assert telephone.get_by_text("王秋").count() == 0
    assert telephone.evaluate(LYING) == [0, 0, 1]
    shot(telephone, "ended-waiting")
    telephone.context.add_cookies(cookies)
    telephone.get_by_role("button", name="同步").click()
    telephone.get_by_role("button", name="设置这台手机").wait_for()
    assert telephone.get_by_text("这台手机已停用").is_visible()
    assert telephone.evaluate(LYING) == [0, 0, 0]
    assert ProgrammeVisit.objects.filter(answers__diastolic="80").count() == 1


def test_a_locked_app_that_is_running_erases_itself_when_the_network_comes_back(
    telephone: Any, live_server: Any, county: County
):
    people(county)
    set_up(telephone, live_server.url)
    lock(telephone)
    telephone.wait_for_timeout(500)  # it has asked, and was told that all is well
    actions.order_wipe(device=Device.objects.get(), reason="手机丢失", by=county.alma, at=clock.now())

    telephone.evaluate("dispatchEvent(new Event('online'))")

    telephone.get_by_text("本机资料已清除").wait_for()
    assert telephone.evaluate(LYING) == [0, 0, 0]
    assert Device.objects.get().status == Status.WIPED


@pytest.mark.parametrize("status", [Status.WIPING, Status.WIPED])
def test_the_right_pin_shows_nobody_on_a_telephone_or_a_copy_of_one_that_is_to_be_erased(
    telephone: Any, live_server: Any, county: County, status: Status
):
    people(county)
    set_up(telephone, live_server.url)
    lock(telephone)
    telephone.wait_for_timeout(500)
    Device.objects.update(status=status)
    telephone.evaluate(
        """() => { window.__names = 0; new MutationObserver(() => { if (document.body.textContent.includes("王")) window.__names += 1; })
          .observe(document.body, { childList: true, subtree: true }); }"""
    )

    unlock(telephone)

    telephone.get_by_text("本机资料已清除").wait_for()
    assert telephone.evaluate("window.__names") == 0
    assert Device.objects.get().status == Status.WIPED


def test_a_signal_too_weak_for_an_answer_keeps_nobody_waiting(telephone: Any, live_server: Any, county: County):
    people(county)
    set_up(telephone, live_server.url)
    held: list[Route] = []
    telephone.route("**/pocket/contact/", lambda route: held.append(route))  # and never an answer

    telephone.reload()

    expect(telephone.get_by_label("口令")).to_be_visible(timeout=3000)
    unlock(telephone)
    expect(telephone.get_by_role("button", name="王春")).to_be_visible(timeout=9000)
    assert held


def test_a_clock_that_was_set_back_makes_what_was_kept_wait_for_a_person(
    telephone: Any, live_server: Any, county: County
):
    people(county)
    set_up(telephone, live_server.url)
    telephone.context.set_offline(True)
    telephone.evaluate(SHOWED, timedelta(days=3) / timedelta(milliseconds=1))
    see(telephone, "王秋")

    telephone.context.set_offline(False)
    telephone.get_by_role("button", name="待发").click()

    telephone.get_by_text("待核对", exact=True).wait_for()
    telephone.get_by_text("手机时钟在记录和上传之间改过").wait_for()
    assert (Change.objects.get().code, Change.objects.get().noted_skew_seconds) == ("clock-changed", 0)
