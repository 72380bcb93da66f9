"""The village doctor's commonest programme work in a real browser: a stable patient's visit, counted tap by tap."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import PHONE, Pages, fits
from tests.factories.county import County
from tests.factories.programmes import a_programme_visit, an_enrolment
from tests.factories.residents import a_resident
from tests.factories.visits import a_term
from xinglin.platform import clock
from xinglin.programmes.models import ProgrammeVisit

pytestmark = [pytest.mark.browser, pytest.mark.journey]
MOST_TAPS = 6


@pytest.fixture
def alma(open_page: Pages) -> Page:
    """Alma's telephone."""
    a_term()
    return open_page("alma", **PHONE)


def test_a_stable_patients_visit_takes_at_most_six_taps(county: County, alma: Page) -> None:
    enrolment = an_enrolment(county, name="王小麦", at=clock.now() - timedelta(days=91))
    a_programme_visit(county, enrolment, at=clock.now() - timedelta(days=91))
    alma.goto("/programmes/")
    taps = 0

    alma.get_by_role("link", name="王小麦").first.tap()
    taps += 1
    alma.locator("#id_a-systolic").tap()
    alma.keyboard.type("126", delay=15)
    taps += 1
    expect(alma.locator("#id_a-diastolic")).to_be_focused()
    alma.keyboard.type("78", delay=15)
    taps += 1
    alma.get_by_role("button", name="其余同上次").tap()
    taps += 1
    expect(alma.locator("input[name=a-adherence][value=regular]")).to_be_checked()
    expect(alma.locator("#advice").get_by_text("血压<140/90")).to_be_visible()
    alma.get_by_role("button", name="保存随访").tap()
    taps += 1

    alma.wait_for_url("**/programmes/", timeout=60_000)
    visit = ProgrammeVisit.objects.order_by("-id").first()
    assert visit is not None
    assert (visit.answers["systolic"], visit.answers["diastolic"], visit.answers["adherence"]) == (
        "126",
        "78",
        "regular",
    )
    print(f"taps: {taps}")
    assert taps <= MOST_TAPS


def test_a_dangerous_pressure_is_said_while_it_is_typed(county: County, alma: Page) -> None:
    enrolment = an_enrolment(county, name="王小麦", at=clock.now())
    alma.goto(f"/programmes/resident/{enrolment.resident.uuid}/visit/")

    alma.locator("#id_a-systolic").fill("192")
    alma.locator("#id_a-diastolic").fill("112")

    expect(alma.get_by_text("血压≥180和（或）≥110 mmHg").first).to_be_visible()
    expect(alma.get_by_role("group", name="如何处理")).to_be_visible()


def test_no_page_scrolls_sideways_on_a_telephone(county: County, alma: Page) -> None:
    enrolment = an_enrolment(county, name="阿" * 40, at=clock.now() - timedelta(days=60), phone="13700001234")
    for days in (60, 2):
        visit = a_programme_visit(county, enrolment, at=clock.now() - timedelta(days=days))
    a_resident(county, name="周")
    resident = enrolment.resident.uuid

    for path in (
        "/programmes/?box=all", f"/programmes/resident/{resident}/", f"/programmes/resident/{resident}/visit/",
        f"/programmes/visits/{visit.uuid}/", "/programmes/population/", "/programmes/people/", "/programmes/levels/",
    ):  # fmt: skip
        alma.goto(path)
        if path.endswith(f"resident/{resident}/"):
            alma.locator("#trend-pressure").scroll_into_view_if_needed()
            expect(alma.locator("#trend-pressure canvas").first).to_be_visible(timeout=20_000)
        assert fits(alma), path
        if folder := os.environ.get("XINGLIN_SHOTS"):
            alma.screenshot(
                path=f"{folder}/{path.strip('/').replace('/', '-').replace('?', '-')[:40]}.png", full_page=True
            )
