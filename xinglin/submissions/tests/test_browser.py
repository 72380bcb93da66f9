"""Submissions in a real browser: made, refused when late facts changed a figure, made anew, confirmed by another, sent."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from fhir.resources.R4B.bundle import Bundle
from playwright.sync_api import Page, expect

from tests.browsing import DESKTOP, PHONE, Pages, downloaded, fits, press, sending
from tests.factories.county import NOW, County
from tests.factories.submissions import OCTOBER, Dhis2, a_submission, a_visit_of, second_person, some_figures
from xinglin.indicators.facts.extraction import extract
from xinglin.platform import clock
from xinglin.submissions.models import Submission
from xinglin.submissions.states import Status

pytestmark = pytest.mark.browser
ENGLISH = {"locale": "en-GB"}
REFUSED, BEING_COMPUTED = "409", "503"


@pytest.fixture
def county(transactional_db: None, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> County:
    """A county the live server sees, too, with figures of October and of the third quarter."""
    settings.FACTS_DIR = tmp_path / "facts"
    monkeypatch.setattr(clock, "now", lambda: NOW)
    made = County()
    assert made.mei
    second_person(made)
    some_figures(made)
    return made


def step(page: Page, name: str) -> None:
    """Press the button of a step, and once more while the worker computes what it needs."""
    while press(page, sending(name)) == int(BEING_COMPUTED):
        expect(page.locator("[role=alert]").first).to_be_visible()


def begun(page: Page, form: str, period: str) -> str:
    """A form begun on the page of submissions; its address."""
    page.set_default_timeout(15_000)
    page.goto("/submissions/")
    assert fits(page)
    page.locator("[data-opens=open]").click()
    page.select_option("dialog#open [name=form]", form)
    page.fill("dialog#open [name=period]", period)
    step(page, "open")
    return page.url


@pytest.mark.parametrize("device", [DESKTOP, PHONE | ENGLISH], ids=["desktop-zh", "phone-en"])
def test_late_facts_keep_a_form_back_until_it_is_made_anew(
    county: County, open_page: Pages, device: dict[str, Any]
) -> None:
    open_page.tolerate(REFUSED, BEING_COMPUTED)
    mei, ou = open_page("mei", **device), open_page("ou", **device)
    own = begun(mei, "grassroots-month", "2026-10")
    step(mei, "make")
    step(mei, "check")
    a_visit_of(county, at=OCTOBER, facility=county.clinic)
    extract(at=NOW + timedelta(minutes=5))
    english = "locale" in device

    ou.goto(own)
    changed = "What changed since it was made" if english else "编制后的变动"
    expect(ou.locator("main")).to_contain_text(changed, timeout=30_000)  # the page opens by itself
    assert fits(ou)
    step(ou, "confirm")
    expect(ou.locator(".error-summary, [role=alert]").first).to_contain_text("changed 4" if english else "涉及4个数")
    assert Submission.objects.get().status == Status.CHECKED
    mei.goto(own)
    mei.locator("[data-opens=turn-back]").click()
    mei.fill("dialog#turn-back [name=words]", "补录一人次")
    with mei.expect_navigation():
        mei.locator("dialog#turn-back form button").click()
    step(mei, "make")
    step(mei, "check")
    expect(mei.locator("form[action$='/confirm/']")).to_have_count(0)  # who checked does not confirm
    ou.goto(own)
    step(ou, "confirm")
    rows = downloaded(ou, "a[href$='/file/']").decode("gb18030").splitlines()
    ou.fill("[name=words]#id_sent-words", "国家监测系统网页上传")
    step(ou, "sent")
    ou.fill("#id_answer-words", "回执 2026-118")
    step(ou, "answer")

    assert rows[2].startswith("1,370403101,沙沟镇,13,6,")
    assert rows[-1].startswith(",,全县（含县级机构）,25,12,")
    expect(ou.locator("main")).to_contain_text("回执 2026-118")
    assert fits(ou)
    assert Submission.objects.get().status == Status.RECEIVED
    connection.close()


def test_a_set_is_sent_to_dhis2_and_what_it_answers_stands_on_the_page(
    county: County, open_page: Pages, dhis2: Dhis2
) -> None:
    open_page.tolerate(BEING_COMPUTED)
    mei, ou = open_page("mei", **DESKTOP), open_page("ou", **DESKTOP)
    own = begun(mei, "provincial-dhis2-quarter", "2026-Q3")
    step(mei, "make")
    step(mei, "check")
    ou.goto(own)
    step(ou, "confirm")
    values = json.loads(downloaded(ou, "a[href$='/file/']"))
    step(ou, "send")

    assert values["period"] == "2026Q3"
    assert {each["value"] for each in values["dataValues"]}
    expect(ou.locator("main")).to_contain_text("省平台")
    expect(ou.locator("main")).to_contain_text("imported 4")
    assert Submission.objects.get().status == Status.RECEIVED
    connection.close()


def test_a_quarter_leaves_as_fhir_that_another_library_reads(county: County, open_page: Pages) -> None:
    open_page.tolerate(BEING_COMPUTED)
    mei, ou = open_page("mei", **DESKTOP), open_page("ou", **DESKTOP)
    own = begun(mei, "fhir-quarter", "2026-Q3")
    step(mei, "make")
    step(mei, "check")
    ou.goto(own)
    step(ou, "confirm")
    bundle = Bundle.model_validate_json(downloaded(ou, "a[href$='/file/']"))
    reports = [each.resource for each in bundle.entry if each.resource.get_resource_type() == "MeasureReport"]
    scores = {each.measure: each.group[0].measureScore for each in reports}

    assert len(reports) == 5
    assert {str(each.period.start)[:10] for each in reports} == {"2026-07-01"}
    (share,) = [score for measure, score in scores.items() if "m07-grassroots-visits" in measure]
    assert float(share.value) == 100.0
    connection.close()


@pytest.mark.parametrize(
    "device",
    [DESKTOP, DESKTOP | ENGLISH, PHONE, PHONE | ENGLISH],
    ids=["desktop-zh", "desktop-en", "phone-zh", "phone-en"],
)
def test_every_page_fits_and_is_in_one_language(county: County, open_page: Pages, device: dict[str, Any]) -> None:
    page = open_page("mei", "/submissions/", **device)
    assert fits(page)  # nothing to hand in yet: the empty states
    sent, made = (
        a_submission(county, status=Status.RECEIVED),
        a_submission(county, period="2026-09", status=Status.MADE),
    )
    english = "locale" in device

    for path, chinese, words in (
        ("", "待核对", "to be checked"), ("?show=out", "已有回执", "Receipt noted"), (f"{sent.uuid}/", "文件校验码", "Checksum of the file"),
        (f"{made.uuid}/", "核对无误，生成文件", "All correct"),
    ):  # fmt: skip
        page.goto(f"/submissions/{path}")
        assert fits(page), path
        if path.endswith("/"):
            expect(page.locator("main")).to_contain_text("Whole county" if english else "全县")
            expect(page.locator("main")).to_contain_text(words if english else chinese)
    connection.close()
