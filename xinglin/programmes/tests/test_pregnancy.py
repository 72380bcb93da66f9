"""A pregnancy that is on record is known to the programmes: it excludes, and makes a high pressure an emergency."""

from datetime import date
from typing import Any

import pytest

from tests.factories.county import NOW, County
from tests.factories.programmes import a_programme_visit, an_enrolment
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform.errors import InvalidInput
from xinglin.programmes import actions
from xinglin.programmes.models import Alert, Enrolment
from xinglin.visits.data import DiagnosisIn

SUPERVISED = DiagnosisIn("Z35.900", "高危妊娠监督")


def a_woman(county: County, *conditions: str) -> Any:
    return a_resident(county, name="李秀英", sex="2", born_on=date(1988, 4, 15), conditions=list(conditions))


def codes(enrolment: Enrolment) -> set[str]:
    return set(Alert.objects.filter(enrolment=enrolment).values_list("code", flat=True))


def test_her_pressure_from_140_is_an_emergency_without_anybody_ticking_it(county: County) -> None:
    enrolment = an_enrolment(county, resident=a_woman(county, "hypertension", "pregnant"))

    a_programme_visit(county, enrolment, {"systolic": "140"}, alert_answer="REFERRED", alert_note="已转产科")

    assert "pregnant-pressure" in codes(enrolment)


def test_a_visit_that_supervises_a_pregnancy_makes_it_known(county: County) -> None:
    woman = a_woman(county, "hypertension")
    a_visit(resident=woman, by=county.alma, diagnoses=[SUPERVISED])
    enrolment = an_enrolment(county, resident=woman)

    a_programme_visit(county, enrolment, {"diastolic": "90"}, alert_answer="REFERRED", alert_note="已转产科")

    assert "pregnant-pressure" in codes(enrolment)


def test_of_whom_nobody_said_so_the_same_pressure_is_none(county: County) -> None:
    enrolment = an_enrolment(county, resident=a_woman(county, "hypertension"))

    a_programme_visit(county, enrolment, {"systolic": "140"})

    assert codes(enrolment) == set()


@pytest.mark.parametrize("programme", ["overweight", "anaemia", "hypothyroidism"])
def test_a_programme_that_is_not_for_pregnant_women_refuses_her(county: County, programme: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        actions.enrol_resident(
            resident=a_woman(county, "pregnant"), programme=programme, basis="体检", by=county.alma, at=NOW
        )

    assert refusal.value.code == "excluded"
