"""What comes late of somebody who died, moved away, or is in no programme any more."""

from datetime import timedelta

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.pocket import a_device, a_visit_noted, sent
from tests.factories.programmes import an_enrolment
from xinglin.platform.errors import Conflict, InvalidInput
from xinglin.pocket import actions, queries
from xinglin.pocket.data import Why
from xinglin.pocket.states import ChangeStatus
from xinglin.programmes import actions as programmes
from xinglin.programmes.jobs import CLOCK
from xinglin.programmes.models import Enrolment, ManagedResident, ProgrammeVisit
from xinglin.residents import actions as residents
from xinglin.residents.models import Resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment(county: County) -> Enrolment:
    return an_enrolment(county, name="王小麦", phone="13700001234", address="东沟村 1 号")


def fresh(enrolment: Enrolment) -> Resident:
    return Resident.objects.select_related("managed_by").get(pk=enrolment.resident_id)


def test_of_one_who_died_before_the_visit_it_waits_and_is_rejected_with_a_reason(county: County, enrolment: Enrolment):
    device = a_device(county)
    residents.mark_deceased(resident=enrolment.resident, died_on=NOW.date() - timedelta(days=3), by=county.alma, at=NOW)

    change = sent(device, a_visit_noted(enrolment.resident, at=NOW - timedelta(days=1)), by=county.alma)

    assert (change.status, change.code) == (ChangeStatus.REVIEW, Why.DIED)
    with pytest.raises(InvalidInput):
        actions.reject_change(change=change, reason=" ", by=county.alma, at=later(1))
    rejected = actions.reject_change(change=change, reason="认错人", by=county.alma, at=later(1))
    assert rejected.status == ChangeStatus.REJECTED
    assert "126" in (rejected.content or "")
    assert queries.settled(device)[0].message == "认错人"


@pytest.mark.parametrize("how", ["died", "moved", "refused"])
def test_a_true_visit_of_before_the_end_is_adopted_with_what_he_was_in_then(county: County, how: str):
    enrolment = an_enrolment(county, at=later(days=-30))
    device, person = a_device(county), enrolment.resident
    if how == "died":
        residents.mark_deceased(resident=person, died_on=NOW.date(), by=county.alma, at=later(days=1))
    elif how == "moved":
        residents.mark_moved(resident=person, by=county.alma, at=later(days=1))
    if how == "refused":
        programmes.end_enrolment(enrolment=enrolment, reason_code="REFUSED", note="不愿意", by=county.alma, at=NOW)
    else:
        reason = "DIED" if how == "died" else "MOVED"
        programmes.end_all_of(
            resident=fresh(enrolment), reason_code=reason, on=NOW.date(), by=CLOCK, at=later(days=1)
        )  # fmt: skip
    noted = a_visit_noted(person, at=later(days=-2))

    change = sent(device, noted, by=county.alma, at=later(days=2), sent_at=later(days=2))
    assert change.status == ChangeStatus.REVIEW
    actions.adopt_change(change=change, by=county.alma, at=later(days=2))

    visit = ProgrammeVisit.objects.get()
    assert visit.happened_at == later(days=-2)
    assert [each.enrolment_id for each in visit.results.all()] == [enrolment.pk]
    enrolment.refresh_from_db()
    assert (enrolment.status, ManagedResident.objects.count()) == ("ENDED", 0)


def test_of_one_who_moved_no_visit_of_after_is_adopted(county: County, enrolment: Enrolment):
    device, person = a_device(county), enrolment.resident
    residents.mark_moved(resident=person, by=county.alma, at=NOW)
    programmes.end_all_of(resident=fresh(enrolment), reason_code="MOVED", on=NOW.date(), by=CLOCK, at=NOW)
    noted = a_visit_noted(person, at=later(days=2))
    change = sent(device, noted, by=county.alma, at=later(days=2), sent_at=later(days=2))
    with pytest.raises(Conflict):
        actions.adopt_change(change=change, by=county.alma, at=later(days=2))


def test_when_one_programme_has_ended_the_visit_is_kept_and_its_result_is_not(county: County, enrolment: Enrolment):
    other = an_enrolment(county, resident=enrolment.resident, programme="diabetes")
    device = a_device(county)
    programmes.end_enrolment(enrolment=other, reason_code="MISDIAGNOSED", note="复查正常", by=county.alma, at=NOW)
    noted = a_visit_noted(
        enrolment.resident, {"glucose_fasting": "6.1"}, at=NOW,
        results={"hypertension": {"version": enrolment.version, "grade": ""}, "diabetes": {"version": other.version, "grade": "x"}},
    )  # fmt: skip

    change = sent(device, noted, by=county.alma, at=later(5), sent_at=later(5))

    assert change.status == ChangeStatus.DONE
    visit = ProgrammeVisit.objects.get()
    assert [each.enrolment.programme for each in visit.results.all()] == ["hypertension"]
    assert {"code": "answers-left-out", "items": ["glucose_fasting"]} in change.told
    assert {"code": "programme-ended", "programme": "diabetes", "was": "x"} in change.told
    assert "glucose_fasting" in (change.content or "")  # and nothing that was written is lost


def test_when_all_programmes_have_ended_the_visit_waits(county: County, enrolment: Enrolment):
    device = a_device(county)
    programmes.end_enrolment(enrolment=enrolment, reason_code="REFUSED", note="不愿意", by=county.alma, at=NOW)
    change = sent(device, a_visit_noted(enrolment.resident, at=NOW), by=county.alma, at=later(5), sent_at=later(5))
    assert (change.status, change.code) == (ChangeStatus.REVIEW, Why.NOT_MANAGED)
