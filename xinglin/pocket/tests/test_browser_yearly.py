"""The yearly form and the two languages in a real chromium at 360 px."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories.county import County, later
from tests.factories.followups import a_followup
from tests.factories.programmes import a_programme_visit, an_enrolment
from xinglin.followups import actions as followups
from xinglin.followups.data import Outcome
from xinglin.platform import clock
from xinglin.pocket.models import Change
from xinglin.pocket.tests.test_browser import PIN, people, set_up, shot, telephone
from xinglin.programmes.models import Enrolment, ProgrammeVisit

__all__ = ["telephone"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
#: Names of people, places and medicines, and what people wrote, stand as they are written.
NAMES = ("王春", "王夏", "王秋", "王冬", "王年", "东沟村", "阿尔玛", "青霉素", "卫生室", "1 号", "中文")


def asked(page: Page) -> Any:
    return page.get_by_role("group", name="表单")


def fill_yearly(page: Page, *, waist: str = "84") -> None:
    asked(page).get_by_role("button", name="年度评估").click()
    for label, value in (("收缩压", "128"), ("舒张压", "78"), ("身高", "165"), ("体重", "62"), ("腰围", waist)):
        page.get_by_label(label).first.fill(value)
    page.get_by_role("group", name="吸烟").get_by_role("button", name="从不").click()
    page.get_by_role("group", name="饮酒").get_by_role("button", name="不饮").click()
    page.get_by_label("每周运动").or_(page.get_by_label("运动", exact=False)).first.fill("5")


def test_a_yearly_assessment_is_filled_without_a_connection_and_lands_as_the_computers(
    telephone: Page, live_server: Any, county: County
):
    enrolment = people(county)[0]
    Enrolment.objects.filter(pk=enrolment.pk).update(enrolled_on=later(days=-400).date())
    set_up(telephone, live_server.url)
    telephone.get_by_role("button", name="王春").get_by_text("年度评估").wait_for()
    telephone.context.set_offline(True)

    telephone.get_by_role("button", name="王春").click()
    telephone.get_by_text("年度评估已到期").wait_for()
    telephone.get_by_label("收缩压").fill("128")
    fill_yearly(telephone)
    assert telephone.get_by_role("button", name="其余同上次，保存").is_hidden()  # a year is not copied from a visit
    expect(telephone.get_by_text("还缺")).to_have_count(0)
    shot(telephone, "yearly")
    telephone.get_by_role("button", name="保存", exact=True).dblclick()  # a nervous finger keeps one
    telephone.get_by_text("王春：已记在手机上").wait_for()
    expect(telephone.get_by_role("button", name="王春").get_by_text("年度评估")).to_have_count(0)
    assert ProgrammeVisit.objects.filter(kind="yearly").count() == 0
    a_programme_visit(  # meanwhile at the desk
        county, enrolment, {"height": "165", "weight": "62", "waist": "83"}, kind="yearly", at=later(days=-1)
    )

    telephone.context.set_offline(False)
    telephone.get_by_role("button", name="待发").click()
    telephone.get_by_text("已入档", exact=True).first.wait_for()
    telephone.get_by_text("今年已有另一份年度评估").wait_for()
    shot(telephone, "yearly-twice")

    kept = ProgrammeVisit.objects.get(answers__waist="84")
    assert (kept.kind, kept.results.get().is_complete, Change.objects.count()) == ("yearly", True, 1)
    assert kept.happened_at < kept.recorded_at
    assert ProgrammeVisit.objects.filter(kind="yearly").count() == 2


def test_the_second_tap_of_two_opens_nobody_on_the_list_that_came_between(
    telephone: Page, live_server: Any, county: County
):
    people(county)
    set_up(telephone, live_server.url)
    telephone.get_by_role("button", name="全部").click()
    keep_where(telephone, "王春", None)
    row = telephone.get_by_role(
        "button", name="王夏"
    ).bounding_box()  # below what was said of the last, as it will be again
    assert row is not None
    at = (row["x"] + row["width"] / 2, row["y"] + row["height"] / 2)

    keep_where(telephone, "王秋", at)
    telephone.mouse.click(*at)

    telephone.wait_for_timeout(600)  # a screen that opens would have by now
    expect(telephone.get_by_role("button", name="王夏")).to_be_visible()
    expect(telephone.get_by_label("收缩压")).to_have_count(0)
    telephone.mouse.click(*at)  # a tap of its own
    telephone.get_by_label("收缩压").wait_for()


def keep_where(telephone: Page, name: str, at: tuple[float, float] | None) -> None:
    """A visit kept with one tap on the button, which stands where it stands, or is scrolled to a place of the screen."""
    telephone.get_by_role("button", name=name).click()
    telephone.keyboard.type("14688")
    same = telephone.get_by_role("button", name="其余同上次，保存")
    if at is None:
        same.click()
    else:
        same.evaluate(
            """(button, [_x, y]) => {
              button.closest("section").style.padding = "90vh 0"; // room to scroll; the next screen has none of it
              const box = button.getBoundingClientRect();
              window.scrollBy(0, box.top + box.height / 2 - y);
            }""",
            list(at),
        )
        under = telephone.evaluate("([x, y]) => document.elementFromPoint(x, y).textContent", list(at))
        assert under == same.text_content()
        telephone.mouse.click(*at)
    # what is said of it gives way to what the sending says: the list is there in any case
    telephone.get_by_role("searchbox").wait_for()


def test_what_was_typed_survives_the_other_form_the_back_button_and_the_lock(
    telephone: Page, live_server: Any, county: County
):
    people(county)
    set_up(telephone, live_server.url)
    telephone.get_by_role("button", name="王春").click()
    telephone.get_by_label("收缩压").fill("131")
    asked(telephone).get_by_role("button", name="年度评估").click()
    telephone.get_by_label("腰围").fill("91")
    asked(telephone).get_by_role("button", name="常规随访").click()
    expect(telephone.get_by_label("收缩压")).to_have_value("131")

    telephone.go_back()
    telephone.get_by_role("button", name="王夏").wait_for()
    telephone.get_by_role("button", name="状态").click()
    telephone.get_by_role("button", name="锁定").click()
    telephone.get_by_role("button", name="解锁").wait_for()
    telephone.reload()
    telephone.get_by_label("口令").fill(PIN)
    telephone.get_by_role("button", name="解锁").click()
    telephone.get_by_role("button", name="王春").click()

    expect(telephone.get_by_label("收缩压")).to_have_value("131")
    asked(telephone).get_by_role("button", name="年度评估").click()
    expect(telephone.get_by_label("腰围")).to_have_value("91")


def test_what_was_typed_on_another_day_is_told_and_not_filled_in(telephone: Page, live_server: Any, county: County):
    people(county)
    telephone.clock.install()
    set_up(telephone, live_server.url)
    telephone.get_by_role("button", name="王春").click()
    telephone.get_by_label("收缩压").fill("187")
    telephone.get_by_label("舒张压").fill("112")
    telephone.get_by_label("如何处理").first.wait_for()
    telephone.go_back()
    telephone.get_by_role("button", name="王夏").wait_for()

    telephone.clock.fast_forward("30:00:00")  # it locks itself, too
    telephone.get_by_label("口令").fill(PIN)
    telephone.get_by_role("button", name="解锁").click()
    telephone.get_by_role("button", name="王春").click()

    telephone.get_by_text("填了一半，没有保存：收缩压：187 mmHg；舒张压：112 mmHg").wait_for()
    expect(telephone.get_by_label("收缩压")).to_have_value("")
    shot(telephone, "left-over")
    telephone.get_by_label("收缩压").fill("131")
    telephone.go_back()
    telephone.get_by_role("button", name="王春").click()
    expect(telephone.get_by_label("收缩压")).to_have_value("131")


def words_left(page: Page) -> set[str]:
    """Chinese on the page that is no name: in its text, its fields and its labels."""
    text = page.evaluate(
        """() => [document.title, document.body.innerText, ...[...document.querySelectorAll("*")].flatMap((e) =>
          [e.getAttribute("aria-label"), e.getAttribute("placeholder"), e.getAttribute("title"), e.tagName === "OPTION" ? e.textContent : "",
           e.tagName === "SUMMARY" ? e.textContent : ""])].filter(Boolean).join("\\n")"""
    )
    for name in NAMES:
        text = text.replace(name, "")
    return set(CHINESE.findall(text))


@pytest.fixture
def walked(telephone: Page) -> Iterator[list[str]]:
    seen: list[str] = []
    yield seen
    print(f"walked in English: {', '.join(seen)}")


def test_every_page_is_in_english_also_without_a_connection(
    telephone: Page, live_server: Any, county: County, walked: list[str]
):
    first, second, *_rest = people(county)
    for programme in ("diabetes", "elderly", "copd"):
        an_enrolment(county, resident=first.resident, programme=programme, at=later(days=-100))
    a_programme_visit(
        county, second, {"systolic": "186", "diastolic": "112"}, alert_answer="OTHER", alert_note="x", confirmed_unusual=True,
        at=later(days=-1),
    )  # fmt: skip

    def look(name: str) -> None:
        walked.append(name)
        telephone.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        assert words_left(telephone) == set(), name
        shot(telephone, f"en-{name}")

    set_up(telephone, live_server.url)
    telephone.get_by_role("button", name="状态").click()
    telephone.context.set_offline(True)
    telephone.get_by_role("button", name="English").click()
    telephone.get_by_role("button", name="Synchronise").wait_for()
    look("status")
    telephone.reload()
    telephone.get_by_role("button", name="Unlock").wait_for()
    look("lock")
    telephone.get_by_label("PIN").fill("000000")
    telephone.get_by_role("button", name="Unlock").click()
    telephone.get_by_text("Wrong PIN").wait_for()
    look("wrong-pin")
    telephone.get_by_label("PIN").fill(PIN)
    telephone.get_by_role("button", name="Unlock").click()
    telephone.get_by_role("button", name="Today").wait_for()
    look("today")
    telephone.get_by_role("button", name="All").click()
    expect(telephone.get_by_role("button", name="All")).to_have_attribute("aria-current", "page")
    look("all")
    telephone.get_by_role("button", name="王春").first.click()
    telephone.get_by_label("Systolic").wait_for()
    look("form-of-four")
    telephone.get_by_role("button", name="Yearly assessment").click()
    look("yearly-of-four")
    telephone.get_by_label("Systolic").fill("190")
    telephone.get_by_label("Diastolic").fill("115")
    telephone.get_by_label("What is done").wait_for()
    look("findings")
    telephone.get_by_role("button", name="Save", exact=True).click()
    telephone.get_by_text("Something wants a referral").wait_for()
    look("refused-form")
    telephone.get_by_role("button", name="Record").click()
    telephone.get_by_text("Allergies").wait_for()
    look("record")
    telephone.get_by_role("button", name="Print advice").click()
    telephone.locator(".sheet").wait_for()
    look("advice")
    telephone.go_back()
    telephone.go_back()
    telephone.go_back()
    telephone.get_by_role("button", name="王夏").first.click()
    telephone.get_by_role("button", name="Record").click()
    telephone.get_by_text("To act on").wait_for()
    look("record-with-findings")
    telephone.get_by_role("button", name="No answer").dblclick()
    telephone.get_by_text("Kept on the phone").wait_for()
    look("kept")
    telephone.get_by_role("button", name="Outbox").click()
    telephone.get_by_text("waiting", exact=True).first.wait_for()
    look("outbox")
    telephone.get_by_role("button", name="Status").click()
    telephone.get_by_text("Last contact").wait_for()
    look("status-with-unsent")
    expect(telephone.locator("button.danger")).to_be_disabled()
    telephone.get_by_role("button", name="Synchronise").click()
    telephone.get_by_text("No connection").wait_for()
    look("offline")

    telephone.context.set_offline(False)
    telephone.get_by_role("button", name="Synchronise").click()
    telephone.get_by_text("Synchronised").wait_for()
    assert Change.objects.count() == 1  # two taps were one try
    for path in ("devices/", "reviews/"):  # the computer's pages follow the same choice
        telephone.goto(f"{live_server.url}/pocket/{path}")
        assert telephone.evaluate("document.documentElement.lang").startswith("en")
        telephone.evaluate(
            "document.querySelectorAll('.topbar, .sidebar, nav, footer, header.app').forEach((each) => each.remove())"
        )
        look(path.strip("/"))


def test_advice_is_printed_without_a_connection_and_as_the_servers_page_with_one(
    telephone: Page, live_server: Any, county: County
):
    people(county)
    set_up(telephone, live_server.url)
    telephone.evaluate("() => { window.print = () => (window.__printed = (window.__printed ?? 0) + 1); }")
    telephone.context.set_offline(True)
    telephone.get_by_role("button", name="王春").click()
    telephone.keyboard.type("14688")
    telephone.get_by_role("button", name="其余同上次，保存").click()
    telephone.get_by_text("王春：已记在手机上").wait_for()
    telephone.get_by_role("button", name="打印建议").click()  # of the visit that was just kept
    sheet = telephone.locator(".sheet")
    sheet.wait_for()
    for words in ("王春", "146/88 mmHg", "<130/80 mmHg", "少吃盐", "剧烈头痛或头晕", "收缩压≥180 mmHg", "下次随访"):
        assert words in sheet.inner_text(), words
    assert "高血压" not in sheet.inner_text()
    shot(telephone, "advice")
    telephone.get_by_role("button", name="打印", exact=True).click()
    assert telephone.evaluate("window.__printed") == 1
    telephone.emulate_media(media="print")
    assert telephone.get_by_role("button", name="打印", exact=True).is_hidden()
    telephone.emulate_media(media="screen")
    telephone.go_back()
    telephone.get_by_role("button", name="王夏").wait_for()

    telephone.context.set_offline(False)
    telephone.get_by_role("button", name="待发").click()
    telephone.get_by_text("已入档", exact=True).first.wait_for()
    telephone.get_by_role("button", name="全部").click()
    telephone.get_by_role("button", name="王春").click()
    telephone.get_by_role("button", name="资料").click()
    kept = ProgrammeVisit.objects.get(answers__systolic="146")
    with telephone.context.expect_event("response", lambda answer: answer.url.endswith("/advice.pdf")) as answered:
        telephone.get_by_role("button", name="打印建议").click()
    assert str(kept.client_id) in answered.value.url
    assert (answered.value.status, answered.value.headers["content-type"]) == (200, "application/pdf")


def test_who_was_called_this_week_is_offered_no_call_and_a_second_one_says_why(
    telephone: Page, live_server: Any, county: County
):
    first = people(county)[0].resident
    at = clock.now()
    task = a_followup(county, resident=first, kind="AFTER_DISCHARGE", at=at)
    followups.complete_followup(
        task=task, outcome=Outcome(channel="PHONE", not_measured="电话随访"), by=county.tang, at=at
    )
    set_up(telephone, live_server.url)
    telephone.get_by_role("button", name="王春").get_by_text("已联系过").wait_for()
    assert telephone.get_by_role("link", name="拨打 王春").count() == 0
    assert telephone.get_by_role("link", name="拨打 王夏").count() == 1
    telephone.context.set_offline(True)
    telephone.get_by_role("button", name="王春").click()
    telephone.keyboard.type("12678")
    telephone.get_by_role("button", name="电话", exact=True).click()
    telephone.get_by_role("button", name="其余同上次，保存").click()
    telephone.get_by_text("请写明再次电话的原因").wait_for()
    telephone.get_by_label("本周再次电话的原因").fill("家属来电")
    shot(telephone, "called")
    telephone.get_by_role("button", name="其余同上次，保存").click()
    telephone.get_by_text("王春：已记在手机上").wait_for()
    telephone.context.set_offline(False)
    telephone.get_by_role("button", name="待发").click()
    telephone.get_by_text("已入档", exact=True).first.wait_for()
    assert ProgrammeVisit.objects.get(answers__diastolic="78").call_reason == "家属来电"


def test_what_the_server_refused_in_chinese_is_read_in_english(telephone: Page, live_server: Any, county: County):
    people(county)
    set_up(telephone, live_server.url)
    telephone.get_by_role("button", name="王春").click()
    telephone.get_by_role("button", name="资料").click()
    telephone.get_by_text("更正电话").click()
    telephone.get_by_label("更正电话").fill("12")
    telephone.locator("details", has_text="更正电话").get_by_role("button", name="保存").click()
    telephone.get_by_role("button", name="待发").click()
    refused = telephone.locator("[data-state=refused]")
    expect(refused).to_contain_text(CHINESE)

    telephone.get_by_role("button", name="状态").click()
    telephone.get_by_role("button", name="English").click()
    telephone.get_by_role("button", name="Outbox").click()

    for name in NAMES:
        expect(refused.locator("p").last).not_to_contain_text(name)
    expect(refused.locator("p").last).to_have_text(re.compile(r"^[^\u4e00-\u9fff]{8,}$"))
