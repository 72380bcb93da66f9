"""The rules of docs/explanation/offline.md, one by one."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.followups import a_followup
from tests.factories.pocket import a_correction_noted, a_device, a_visit_noted, an_attempt_noted, sent
from tests.factories.programmes import a_programme_visit, an_enrolment
from tests.factories.residents import a_resident
from xinglin.followups import actions as followups
from xinglin.followups.data import Outcome
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.pocket import actions, queries
from xinglin.pocket.data import ChangeIn, Envelope, Why
from xinglin.pocket.models import Change
from xinglin.pocket.states import ChangeStatus
from xinglin.programmes import actions as programmes
from xinglin.programmes.jobs import CLOCK
from xinglin.programmes.models import Attempt, Enrolment, ManagedResident, ProgrammeVisit
from xinglin.residents import actions as residents
from xinglin.residents.models import Resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment(county: County) -> Enrolment:
    return an_enrolment(county, name="王小麦", phone="13700001234", address="东沟村 1 号")


def fresh(enrolment: Enrolment) -> Resident:
    return Resident.objects.select_related("managed_by").get(pk=enrolment.resident_id)


def test_a_visit_made_offline_is_recorded_with_all_three_times(county: County, enrolment: Enrolment):
    device = a_device(county)
    noted = a_visit_noted(enrolment.resident, at=NOW - timedelta(days=3, hours=2))

    change = sent(device, noted, by=county.alma, at=NOW, sent_at=NOW - timedelta(hours=2))

    visit = ProgrammeVisit.objects.get(client_id=noted.client_id)
    assert change.status == ChangeStatus.DONE
    assert change.object_uuid == visit.uuid
    assert change.noted_at == NOW - timedelta(days=3, hours=2)
    assert change.happened_at == visit.happened_at == NOW - timedelta(days=3)  # two hours behind, put right
    assert change.received_at == visit.recorded_at == NOW
    assert change.skew_seconds == 7200


def test_the_same_upload_again_gives_the_first_verdict_and_no_second_visit(county: County, enrolment: Enrolment):
    device, noted = a_device(county), a_visit_noted(enrolment.resident, at=NOW - timedelta(days=1))
    envelope = Envelope(sent_at=NOW, received_at=NOW)

    first, was_there = actions.receive_change(device=device, given=noted, envelope=envelope, by=county.alma, at=NOW)
    other = Envelope(sent_at=NOW, received_at=later(60))
    again, is_there = actions.receive_change(device=device, given=noted, envelope=other, by=county.alma, at=later(60))

    assert (was_there, is_there) == (False, True)
    assert again.pk == first.pk
    assert ProgrammeVisit.objects.count() == 1


def test_an_id_used_for_something_else_is_refused(county: County, enrolment: Enrolment):
    device, noted = a_device(county), a_visit_noted(enrolment.resident)
    sent(device, noted, by=county.alma)
    other = a_visit_noted(enrolment.resident, {"systolic": "150"}, client_id=noted.client_id)
    with pytest.raises(Conflict) as error:
        sent(device, other, by=county.alma)
    assert error.value.code == "client-id-used"


def test_two_telephones_visits_of_one_day_both_stand_and_the_later_is_the_current_one(
    county: County, enrolment: Enrolment
):
    one, two = a_device(county), a_device(county, name="第二台")
    morning = a_visit_noted(enrolment.resident, {"systolic": "165", "diastolic": "95"}, at=NOW - timedelta(hours=6))
    evening = a_visit_noted(enrolment.resident, {"systolic": "128"}, at=NOW - timedelta(hours=1))

    sent(two, evening, by=county.alma)
    sent(one, morning, by=county.alma)  # arrives later, happened earlier

    assert ProgrammeVisit.objects.count() == 2
    enrolment.refresh_from_db()
    assert enrolment.is_controlled is True


def test_of_a_person_merged_meanwhile_the_visit_goes_to_the_record_that_is_kept(county: County):
    kept, merged = an_enrolment(county, name="赵一"), an_enrolment(county, name="赵壹")
    device = a_device(county)
    residents.merge_residents(
        kept=kept.resident, merged=merged.resident, reason="同一人重复建档", by=county.tang, at=NOW
    )
    programmes.join_registrations(kept=fresh(kept), merged=fresh(merged), by=CLOCK, at=NOW)

    change = sent(device, a_visit_noted(merged.resident, at=NOW), by=county.alma, at=later(5), sent_at=later(5))

    assert change.status == ChangeStatus.DONE
    assert ProgrammeVisit.objects.get().resident_id == kept.resident_id


def test_of_one_who_was_transferred_the_visit_waits_at_the_facility_that_manages_him_now(
    county: County, enrolment: Enrolment
):
    device = a_device(county)
    residents.assign_managing_facility(
        resident=enrolment.resident, facility_id=county.sibling.pk, reason="搬家", by=county.tang, at=NOW
    )
    programmes.hand_over(resident=fresh(enrolment), by=CLOCK, at=NOW)

    change = sent(device, a_visit_noted(enrolment.resident, at=NOW), by=county.alma, at=later(5), sent_at=later(5))

    assert (change.status, change.code, change.facility_id) == (ChangeStatus.REVIEW, Why.LEFT, county.sibling.pk)
    assert ProgrammeVisit.objects.count() == 0
    assert queries.to_review(county.sib).count() == 1
    assert queries.to_review(county.alma).count() == 0
    with pytest.raises(NotPermitted):
        actions.adopt_change(change=change, by=county.alma, at=later(6))
    adopted = actions.adopt_change(change=change, by=county.sib, at=later(6))
    visit = ProgrammeVisit.objects.get()
    assert adopted.status == ChangeStatus.ADOPTED
    assert adopted.object_uuid == visit.uuid
    assert visit.happened_at == NOW
    assert "阿尔玛" in visit.note
    with pytest.raises((Conflict, NotPermitted)):
        actions.reject_change(change=Change.objects.get(), reason="再看", by=county.sib, at=later(7))


def test_a_grade_that_differs_under_the_version_in_force_is_told(county: County, enrolment: Enrolment):
    device = a_device(county)
    noted = a_visit_noted(
        enrolment.resident, at=NOW, results={"hypertension": {"version": "hypertension@2020-01-01", "grade": "grade-9"}}
    )

    change = sent(device, noted, by=county.alma)

    assert change.status == ChangeStatus.DONE
    told = next(each for each in change.told if each["code"] == "grade-differs")
    enrolment.refresh_from_db()
    assert told["was"] == "grade-9"
    assert told["became"] == enrolment.grade
    assert told["version"] == enrolment.version


@pytest.mark.parametrize("wrong", [timedelta(days=1, minutes=1), -timedelta(days=1, minutes=1)])
def test_a_clock_wrong_by_more_than_a_day_makes_the_visit_wait_and_the_reviewer_puts_the_time_right(
    county: County, enrolment: Enrolment, wrong: timedelta
):
    device, noted = a_device(county), a_visit_noted(enrolment.resident, at=NOW + wrong - timedelta(hours=1))

    change = sent(device, noted, by=county.alma, at=NOW, sent_at=NOW + wrong)

    assert (change.status, change.code) == (ChangeStatus.REVIEW, Why.CLOCK)
    actions.adopt_change(change=change, happened_at=NOW - timedelta(hours=3), by=county.alma, at=later(5))
    assert ProgrammeVisit.objects.get().happened_at == NOW - timedelta(hours=3)


@pytest.mark.parametrize("wrong", [timedelta(hours=23), -timedelta(hours=23)])
def test_a_clock_wrong_by_less_is_put_right(county: County, enrolment: Enrolment, wrong: timedelta):
    noted = a_visit_noted(enrolment.resident, at=NOW + wrong - timedelta(hours=1))
    change = sent(a_device(county), noted, by=county.alma, at=NOW, sent_at=NOW + wrong)
    assert change.status == ChangeStatus.DONE
    assert change.happened_at == NOW - timedelta(hours=1)


def test_a_telephone_that_comes_back_after_forty_days_loses_nothing(county: County, enrolment: Enrolment):
    device, back = a_device(county), NOW + timedelta(days=40)
    noted = [
        a_visit_noted(enrolment.resident, {"systolic": str(120 + n)}, at=NOW + timedelta(days=n)) for n in range(1, 6)
    ]
    gone = an_enrolment(county, name="已走", at=NOW)
    actions.repair_panel(panel=queries.Panel.objects.get())
    programmes.end_enrolment(
        enrolment=gone, reason_code="MOVED", note="迁出", by=county.alma, at=NOW + timedelta(days=20)
    )

    became = [sent(device, each, by=county.alma, at=back, sent_at=back) for each in noted]
    waiting = sent(
        device, a_visit_noted(gone.resident, at=NOW + timedelta(days=2)), by=county.alma, at=back, sent_at=back
    )

    assert {each.status for each in became} == {ChangeStatus.DONE}
    assert ProgrammeVisit.objects.count() == 5
    assert waiting.status == ChangeStatus.REVIEW


def test_a_finding_the_telephone_did_not_ask_about_waits_and_is_adopted_with_an_answer(
    county: County, enrolment: Enrolment
):
    device = a_device(county)
    noted = a_visit_noted(enrolment.resident, {"systolic": "190", "diastolic": "115"}, at=NOW, confirmed_unusual=True)

    change = sent(device, noted, by=county.alma)

    assert (change.status, change.code) == (ChangeStatus.REVIEW, Why.UNANSWERED)
    with pytest.raises(InvalidInput):
        actions.adopt_change(change=change, by=county.alma, at=later(5))
    assert Change.objects.get().status == ChangeStatus.REVIEW
    actions.adopt_change(
        change=change, alert_answer="REFERRED", alert_note="已在县医院就诊", by=county.alma, at=later(5)
    )
    assert ProgrammeVisit.objects.get().alert_answer == "REFERRED"


def test_a_second_call_of_the_week_waits_for_a_reason_and_is_not_lost(county: County, enrolment: Enrolment):
    device = a_device(county)
    task = a_followup(county, resident=enrolment.resident, kind="AFTER_DISCHARGE")
    called = Outcome(channel="PHONE", not_measured="电话随访")
    followups.complete_followup(task=task, outcome=called, by=county.tang, at=NOW)
    noted = a_visit_noted(enrolment.resident, channel="PHONE", at=later(1))

    change = sent(device, noted, by=county.alma, at=later(2))

    assert (change.status, change.code) == (ChangeStatus.REVIEW, Why.CALLED)
    with pytest.raises(InvalidInput):
        actions.adopt_change(change=change, by=county.alma, at=later(5))
    actions.adopt_change(change=change, call_reason="居民回电询问", by=county.alma, at=later(5))
    assert ProgrammeVisit.objects.get().call_reason == "居民回电询问"


@pytest.mark.parametrize(
    "answers", [{"systolic": "1200"}, {"systolic": "80", "diastolic": "120"}, {"danger_signs": ["nonsense"]}]
)
def test_what_cannot_be_is_refused_with_words(county: County, enrolment: Enrolment, answers: dict[str, Any]):
    change = sent(a_device(county), a_visit_noted(enrolment.resident, answers), by=county.alma)
    assert change.status == ChangeStatus.REFUSED
    assert len(change.message) > 8
    assert re.search("[一-鿿]", change.message)
    assert not re.search("[一-鿿]", change.message_en)  # a telephone that is read in English later
    assert ProgrammeVisit.objects.count() == 0


def test_of_somebody_the_telephone_was_never_given_nothing_is_said(county: County):
    device = a_device(county)
    stranger = an_enrolment(
        county, by=county.cai,
        resident=a_resident(county, name="外乡人", by=county.cai, managed_by_id=county.other_clinic.pk),
    ).resident  # fmt: skip
    nobody = ChangeIn(uuid4(), "visit", uuid4(), NOW, 0, a_visit_noted(stranger).content)

    answers = [sent(device, each, by=county.alma) for each in (a_visit_noted(stranger), nobody)]

    assert [(each.status, each.code, each.message) for each in answers][0] == (
        answers[1].status,
        answers[1].code,
        answers[1].message,
    )
    assert answers[0].status == ChangeStatus.REFUSED


# Corrected fields ------------------------------------------------------------------------------------------------------
def test_a_corrected_field_is_written_when_nobody_changed_it_since(county: County, enrolment: Enrolment):
    device = a_device(county)
    base = queries.feed(device, after=0, limit=10, shows_phone=True, shows_secret=True).upto

    change = sent(device, a_correction_noted(enrolment.resident, "13911112222", base=base), by=county.alma)

    assert change.status == ChangeStatus.DONE
    assert fresh(enrolment).phone == "13911112222"


def test_a_field_that_somebody_changed_meanwhile_waits_with_both_values(county: County, enrolment: Enrolment):
    device = a_device(county)
    base = queries.feed(device, after=0, limit=10, shows_phone=True, shows_secret=True).upto
    residents.edit_resident(
        resident=enrolment.resident, changes={"phone": "13599990000"}, by=county.tang, at=NOW
    )  # not relayed yet

    change = sent(
        device,
        a_correction_noted(enrolment.resident, "13911112222", base=base),
        by=county.alma,
        at=later(5),
        sent_at=later(5),
    )
    elsewhere = sent(
        device,
        a_correction_noted(enrolment.resident, "东沟村 8 号", field="address", base=base),
        by=county.alma,
        at=later(5),
    )

    assert (change.status, change.code) == (ChangeStatus.REVIEW, Why.CHANGED)
    assert fresh(enrolment).phone == queries.current_value(change) == "13599990000"
    assert elsewhere.status == ChangeStatus.DONE  # the other field nobody touched
    actions.adopt_change(change=change, by=county.alma, at=later(9))
    assert fresh(enrolment).phone == "13911112222"


def test_a_telephone_may_correct_its_own_correction_before_it_hears_of_it(county: County, enrolment: Enrolment):
    device = a_device(county)
    base = queries.feed(device, after=0, limit=10, shows_phone=True, shows_secret=True).upto

    first = sent(
        device,
        a_correction_noted(enrolment.resident, "13911112222", base=base, at=NOW - timedelta(hours=2)),
        by=county.alma,
    )
    second = sent(
        device,
        a_correction_noted(enrolment.resident, "13911113333", base=base, at=NOW - timedelta(hours=1)),
        by=county.alma,
    )

    assert first.status == second.status == ChangeStatus.DONE
    assert fresh(enrolment).phone == "13911113333"


def test_a_telephone_number_that_cannot_be_is_refused(county: County, enrolment: Enrolment):
    change = sent(a_device(county), a_correction_noted(enrolment.resident, "12", base=9**9), by=county.alma)
    assert change.status == ChangeStatus.REFUSED
    assert fresh(enrolment).phone == "13700001234"


# Tries in vain ---------------------------------------------------------------------------------------------------------
def test_a_try_in_vain_counts_when_it_was_made_and_not_after_a_later_visit(county: County, enrolment: Enrolment):
    device = a_device(county)
    sent(device, an_attempt_noted(enrolment.resident, at=NOW - timedelta(days=9), again_in=2), by=county.alma)

    attempt = Attempt.objects.get()
    assert attempt.tried_at == NOW - timedelta(days=9)
    assert attempt.try_again_on == NOW.date()
    assert ManagedResident.objects.get().n_attempts == 1

    a_programme_visit(county, enrolment)
    sent(device, an_attempt_noted(enrolment.resident, at=NOW - timedelta(days=5)), by=county.alma)
    assert Attempt.objects.count() == 2
    assert ManagedResident.objects.get().n_attempts == 0


def test_who_may_no_longer_see_residents_there_sends_nothing(county: County, enrolment: Enrolment):
    device = a_device(county)
    with pytest.raises(NotPermitted):
        sent(device, a_visit_noted(enrolment.resident), by=county.sib)
    assert Change.objects.count() == 0
