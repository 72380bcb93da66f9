"""The yearly form from a telephone: the same action, the same rules; and what was done meanwhile at the desk."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.pocket import a_device, sent
from tests.factories.programmes import a_programme_visit, an_enrolment
from xinglin.pocket import actions
from xinglin.pocket.data import ChangeIn, Why
from xinglin.pocket.states import ChangeStatus
from xinglin.pocket.tests.test_conflicts import fresh
from xinglin.programmes import actions as programmes
from xinglin.programmes.jobs import CLOCK
from xinglin.programmes.models import Enrolment, ProgrammeVisit
from xinglin.residents import actions as residents

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment(county: County) -> Enrolment:
    return an_enrolment(county, name="王小麦")


#: What a yearly assessment of hypertension asks.
YEARLY: dict[str, Any] = {
    "systolic": "128", "diastolic": "78", "height": "165", "weight": "62", "waist": "82", "smoking": "never",
    "drinking": "none", "exercise_days": "5",
}  # fmt: skip


def a_yearly_noted(enrolment: Enrolment, at: datetime, **said: Any) -> ChangeIn:
    content = {"channel": "HOME", "kind": "yearly", "answers": YEARLY, **said}
    return ChangeIn(uuid4(), "visit", enrolment.resident.uuid, at, 0, content)


def test_a_yearly_form_is_the_same_visit_as_the_computer_makes(county: County, enrolment: Enrolment):
    noted = a_yearly_noted(enrolment, NOW - timedelta(days=2))

    change = sent(a_device(county), noted, by=county.alma)

    visit = ProgrammeVisit.objects.get()
    assert (change.status, change.object_uuid, change.told) == (ChangeStatus.DONE, visit.uuid, [])
    assert (visit.kind, visit.client_id, visit.answers) == ("yearly", noted.client_id, YEARLY)
    assert (visit.happened_at, visit.recorded_at) == (NOW - timedelta(days=2), NOW)
    result = visit.results.get()
    assert (result.is_complete, result.missing) == (True, [])
    assert Enrolment.objects.get().yearly_on == (NOW - timedelta(days=2)).date()
    assert sent(a_device(county, name="二"), noted, by=county.alma).pk == change.pk
    assert ProgrammeVisit.objects.count() == 1


def test_a_yearly_form_filled_meanwhile_at_the_desk_stands_beside_it_and_the_telephone_is_told(
    county: County, enrolment: Enrolment
):
    device, at_desk = a_device(county), NOW - timedelta(days=1)
    noted = a_yearly_noted(enrolment, NOW - timedelta(days=3))
    county.alma  # noqa: B018 - makes the account
    desk = a_programme_visit(county, enrolment, YEARLY, kind="yearly", at=at_desk)

    change = sent(device, noted, by=county.alma)

    assert change.status == ChangeStatus.DONE
    assert change.told[-1] == {"code": "yearly-twice", "on": at_desk.date().isoformat(), "by": desk.clinician_name}
    assert ProgrammeVisit.objects.filter(kind="yearly", replaced_by__isnull=True).count() == 2
    assert Enrolment.objects.get().last_visit_on == at_desk.date()  # the later one is current, whichever arrived first


def test_a_yearly_form_of_another_year_is_nothing_to_compare(county: County, enrolment: Enrolment):
    a_programme_visit(county, enrolment, YEARLY, kind="yearly", at=NOW - timedelta(days=360))
    change = sent(a_device(county), a_yearly_noted(enrolment, NOW), by=county.alma)
    assert [each["code"] for each in change.told] == []


def test_a_yearly_form_of_somebody_who_left_waits_and_is_adopted_as_one(county: County, enrolment: Enrolment):
    device = a_device(county)
    residents.assign_managing_facility(
        resident=fresh(enrolment), facility_id=county.sibling.pk, reason="搬家", by=county.tang, at=NOW
    )
    programmes.hand_over(resident=fresh(enrolment), by=CLOCK, at=NOW)
    noted = a_yearly_noted(enrolment, NOW)

    change = sent(device, noted, by=county.alma)
    assert (change.status, change.code) == (ChangeStatus.REVIEW, Why.LEFT)
    actions.adopt_change(change=change, by=county.sib, at=later(5))

    assert ProgrammeVisit.objects.get().kind == "yearly"
