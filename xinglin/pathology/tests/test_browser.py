"""The reading room in a real browser: claim, template, blanks, signature; and a scanned slide drawn tile by tile."""

import pytest

from tests.browsing import Pages
from tests.factories.county import County
from tests.factories.pathology import a_case, a_pyramid, pan
from xinglin.pathology import actions
from xinglin.platform import clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_pathologist_reads_a_scanned_slide_and_signs(county: County, open_page: Pages):
    now = clock.now()
    case = a_case(county, status="SLIDED", at=now)
    picture = actions.add_picture(case=case, file=a_pyramid(), view="MICRO", by=pan(county), at=now)
    page = open_page("bo")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto("/pathology/reading/")
    page.get_by_text(case.number).click()
    page.get_by_role("button", name="领取并诊断").click()
    page.locator(f'a[href="/pathology/pictures/{picture.uuid}/"]').click()
    page.locator("#viewer[data-drawn]").wait_for()
    page.get_by_role("button", name="放大").click()
    page.locator("#viewer[data-open]").wait_for()
    page.go_back()

    page.locator("body").press("t")
    page.locator("#template-search").fill("wwhj")
    page.locator("#template-search").press("Enter")
    page.locator('textarea[name="microscopic"]').fill("黏膜慢性炎，未见异型增生。")
    page.locator('textarea[name="diagnosis"]').fill("（胃窦）黏膜慢性炎")
    page.locator('select[name="choices"]').first.select_option(label="（－）")
    page.get_by_role("button", name="签发正式报告").click()
    page.get_by_text("正式报告已签发").wait_for()

    case.refresh_from_db()
    sections = case.sections.get()
    assert case.status == "REPORTED"
    assert sections.choices == [
        {"code": "gastric-biopsy-gastritis/hp/negative", "name": "幽门螺杆菌", "title": "（－）"}
    ]
    assert complaints == []
