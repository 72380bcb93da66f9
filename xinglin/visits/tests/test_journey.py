"""The village doctor's commonest work in a real browser: a returning patient's blood pressure, counted tap by tap."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import PHONE, Pages, fits
from tests.factories.county import County
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform import clock
from xinglin.visits.data import Vitals
from xinglin.visits.loading import load_starter_terms
from xinglin.visits.models import Visit
from xinglin.visits.states import Status

pytestmark = [pytest.mark.browser, pytest.mark.journey]
MOST_TAPS = 6


class Hand:
    """A thumb on the page; counts what it does. Typing into a field counts as one tap for the field."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, name: str, role: str = "button") -> None:
        """Tap a button or a link by its words."""
        self.page.get_by_role(role, name=name, exact=False).first.tap()  # type: ignore[arg-type]
        self.taps += 1

    def type(self, text: str, into: str) -> None:
        """Type where the cursor is, which must be the field meant."""
        expect(self.page.locator(f"#{into}")).to_be_focused()
        self.page.keyboard.type(text, delay=15)
        self.taps += 1


@pytest.fixture
def alma(open_page: Pages) -> Page:
    """Alma's telephone."""
    load_starter_terms()
    return open_page("alma", **PHONE)


def test_a_returning_patients_blood_pressure_visit_takes_at_most_six_taps(county: County, alma: Page) -> None:
    resident = a_resident(county, name="王小麦")
    a_visit(
        resident=resident,
        by=county.alma,
        at=clock.now() - timedelta(days=30),
        vitals=Vitals(systolic=152, diastolic=94),
    )
    alma.goto(f"/residents/{resident.uuid}/")
    hand = Hand(alma)

    hand.tap("接诊", "link")
    hand.type("146", into="id_systolic")
    hand.type("88", into="id_diastolic")
    hand.tap("同上次诊断和用药")
    hand.tap("保存并签名")

    alma.wait_for_url("**/visits/*-*/", timeout=60_000)
    expect(alma.get_by_text("已签名").first).to_be_visible()
    visit = Visit.objects.order_by("-id").first()
    assert visit is not None
    assert (visit.status, visit.systolic, visit.diastolic) == (Status.SIGNED, 146, 88)
    assert [each.code for each in visit.diagnoses.all()] == ["I10.x00"]
    assert [each.medicine for each in visit.prescriptions.all()] == ["苯磺酸氨氯地平片"]
    print(f"taps: {hand.taps}")
    assert hand.taps <= MOST_TAPS


def test_a_dangerous_pressure_leads_to_an_ecg_in_one_tap(county: County, alma: Page) -> None:
    resident = a_resident(county, name="王小麦")
    alma.goto(f"/visits/record/{resident.uuid}/")
    hand = Hand(alma)

    hand.type("186", into="id_systolic")
    hand.type("112", into="id_diastolic")
    alma.get_by_role("button", name="胸闷", exact=True).tap()
    expect(alma.get_by_text("高血压急症可能：建议心电图并急诊转诊")).to_be_visible()
    alma.get_by_role("combobox", name="添加诊断").fill("gxy")
    alma.locator("#id_dx-options [role=option]").first.tap()
    expect(alma.locator("input[name=dx_code]")).to_have_value("I10.x00")
    hand.tap("保存并申请心电图")

    alma.wait_for_url("**/diagnostics/request/*/")
    visit = Visit.objects.get()
    assert (visit.systolic, visit.complaint, visit.status) == (186, "胸闷", Status.SIGNED)


def test_the_phone_page_does_not_scroll_sideways(county: County, alma: Page) -> None:
    resident = a_resident(county, name="王小麦")
    visit = a_visit(resident=resident, by=county.alma, at=clock.now())

    for path in (f"/visits/record/{resident.uuid}/", f"/visits/{visit.uuid}/", "/visits/"):
        alma.goto(path)
        assert fits(alma), path
