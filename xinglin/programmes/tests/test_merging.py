"""Two registrations become one, or two again; somebody who was said to have died or left is here after all."""

from datetime import date
from typing import Any

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.programmes import a_programme_visit, an_enrolment, seen
from tests.factories.residents import a_resident
from xinglin.followups import actions as followup_actions
from xinglin.followups import jobs as followup_jobs
from xinglin.followups.data import Outcome
from xinglin.followups.models import FollowUpTask
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.models import OutboxEvent
from xinglin.programmes import actions, jobs, nightly
from xinglin.programmes.actions import returning
from xinglin.programmes.evidence import said
from xinglin.programmes.models import Alert, Enrolment, ManagedResident
from xinglin.residents.actions.life import mark_deceased, mark_moved, restore
from xinglin.residents.actions.merging import merge_residents, unmerge
from xinglin.residents.models import Merge, Resident

pytestmark = pytest.mark.django_db
TODAY = clock.today(NOW)
DANGEROUS = {"systolic": "190", "diastolic": "112"}
SENT = {"alert_answer": "REFER", "confirmed_unusual": True}


def follow(event: str) -> None:
    """What both capabilities do upon what happened to registrations."""
    for each in OutboxEvent.objects.filter(event=event).order_by("id"):
        said: dict[str, Any] = {"event_uuid": str(each.uuid), "object_uuid": str(each.object_uuid)}
        followup_jobs.resident_changed(**said)
        jobs.resident_changed(**said)


def merge(county: County, kept: Resident, merged: Resident) -> Merge:
    kept.refresh_from_db()
    merged.refresh_from_db()
    found = merge_residents(kept=kept, merged=merged, reason="同一人重复建档", by=county.tang, at=NOW)
    follow("resident.merged")
    return found


def part(county: County, merged: Merge) -> None:
    unmerge(merge=merged, reason="核实后并非同一人", by=county.tang, at=NOW)
    follow("resident.unmerged")


def standing() -> dict[str, Any]:
    """What a merge changes, but for the times of its steps."""
    facts = (
        "id",
        "resident",
        "facility",
        "status",
        "grade",
        "severity",
        "n_uncontrolled",
        "last_visit_on",
        "next_due_on",
    )
    return {
        "enrolments": list(Enrolment.objects.order_by("id").values(*facts, "ended_on", "end_reason", "came_from")),
        "results": list(Enrolment.objects.order_by("results__id").values("id", "results__id")),
        "open": list(Alert.objects.filter(answered_at=None).order_by("id").values("id", "enrolment")),
        "tasks": list(FollowUpTask.objects.order_by("id").values("id", "resident", "facility", "status", "came_from")),
        "lines": list(ManagedResident.objects.order_by("resident").values("resident", "severity", "last_visit_on")),
    }


@pytest.fixture
def twice(county: County) -> tuple[Enrolment, Enrolment]:
    """One man in hypertension twice: seen long ago by one clinic, and in danger at the other last week."""
    kept = an_enrolment(county, at=later(days=-300))
    a_programme_visit(county, kept, at=later(days=-200))
    other = an_enrolment(county, at=later(days=-300), name="王晓麦")
    a_programme_visit(county, other, DANGEROUS, at=later(days=-7), **SENT)
    return kept, other


def test_of_two_enrolments_in_one_programme_the_survivor_is_judged_by_the_visits_of_both(
    county: County, twice: tuple[Enrolment, Enrolment]
) -> None:
    kept, other = twice

    merge(county, kept.resident, other.resident)

    kept.refresh_from_db()
    other.refresh_from_db()
    assert (other.status, other.end_reason, other.joined_into) == ("ENDED", "DUPLICATE", kept)
    assert (kept.grade, kept.severity, kept.is_controlled) == ("grade-3", 4, False)
    assert kept.last_visit_on == TODAY - (NOW - later(days=-7))
    assert kept.next_due_on <= TODAY + (later(days=8) - NOW)
    assert ManagedResident.objects.get().severity == 4
    run = nightly.check_everybody(at=clock.now())
    assert run is not None
    assert run.n_changed == 0


def test_a_finding_nobody_has_answered_stays_open_under_the_survivor_with_its_task(
    county: County, twice: tuple[Enrolment, Enrolment]
) -> None:
    kept, other = twice

    merge(county, kept.resident, other.resident)

    alert = Alert.objects.get(answered_at=None)
    task = FollowUpTask.objects.get(origin_uuid=alert.uuid)
    assert alert.enrolment == kept
    assert (task.status, task.resident) == ("PLANNED", kept.resident)


def test_a_merge_leaves_nobody_a_candidate_who_was_managed(county: County) -> None:
    kept = a_resident(county)
    candidate = actions.note_candidate(
        resident=kept, programme="hypertension", found_by="HAND", by=county.alma, at=NOW
    )  # fmt: skip
    other = an_enrolment(county, at=later(days=-300), name="王晓麦")
    a_programme_visit(county, other, at=later(days=-7))

    merge(county, kept, other.resident)

    assert candidate is not None
    candidate.refresh_from_db()
    other.refresh_from_db()
    assert (candidate.status, candidate.end_reason) == ("ENDED", "DUPLICATE")
    assert (other.status, other.resident) == ("ENROLLED", kept)
    assert ManagedResident.objects.get().resident == kept


def test_a_merge_that_is_taken_back_leaves_everything_as_it_was(
    county: County, twice: tuple[Enrolment, Enrolment]
) -> None:
    kept, other = twice
    an_enrolment(county, resident=other.resident, programme="diabetes", at=later(days=-300))
    before = standing()

    merged = merge(county, kept.resident, other.resident)
    assert standing() != before
    part(county, merged)

    assert standing() == before
    part_again = OutboxEvent.objects.filter(event="resident.unmerged").count()
    follow("resident.unmerged")
    assert (part_again, standing()) == (2, before)


def test_what_was_written_since_a_merge_stays_with_the_one_kept(
    county: County, twice: tuple[Enrolment, Enrolment]
) -> None:
    kept, other = twice
    merged = merge(county, kept.resident, other.resident)
    kept = Enrolment.objects.select_related("resident").get(pk=kept.pk)
    a_programme_visit(county, kept, at=NOW)

    part(county, merged)

    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.last_visit_on, kept.results.count(), kept.severity) == (TODAY, 2, 0)
    assert (other.status, other.results.count(), other.grade) == ("ENROLLED", 1, "grade-3")


def test_the_task_of_a_merged_registration_can_be_completed_with_what_was_measured(
    county: County, twice: tuple[Enrolment, Enrolment]
) -> None:
    kept, other = twice
    merge(county, kept.resident, other.resident)
    task = FollowUpTask.objects.select_related("resident").get(status="PLANNED")

    followup_actions.complete_followup(
        task=task, outcome=Outcome(channel="CLINIC", systolic=150, diastolic=92), by=county.alma, at=later(30)
    )

    assert task.visit is not None
    assert task.visit.resident == kept.resident


def test_whose_death_was_entered_by_mistake_is_managed_on_and_due_today(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-300))
    a_programme_visit(county, enrolment, DANGEROUS, at=later(days=-7), **SENT)
    was_open = list(Alert.objects.filter(answered_at=None).values_list("id", flat=True))
    resident = enrolment.resident
    mark_deceased(resident=resident, died_on=TODAY, by=county.alma, at=NOW)
    follow("resident.deceased")
    assert not FollowUpTask.objects.filter(status="PLANNED").exists()

    restore(resident=resident, reason="同名误登", by=county.alma, at=NOW)
    for _ in range(2):
        follow("resident.restored")

    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.ended_on, enrolment.end_reason) == ("ENROLLED", None, "")
    assert (enrolment.next_due_on, enrolment.severity) == (clock.today(clock.now()), 4)
    assert list(Alert.objects.filter(answered_at=None).values_list("id", flat=True)) == was_open
    assert FollowUpTask.objects.get(status="PLANNED").resident == resident
    assert ManagedResident.objects.get().next_due_on == enrolment.next_due_on
    told = Message.objects.filter(kind="programme.taken-up")
    assert [each.facility_id for each in told] == [county.clinic.pk]


def test_what_a_clinic_had_ended_for_another_reason_stays_ended_when_somebody_comes_back(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-300))
    actions.end_enrolment(enrolment=enrolment, reason_code="MISDIAGNOSED", by=county.alma, at=later(days=-200))
    mark_moved(resident=enrolment.resident, by=county.alma, at=later(days=-100))
    follow("resident.moved")

    restore(resident=enrolment.resident, reason="返乡", by=county.alma, at=NOW)
    follow("resident.restored")

    enrolment.refresh_from_db()
    assert enrolment.status == "ENDED"
    assert not Message.objects.filter(kind="programme.taken-up").exists()


def test_an_enrolment_that_ends_takes_the_tasks_of_its_findings_with_it(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-300))
    a_programme_visit(county, enrolment, DANGEROUS, at=later(days=-7), **SENT)

    actions.end_enrolment(enrolment=enrolment, reason_code="MISDIAGNOSED", by=county.alma, at=NOW)

    assert not Alert.objects.filter(answered_at=None).exists()
    assert {each.status for each in FollowUpTask.objects.all()} == {"CANCELLED"}
    assert OutboxEvent.objects.filter(event="programme.alert-answered").exists()


def test_a_finding_that_stands_again_after_a_merge_is_owed_to_the_registration_kept(
    county: County, twice: tuple[Enrolment, Enrolment]
) -> None:
    kept, other = twice
    merge(county, kept.resident, other.resident)
    kept = Enrolment.objects.select_related("resident").get(pk=kept.pk)
    seen_well = a_programme_visit(county, kept, at=later(10))
    assert not Alert.objects.filter(answered_at=None).exists()

    actions.amend_programme_visit(
        visit=seen_well, content=seen({"systolic": "", "diastolic": ""}), reason="误录", by=county.alma, at=later(20)
    )

    alert = Alert.objects.get(answered_at=None)
    assert alert.visit.resident == other.resident
    assert FollowUpTask.objects.get(origin_uuid=alert.uuid).resident == kept.resident
    raised = OutboxEvent.objects.filter(event="programme.alerted").latest("id")
    assert raised.subject_uuid == kept.resident.uuid


def an_absence(county: County, *, days: int) -> Enrolment:
    """A managed man with an open finding, said to have left so many days before he is back."""
    enrolment = an_enrolment(county, at=later(days=-300))
    a_programme_visit(county, enrolment, DANGEROUS, at=later(days=-days - 1), **SENT)
    mark_moved(resident=enrolment.resident, by=county.alma, at=later(days=-days))
    follow("resident.moved")
    restore(resident=enrolment.resident, reason="返乡", by=county.alma, at=NOW)
    for _ in range(2):
        follow("resident.restored")
    enrolment.refresh_from_db()
    return enrolment


def test_who_comes_back_after_months_begins_anew_and_was_not_managed_in_between(county: County) -> None:
    former = an_absence(county, days=200)

    anew = Enrolment.objects.exclude(pk=former.pk).get()
    assert (former.status, former.ended_on) == ("ENDED", clock.today(later(days=-200)))
    assert (anew.status, anew.enrolled_on, anew.next_due_on, anew.facility) == ("ENROLLED", TODAY, TODAY, county.clinic)
    assert (anew.grade, anew.last_visit_on, anew.basis) == ("", None, former.basis)
    assert said(anew.evidence) == ["2026-01-24至2026-05-04曾在管，迁出时终止，回迁后重新纳入"]
    assert not Alert.objects.filter(answered_at=None).exists()
    assert not FollowUpTask.objects.filter(status="PLANNED").exists()
    assert ManagedResident.objects.get().next_due_on == TODAY
    assert Message.objects.filter(kind="programme.taken-up").exists()


def test_a_move_taken_back_within_days_was_none(county: County) -> None:
    enrolment = an_absence(county, days=returning.AWAY_AFTER_DAYS)

    assert Enrolment.objects.count() == 1
    assert (enrolment.status, enrolment.ended_on) == ("ENROLLED", None)
    assert Alert.objects.filter(answered_at=None).exists()
    assert FollowUpTask.objects.get(status="PLANNED").resident == enrolment.resident


def test_who_comes_back_and_was_never_managed_is_a_candidate_as_before(county: County) -> None:
    candidate = actions.note_candidate(
        resident=a_resident(county), programme="hypertension", found_by="HAND", by=county.alma, at=later(days=-300)
    )
    assert candidate is not None
    mark_moved(resident=candidate.resident, by=county.alma, at=later(days=-200))
    follow("resident.moved")

    restore(resident=candidate.resident, reason="返乡", by=county.alma, at=NOW)
    follow("resident.restored")

    assert Enrolment.objects.get().status == "CANDIDATE"


def test_who_comes_back_to_a_programme_that_excludes_him_by_now_is_left_to_his_clinic(county: County) -> None:
    former = an_enrolment(county, programme="diabetes", at=later(days=-300))
    mark_moved(resident=former.resident, by=county.alma, at=later(days=-200))
    follow("resident.moved")
    Resident.objects.filter(pk=former.resident_id).update(born_on=date(2016, 5, 5))

    former.resident.refresh_from_db()
    restore(resident=former.resident, reason="返乡", by=county.alma, at=NOW)
    follow("resident.restored")

    assert Enrolment.objects.get().status == "ENDED"
    assert not Message.objects.filter(kind="programme.taken-up").exists()
