"""Who enters a programme, what a visit comes to, and what two people do at once."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.factories.contracts import a_team, an_agreement
from tests.factories.county import NOW, County, later
from tests.factories.programmes import a_programme_visit, an_enrolment, seen
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.contracts.actions import assign_resident
from xinglin.followups.models import FollowUpTask
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import OutboxEvent
from xinglin.programmes import actions, finding, jobs, queries
from xinglin.programmes.models import Alert, Enrolment, ManagedResident, ProgrammeVisit
from xinglin.programmes.states import Status
from xinglin.residents.actions.life import mark_deceased, mark_moved
from xinglin.residents.actions.rosters import assign_managing_facility
from xinglin.residents.models import Resident
from xinglin.visits.models import Visit

pytestmark = pytest.mark.django_db
TODAY = clock.today(NOW)


# Into a programme ----------------------------------------------------------------------------------------------------
def test_a_resident_with_a_recorded_diagnosis_is_found_confirmed_and_enrolled(county: County) -> None:
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma)

    found = finding.look_at(resident, by=jobs.CLOCK, at=NOW)
    candidate = next(each for each in found if each.programme == "hypertension")
    actions.confirm_candidate(enrolment=candidate, basis="三次非同日血压高", by=county.alma, at=NOW)
    enrolment = actions.enrol_resident(resident=resident, programme="hypertension", by=county.alma, at=NOW)

    assert enrolment.pk == candidate.pk
    assert [each.became for each in enrolment.status_changes.all()] == ["CANDIDATE", "CONFIRMED", "ENROLLED"]
    assert (enrolment.next_due_on, enrolment.version) == (TODAY, "hypertension@2026-01-01")
    line = ManagedResident.objects.get()
    assert (line.programmes, line.next_due_on, line.facility_id) == (["hypertension"], TODAY, county.clinic.pk)


def test_looking_twice_finds_a_candidate_once_and_a_dismissed_one_not_again(county: County) -> None:
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma)
    candidate = finding.look_at(resident, by=jobs.CLOCK, at=NOW)[0]

    assert finding.look_at(resident, by=jobs.CLOCK, at=NOW) == []
    actions.dismiss_candidate(enrolment=candidate, reason="白大衣高血压", by=county.alma, at=NOW)
    assert finding.look_at(resident, by=jobs.CLOCK, at=NOW) == []


def test_three_high_days_make_a_candidate(county: County) -> None:
    from xinglin.visits.data import DiagnosisIn, Vitals

    resident, cold = a_resident(county), DiagnosisIn("J06.900", "急性上呼吸道感染")
    for days in (40, 20, 1):
        a_visit(
            resident=resident, by=county.alma, at=NOW - timedelta(days=days), diagnoses=[cold], prescriptions=[],
            vitals=Vitals(systolic=152, diastolic=94),
        )  # fmt: skip

    found = finding.look_at(resident, by=jobs.CLOCK, at=NOW)

    assert [(each.programme, each.found_by) for each in found] == [("hypertension", "READINGS")]


def test_nobody_is_enrolled_without_a_diagnosis_or_a_written_reason(county: County) -> None:
    resident = a_resident(county)

    with pytest.raises(InvalidInput) as refusal:
        actions.enrol_resident(resident=resident, programme="hypertension", by=county.alma, at=NOW)

    assert refusal.value.code == "not-eligible"
    assert Enrolment.objects.count() == 0


def test_a_doctor_of_another_township_enrols_nobody(county: County) -> None:
    with pytest.raises(NotPermitted):
        an_enrolment(county, resident=a_resident(county), by=county.cai)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enrol_one_resident_at_one_moment_one_learns_it_is_done(county: County) -> None:
    resident, outcomes, start = a_resident(county), [], threading.Barrier(2)
    actors = [county.alma, county.tang]

    def enrol(actor: Any) -> None:
        start.wait()
        try:
            actions.enrol_resident(resident=resident, programme="hypertension", basis="诊断", by=actor, at=NOW)
            outcomes.append("enrolled")
        except Conflict:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=enrol, args=(actor,)) for actor in actors]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(outcomes) == ["enrolled", "told"]
    assert Enrolment.objects.filter(status=Status.ENROLLED).count() == 1


# Visits --------------------------------------------------------------------------------------------------------------
def test_a_stable_visit_gives_grade_control_and_the_next_day(county: County) -> None:
    enrolment = an_enrolment(county)

    visit = a_programme_visit(county, enrolment)

    result = visit.results.get()
    assert (result.grade, result.is_controlled, result.on_target) == ("below-140", True, True)
    assert result.next_due_on == TODAY + timedelta(days=90)
    enrolment.refresh_from_db()
    assert (enrolment.next_due_on, enrolment.last_visit_on) == (TODAY + timedelta(days=90), TODAY)
    assert ManagedResident.objects.get().next_due_on == TODAY + timedelta(days=90)
    assert visit.visit is not None
    assert (visit.visit.systolic, visit.visit.kind) == (126, "FOLLOWUP")


def test_the_same_upload_again_is_the_same_visit(county: County) -> None:
    enrolment, content = an_enrolment(county), seen()
    call = {"resident": enrolment.resident, "facility_id": county.clinic.pk, "content": content, "by": county.alma}

    first = actions.record_programme_visit(at=NOW, **call)
    again = actions.record_programme_visit(at=later(days=40), **call)

    assert again.pk == first.pk
    assert (ProgrammeVisit.objects.count(), Visit.objects.count()) == (1, 1)


def test_an_id_used_for_another_content_is_refused(county: County) -> None:
    enrolment, content = an_enrolment(county), seen()
    call = {"resident": enrolment.resident, "facility_id": county.clinic.pk, "by": county.alma, "at": NOW}
    actions.record_programme_visit(content=content, **call)

    with pytest.raises(Conflict) as refusal:
        actions.record_programme_visit(content=seen({"systolic": "140"}, client_id=content.client_id), **call)

    assert refusal.value.code == "client-id-used"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"systolic": "1200"}, "systolic"),
        ({"systolic": "abc"}, "systolic"),
        ({"systolic": ""}, "systolic"),
        ({"systolic": "70", "diastolic": "90"}, "systolic"),
        ({"adherence": "sometimes, maybe"}, "adherence"),
        ({"nobody-asks": "1"}, "nobody-asks"),
        ({"danger_signs": ["none", "chest"]}, "danger_signs"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(county: County, answers: dict[str, Any], field: str) -> None:
    enrolment = an_enrolment(county)

    with pytest.raises(InvalidInput) as refusal:
        a_programme_visit(county, enrolment, answers)

    assert field in refusal.value.fields
    assert ProgrammeVisit.objects.count() == 0


def test_a_visit_from_the_future_is_refused(county: County) -> None:
    enrolment = an_enrolment(county)

    with pytest.raises(InvalidInput) as refusal:
        a_programme_visit(county, enrolment, happened_at=later(5))

    assert "happened_at" in refusal.value.fields


def test_a_dangerous_pressure_wants_an_answer_and_plans_the_follow_up_of_the_referral(county: County) -> None:
    enrolment = an_enrolment(county)
    with pytest.raises(InvalidInput) as refusal:
        a_programme_visit(county, enrolment, {"systolic": "192", "diastolic": "112"})
    assert refusal.value.code == "alert-unanswered"

    visit = a_programme_visit(
        county, enrolment, {"systolic": "192", "diastolic": "112"}, alert_answer="REFER", confirmed_unusual=True
    )

    alert = visit.alerts.order_by("-level").first()
    assert alert is not None
    assert (alert.channel, alert.level, alert.follow_by) == ("emergency", 4, TODAY + timedelta(days=14))
    task = FollowUpTask.objects.get(origin_uuid=alert.uuid)
    assert (task.due_on, task.risk, task.status) == (alert.follow_by, 2, "PLANNED")
    assert ManagedResident.objects.get().severity == 4


def test_the_next_visit_answers_what_the_last_one_found(county: County) -> None:
    enrolment = an_enrolment(county)
    a_programme_visit(
        county, enrolment, {"systolic": "192", "diastolic": "112"}, alert_answer="REFER", confirmed_unusual=True
    )

    a_programme_visit(county, enrolment, at=later(days=3))

    assert set(Alert.objects.values_list("answer", flat=True)) == {"SEEN"}
    assert set(FollowUpTask.objects.values_list("status", flat=True)) == {"CANCELLED"}


def test_two_visits_in_a_row_out_of_control_want_a_referral(county: County) -> None:
    enrolment = an_enrolment(county)
    a_programme_visit(county, enrolment, {"systolic": "152", "diastolic": "88"}, at=later(days=-15))

    visit = a_programme_visit(
        county, enrolment, {"systolic": "154", "diastolic": "88"}, alert_answer="OTHER", alert_note="已电话请示县医院"
    )

    assert "not-controlled-twice" in set(visit.alerts.values_list("code", flat=True))
    enrolment.refresh_from_db()
    assert enrolment.n_uncontrolled == 2


def test_an_older_visit_that_arrives_late_does_not_undo_the_newer(county: County) -> None:
    enrolment = an_enrolment(county)
    a_programme_visit(county, enrolment, at=later(days=-1))

    late = a_programme_visit(
        county, enrolment, {"systolic": "156"}, at=NOW, happened_at=later(days=-40), confirmed_unusual=True
    )

    enrolment.refresh_from_db()
    assert (enrolment.grade, enrolment.last_visit_on) == ("below-140", TODAY - timedelta(days=1))
    assert (late.recorded_at, late.happened_at) == (NOW, later(days=-40))


def test_an_amendment_keeps_the_wrong_visit_and_changes_what_followed(county: County) -> None:
    enrolment = an_enrolment(county)
    wrong = a_programme_visit(county, enrolment, {"systolic": "162"})

    right = actions.amend_programme_visit(
        visit=wrong, content=seen({"systolic": "126"}), reason="看错一位", by=county.alma, at=later(10)
    )

    enrolment.refresh_from_db()
    assert (right.replaces_id, enrolment.grade, enrolment.n_uncontrolled) == (wrong.pk, "below-140", 0)
    assert ProgrammeVisit.objects.get(pk=wrong.pk).answers["systolic"] == "162"
    with pytest.raises(Conflict):
        actions.amend_programme_visit(visit=wrong, content=seen(), reason="再改", by=county.alma, at=later(20))


def test_a_clinics_visit_becomes_the_programme_visit_without_typing(county: County) -> None:
    from xinglin.programmes import judging

    enrolment = an_enrolment(county)
    source = a_visit(resident=enrolment.resident, by=county.alma)

    answers = judging.answers_of_clinic(enrolment.resident, source, by=county.alma)

    assert (answers["systolic"], answers["diastolic"]) == ("150", "92")


# Life goes on --------------------------------------------------------------------------------------------------------
def run_job(event: str) -> None:
    row = OutboxEvent.objects.filter(event=event).latest("id")
    jobs.resident_changed(event_uuid=str(row.uuid), object_uuid=str(row.object_uuid))


def test_death_ends_everything_and_no_visit_follows_it(county: County) -> None:
    enrolment = an_enrolment(county)
    mark_deceased(resident=enrolment.resident, died_on=TODAY - timedelta(days=2), by=county.alma, at=NOW)

    run_job("resident.deceased")
    run_job("resident.deceased")

    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.end_reason, enrolment.ended_on) == ("ENDED", "DIED", TODAY - timedelta(days=2))
    assert ManagedResident.objects.count() == 0
    with pytest.raises(Conflict) as refusal:
        a_programme_visit(county, Enrolment.objects.select_related("resident").get())
    assert refusal.value.code == "after-death"


def test_moving_away_ends_and_a_visit_is_refused(county: County) -> None:
    enrolment = an_enrolment(county)
    mark_moved(resident=enrolment.resident, reason="迁往外省", by=county.alma, at=NOW)
    run_job("resident.moved")

    with pytest.raises(Conflict) as refusal:
        a_programme_visit(county, Enrolment.objects.select_related("resident").get(), at=later(days=1))

    assert refusal.value.code == "resident-moved"
    assert Enrolment.objects.get().end_reason == "MOVED"


def test_a_transfer_to_another_village_hands_the_resident_over(county: County) -> None:
    enrolment = an_enrolment(county)
    assign_managing_facility(
        resident=Resident.objects.get(), facility_id=county.sibling.pk, reason="搬家", by=county.tang, at=NOW
    )

    run_job("resident.transferred")

    enrolment.refresh_from_db()
    assert enrolment.facility_id == county.sibling.pk
    assert ManagedResident.objects.get().facility_id == county.sibling.pk


# The day list --------------------------------------------------------------------------------------------------------
def test_the_day_list_puts_the_serious_first_then_the_long_overdue(
    county: County, django_assert_num_queries: Any
) -> None:
    for n, (name, days) in enumerate({"昨天": 1, "上月": 30}.items()):
        an_enrolment(county, resident=a_resident(county, name=name, born_on=date(1950, 1, 1 + n)), at=later(days=-days))
    serious = an_enrolment(
        county, resident=a_resident(county, name="严重", born_on=date(1951, 1, 1)), at=later(days=-20)
    )
    a_programme_visit(
        county, serious, {"systolic": "186", "diastolic": "112"}, alert_answer="REFER", confirmed_unusual=True,
        at=later(days=-15),
    )  # fmt: skip

    with django_assert_num_queries(1):
        page = queries.day_list(county.alma, at=NOW)
        names = [(row.resident.name, str(row.facility)) for row in page.rows]

    assert [name for name, _ in names] == ["严重", "上月", "昨天"]
    assert list(queries.day_list(county.cai, at=NOW).rows) == []
    assert queries.box_counts(county.tang, at=NOW)["due"] == 3


def test_who_was_not_reached_comes_back_on_the_day_named(county: County) -> None:
    an_enrolment(county)
    actions.note_attempt(
        line=ManagedResident.objects.get(), why="NO_ANSWER", try_again_on=TODAY + timedelta(days=2), by=county.alma,
        at=NOW,
    )  # fmt: skip

    assert list(queries.day_list(county.alma, at=NOW).rows) == []
    assert len(queries.day_list(county.alma, at=later(days=2)).rows) == 1


def test_the_day_list_of_a_team_shows_whom_it_was_given_and_whom_it_signed(county: County) -> None:
    given, signed = a_resident(county, name="已分配"), a_resident(county, name="已签约")
    for each in (given, signed, a_resident(county, name="别队")):
        an_enrolment(county, resident=each, at=later(days=-100))
    team = a_team(county)
    assign_resident(team=team, resident=given, claimed=True, by=county.alma, at=NOW)
    an_agreement(county, resident=signed)

    page = queries.day_list(county.alma, box="all", filters=queries.Filters(team=team.uuid), at=NOW)

    assert {row.resident.name for row in page.rows} == {"已分配", "已签约"}
    assert queries.box_counts(county.alma, filters=queries.Filters(team=team.uuid), at=NOW)["all"] == 2
    assert list(queries.day_list(county.cai, box="all", filters=queries.Filters(team=team.uuid), at=NOW).rows) == []
