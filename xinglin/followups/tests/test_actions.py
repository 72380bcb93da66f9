"""Follow-up tasks: planned once, done once, told, and turned into a visit when somebody was measured."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories.county import NOW, later
from tests.factories.followups import REACHED, a_followup
from tests.factories.residents import a_resident
from tests.factories.visits import a_visit
from xinglin.followups import actions, api, jobs, queries, timeline
from xinglin.followups.data import Outcome
from xinglin.followups.events import Event
from xinglin.followups.states import FINAL, LOOKS, OPEN, TRANSITIONS, Status
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.ids import new_uuid
from xinglin.platform.models import OutboxEvent
from xinglin.visits.models import Visit
from xinglin.web.work import HIGH, RAISED

TODAY = clock.today(NOW)


def test_every_status_has_a_row_and_a_look():
    assert set(TRANSITIONS) == set(LOOKS) == set(Status)
    assert set(OPEN) | FINAL == set(Status)


def test_one_origin_gives_one_task_however_often_it_is_asked_for(county):
    origin = new_uuid()
    asked = {
        "resident": a_resident(county),
        "facility_id": county.clinic.pk,
        "kind": "AFTER_REFERRAL",
        "origin_kind": "referral",
        "origin_uuid": origin,
        "due_on": TODAY,
        "plan": "测血压",
        "risk": 2,
        "by": county.tang,
        "at": NOW,
    }

    first, again = actions.plan_followup(**asked), actions.plan_followup(**asked)

    assert first == again
    assert OutboxEvent.objects.filter(event=Event.PLANNED).count() == 1
    assert first.status_changes.count() == 1


@pytest.mark.parametrize("status", Status)
def test_each_state_can_be_reached_and_ended_ones_stay(county, status):
    task = a_followup(county, status=status)
    assert task.status == status

    calls = [
        lambda: actions.complete_followup(task=task, outcome=REACHED, by=county.alma, at=NOW),
        lambda: actions.note_unreached(task=task, why="AWAY", try_again_on=TODAY, by=county.alma, at=NOW),
        lambda: actions.cancel_followup(task=task, reason="迁出", by=county.alma, at=NOW),
    ]
    if status in FINAL:
        for call in calls:
            with pytest.raises(Conflict):
                call()


@pytest.mark.parametrize("name", ["sib", "cai", "du", "bo", "mei"])
def test_who_works_elsewhere_neither_sees_nor_does_it(county, name):
    task, actor = a_followup(county), getattr(county, name)

    with pytest.raises(NotVisible):
        queries.visible_followup(actor, task.uuid)
    with pytest.raises(NotPermitted):
        actions.complete_followup(task=task, outcome=REACHED, by=actor, at=NOW)


def test_the_township_doctor_above_may_do_it(county):
    assert (
        actions.complete_followup(task=a_followup(county), outcome=REACHED, by=county.tang, at=NOW).done_by_name == "唐"
    )


def test_a_pressure_taken_at_the_clinic_becomes_a_signed_visit_under_the_latest_diagnosis(county):
    resident = a_resident(county)
    a_visit(resident=resident, by=county.alma, at=later(days=-14))
    task = a_followup(county, resident=resident)

    actions.complete_followup(
        task=task,
        outcome=Outcome(channel="CLINIC", systolic=138, diastolic=86, adherence="REGULAR"),
        by=county.alma,
        at=NOW,
    )

    visit = Visit.objects.get(pk=task.visit_id)
    assert (visit.systolic, visit.kind, visit.status) == (138, "FOLLOWUP", "SIGNED")
    assert visit.diagnoses.get().code == "I10.x00"


def test_without_an_earlier_diagnosis_the_visit_waits_for_the_doctors_signature(county):
    task = a_followup(county)

    actions.complete_followup(
        task=task, outcome=Outcome(channel="HOME", systolic=138, diastolic=86), by=county.alma, at=NOW
    )

    assert (task.visit.status, task.visit.kind) == ("OPEN", "HOME")


def test_a_call_is_no_visit(county):
    task = a_followup(county)

    actions.complete_followup(
        task=task, outcome=Outcome(channel="PHONE", systolic=138, diastolic=86), by=county.alma, at=NOW
    )

    assert task.visit is None
    assert task.outcome["systolic"] == 138


@pytest.mark.parametrize(
    ("outcome", "field"),
    [
        ({"channel": "PIGEON"}, "channel"),
        ({"channel": "PHONE", "systolic": 138}, "diastolic"),
        ({"channel": "PHONE", "systolic": 80, "diastolic": 120}, "systolic"),
        ({"channel": "PHONE", "systolic": 1200, "diastolic": 80}, "systolic"),
        ({"channel": "PHONE", "not_measured": "拒绝", "symptoms": ("MADE_UP",)}, "symptoms"),
        ({"channel": "PHONE", "not_measured": "拒绝", "adherence": "MADE_UP"}, "adherence"),
        ({"channel": "PHONE", "not_measured": "拒绝", "advice": "x" * 2001}, "advice"),
        ({"channel": "PHONE"}, "not_measured"),
        ({"channel": "PHONE", "pulse": 80}, "not_measured"),
        ({"channel": "PHONE", "systolic": 210, "diastolic": 120, "critical_note": " "}, "critical_note"),
        ({"channel": "PHONE", "glucose": Decimal("17.0"), "advice": "继续目前治疗"}, "critical_note"),
    ],
)
def test_a_form_with_a_fault_is_refused_at_its_field(county, outcome, field):
    task = a_followup(county)

    with pytest.raises(InvalidInput) as refused:
        actions.complete_followup(task=task, outcome=Outcome(**outcome), by=county.alma, at=NOW)
    assert field in refused.value.fields
    task.refresh_from_db()
    assert task.status == Status.PLANNED


def test_an_unusual_pressure_wants_a_second_look_and_nothing_is_half_saved(county):
    task = a_followup(county)
    found = {"channel": "CLINIC", "systolic": 242, "diastolic": 128, "critical_note": "急诊转诊"}

    with pytest.raises(InvalidInput):
        actions.complete_followup(task=task, outcome=Outcome(**found), by=county.alma, at=NOW)
    assert not Visit.objects.exists()
    actions.complete_followup(task=task, outcome=Outcome(**found, confirmed_unusual=True), by=county.alma, at=NOW)

    assert task.visit.systolic == 242


def test_unreached_counts_the_attempts_and_comes_back(county):
    task = a_followup(county)

    for attempt in (1, 2):
        actions.note_unreached(
            task=task, why="NO_ANSWER", try_again_on=TODAY + timedelta(days=attempt), by=county.alma, at=NOW
        )

    assert (task.n_attempts, task.due_on, task.status) == (2, TODAY + timedelta(days=2), Status.UNREACHED)


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=91)])
def test_unreached_needs_a_day_that_makes_sense(county, day):
    with pytest.raises(InvalidInput):
        actions.note_unreached(task=a_followup(county), why="AWAY", try_again_on=day, by=county.alma, at=NOW)


def test_cancelling_needs_a_reason(county):
    with pytest.raises(InvalidInput):
        actions.cancel_followup(task=a_followup(county), reason=" ", by=county.alma, at=NOW)


def test_the_list_is_by_risk_and_day(county):
    ordinary = a_followup(county, risk=0, due_on=TODAY)
    high = a_followup(county, risk=2, due_on=TODAY)
    a_followup(county, risk=2, due_on=TODAY + timedelta(days=3))
    raised = a_followup(county, risk=1, due_on=TODAY)

    assert list(queries.due_list(county.alma, at=NOW).rows) == [high, raised, ordinary]
    assert queries.box_counts(county.alma, at=NOW) == {"due": 3, "week": 1, "later": 0}
    assert [(item.risk, item.kind) for item in api.waiting_for(county.alma, at=NOW)][:2] == [
        (HIGH, "followup"),
        (RAISED, "followup"),
    ]
    assert not queries.due_list(county.cai, at=NOW).rows


def test_a_task_falls_due_once_and_facility_and_resident_are_told(county, monkeypatch):
    monkeypatch.setattr(clock.timezone, "now", lambda: NOW)
    task = a_followup(county)
    own = county.user("resident", "resident", county.clinic)
    type(own).objects.filter(pk=own.pk).update(resident_uuid=task.resident.uuid)

    jobs.fall_due(0)
    jobs.fall_due(0)
    for event in OutboxEvent.objects.filter(event=Event.FELL_DUE):
        jobs.tell(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))
        jobs.tell(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    assert OutboxEvent.objects.filter(event=Event.FELL_DUE).count() == 1
    readers = [(message.facility, message.user, message.permission) for message in Message.objects.order_by("id")]
    assert readers == [(county.clinic, None, "followup:do"), (None, own, "")]


def test_the_timeline_tells_plan_and_outcome(county, django_assert_num_queries):
    task = a_followup(county, status=Status.DONE)

    with django_assert_num_queries(1):
        entries = timeline.provide(county.alma, [task.resident_id], later(1), 10)

    assert [entry.title for entry in entries] == ["计划随访：已完成", "安排计划随访，2026-11-20 到期"]
    assert entries[0].detail == "电话 · 132/82 mmHg · 继续服药，2周后复诊"
