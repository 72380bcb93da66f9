"""Into a programme, and out of it: by its aim, or for another reason; and found again by what comes after."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.programmes import an_enrolment
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput
from xinglin.platform.ids import new_uuid
from xinglin.programmes import actions, finding, jobs, judging, population
from xinglin.programmes.data import VisitIn
from xinglin.programmes.models import Enrolment
from xinglin.programmes.states import Status

pytestmark = pytest.mark.django_db


def weighed(county: County, enrolment: Enrolment, kg: int, *, days: float = 0) -> None:
    """A visit so many days from now at which somebody of 1.70 m weighs so much."""
    answers = {
        "height": "170",
        "weight": f"{kg}",
        "waist": "80",
        "baseline_weight": "82",
        "exercise_days": "4",
        "weight_danger": ["none"],
    }
    actions.record_programme_visit(
        resident=enrolment.resident, facility_id=county.clinic.pk, by=county.alma, at=later(days=days),
        content=VisitIn(client_id=new_uuid(), channel="CLINIC", answers=answers),
    )  # fmt: skip


def found_for(resident: Any, *, days: float) -> list[str]:
    """Programmes a resident is found for so many days from now."""
    return [each.programme for each in finding.look_at(resident, by=jobs.CLOCK, at=later(days=days))]


def test_who_left_a_programme_is_found_again_by_what_came_after_and_not_by_what_was_known(county: County) -> None:
    resident = a_resident(county, born_on=date(1963, 4, 15))
    a_visit(resident=resident, by=county.alma)
    enrolment = an_enrolment(county, resident=resident)
    actions.end_enrolment(enrolment=enrolment, reason_code="REFUSED", by=county.alma, at=NOW)
    programme, places = judging.programme_of("hypertension", on=clock.today(NOW)), frozenset({county.clinic.pk})

    assert "hypertension" not in found_for(resident, days=1)
    assert population.undiscovered(places, programme, limit=10) == []

    a_visit(resident=resident, by=county.alma, at=later(days=300))

    assert population.undiscovered(places, programme, limit=10) == [resident.pk]
    assert "hypertension" in found_for(resident, days=301)
    assert "hypertension" not in found_for(resident, days=302)
    assert population.undiscovered(places, programme, limit=10) == []


def test_somebody_graduates_for_an_aim_of_the_programme_and_for_nothing_else(county: County) -> None:
    obese = an_enrolment(county, programme="overweight")

    assert list(judging.graduation_reasons(obese)) == ["weight-kept"]
    assert judging.graduation_reasons(an_enrolment(county, name="另一位")) == {}
    for reason in ("lost", "died", "refused"):
        with pytest.raises(InvalidInput, match="请选择结案原因"):
            actions.graduate_enrolment(enrolment=obese, reason_code=reason, by=county.alma, at=NOW)


def test_an_aim_the_record_does_not_show_wants_a_reason(county: County) -> None:
    obese = an_enrolment(county, programme="overweight")
    with pytest.raises(InvalidInput) as refused:
        actions.graduate_enrolment(enrolment=obese, reason_code="weight-kept", by=county.alma, at=NOW)
    assert refused.value.code == "aim-not-shown"
    for days in (0, 90, 180):
        weighed(county, obese, 65, days=days)
    obese.refresh_from_db()
    assert judging.shows_reached(obese, "weight-kept")

    actions.graduate_enrolment(enrolment=obese, reason_code="weight-kept", by=county.alma, at=later(days=181))

    assert obese.status == Status.GRADUATED
    other = an_enrolment(county, programme="overweight", name="另一位")
    for kg, days in ((80, 0), (65, 30), (65, 60)):
        weighed(county, other, kg, days=days)
    other.refresh_from_db()
    assert not judging.shows_reached(other, "weight-kept")  # not below two months ago

    actions.graduate_enrolment(
        enrolment=other, reason_code="weight-kept", note="县医院减重门诊确认", by=county.alma, at=later(days=61)
    )

    assert other.status == Status.GRADUATED


def test_the_first_visit_is_due_when_the_programme_says(county: County) -> None:
    today = clock.today(NOW)
    ill, old = (
        an_enrolment(county, programme="tuberculosis"),
        an_enrolment(county, programme="elderly", born_on=date(1950, 1, 1)),
    )

    assert (ill.next_due_on, old.next_due_on) == (today + timedelta(days=3), today + timedelta(days=90))
    assert an_enrolment(county, programme="hypertension", name="另一位").next_due_on == today
