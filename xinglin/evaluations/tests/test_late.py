"""A month that comes late and changes frozen figures: shown beside them, and no point moves."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.evaluations import PERIOD
from tests.factories.figures import PatientClient
from tests.factories.submissions import OCTOBER, a_visit_of, some_figures
from xinglin.evaluations import actions
from xinglin.evaluations.actions.rounds import Asked
from xinglin.evaluations.figures import late_changes
from xinglin.evaluations.models import Sheet
from xinglin.evaluations.rules.plans import as_kept
from xinglin.indicators import api as indicators
from xinglin.indicators.facts.extraction import extract
from xinglin.platform import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def a_round(county: Any) -> Any:
    some_figures(county)
    return actions.open_round(asked=Asked("quarterly-check", PERIOD, None), by=county.mei, at=NOW)


def late_visits(county: Any) -> None:
    """Four visits of the third quarter that nobody signed, written down in November."""
    for n in range(4):
        visit = a_visit_of(county, at=OCTOBER - timedelta(days=41, hours=n), facility=county.clinic)
        type(visit).objects.filter(pk=visit.pk).update(status="OPEN")
    extract(at=NOW + timedelta(minutes=10))


def test_late_visits_are_shown_beside_the_frozen_figure_and_no_point_moves(county: Any) -> None:
    found = a_round(county)
    sheets = list(Sheet.objects.filter(round=found))
    before = {each.pk: each.points for sheet in sheets for each in sheet.items.all()}
    plan = as_kept(found.plan)
    assert late_changes(found, plan, sheets, at=NOW) == []

    late_visits(county)
    changed = late_changes(found, plan, sheets, at=NOW)

    signed = next(each for each in changed if each.item.indicator == "visits-signed")
    assert signed.sheet.facility_id == county.township.pk
    assert (signed.then.numerator, signed.then.denominator) == (12, 12)
    assert (signed.now.numerator, signed.now.denominator) == (12, 16)
    assert {each.sheet.facility_id for each in changed} == {county.township.pk}
    assert {each.pk: each.points for sheet in sheets for each in sheet.items.all()} == before
    assert indicators.not_reproduced(found.snapshot_id) == []


def test_the_manager_and_the_unit_see_what_came_late(county: Any) -> None:
    assert county.mei
    assert county.tang
    found = a_round(county)
    mei, tang = (sign_in(PatientClient(), county.users[name]) for name in ("mei", "tang"))
    whole = f"/evaluations/rounds/{found.uuid}/"
    sheet = Sheet.objects.get(round=found, facility=county.township)
    assert "冻结后的数据变动" not in mei.get(whole).content.decode()

    late_visits(county)
    shown = mei.get(whole).content.decode()
    own = tang.get(f"/evaluations/sheets/{sheet.uuid}/").content.decode()
    english = mei.get(whole, headers={"Accept-Language": "en"}).content.decode()

    for page in (shown, own):
        assert "冻结后的数据变动" in page
        assert "100% 12 / 12" in page
        assert "75% 12 / 16" in page
    assert "What came late" in english
    other = Sheet.objects.get(round=found, facility=county.other_township)
    assert "冻结后的数据变动" not in mei.get(f"/evaluations/sheets/{other.uuid}/").content.decode()
