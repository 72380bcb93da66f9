"""Values of the laboratory: measured at their own interval, counted while they stand, never demanded of a village."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories.county import NOW, County
from tests.factories.programmes import STABLE, a_programme_visit, an_enrolment
from tests.factories.residents import a_resident
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput
from xinglin.programmes import answering, population
from xinglin.programmes.models import Enrolment, ManagedResident

pytestmark = pytest.mark.django_db
TODAY = clock.today(NOW)


def _three_highs(county: County) -> Enrolment:
    resident = a_resident(county, born_on=date(1968, 3, 1), conditions=["hypertension", "diabetes", "dyslipidaemia"])
    for slug in ("three-highs", "hypertension", "diabetes", "dyslipidaemia"):
        enrolment = an_enrolment(county, resident=resident, programme=slug)
    return enrolment


JOINT = {
    "systolic": "128", "diastolic": "76", "glucose_fasting": "6.2", "smoking": "never", "low_glucose_reaction": "none", "foot_pulse": "felt",
    "weight": "64.0",
}  # fmt: skip
ANSWERED = {"alert_answer": "OTHER", "alert_note": "已调整用药", "confirmed_unusual": True}


def test_a_village_visit_of_the_three_highs_is_complete_with_the_laboratory_of_the_base(county: County) -> None:
    enrolment = _three_highs(county)
    laboratory = {
        "total_cholesterol": "4.20",
        "ldl": "2.10",
        "hdl": "1.20",
        "triglycerides": "1.20",
        "creatinine": "80",
    }
    a_programme_visit(county, enrolment, {**JOINT, **laboratory})
    second = a_programme_visit(county, enrolment, JOINT, at=NOW + timedelta(days=90))

    results = {each.enrolment.programme: each for each in second.results.all()}
    assert {
        slug: (each.is_complete, each.is_controlled, each.missing) for slug, each in results.items()
    } == dict.fromkeys(("three-highs", "hypertension", "diabetes", "dyslipidaemia"), (True, True, []))
    assert "ldl" not in second.answers
    assert ManagedResident.objects.get().next_due_on == TODAY + timedelta(days=180)


def test_a_village_visit_is_complete_before_any_laboratory(county: County) -> None:
    visit = a_programme_visit(county, _three_highs(county), JOINT)

    assert {each.is_complete for each in visit.results.all()} == {True}
    assert ManagedResident.objects.get().next_due_on == TODAY + timedelta(days=90)


def test_a_viral_load_may_have_ten_digits() -> None:
    read = answering.read({"hbv_dna": "9000000000"}, ["hbv_dna"], on=TODAY)

    assert read == {"hbv_dna": Decimal(9_000_000_000)}
    with pytest.raises(InvalidInput):
        answering.read({"hbv_dna": "10000000001"}, ["hbv_dna"], on=TODAY)


def test_one_high_value_of_the_laboratory_is_one_however_many_visits_follow_it(county: County) -> None:
    enrolment = an_enrolment(county, programme="gout", at=NOW - timedelta(days=40))
    blank = dict.fromkeys(STABLE, "") | {"adherence": "regular"}
    a_programme_visit(county, enrolment, blank | {"uric_acid": "500"}, at=NOW - timedelta(days=30), **ANSWERED)
    for days in (-15, 0):
        a_programme_visit(county, enrolment, blank, at=NOW + timedelta(days=days), **ANSWERED)

    enrolment.refresh_from_db()
    assert (enrolment.is_controlled, enrolment.n_uncontrolled) == (False, 1)
    assert population.list_counts(county.alma, on=TODAY)["difficult"] == 0
