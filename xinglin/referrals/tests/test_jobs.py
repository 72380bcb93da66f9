"""What happens by itself: messages at each step, reminders, escalation, holds that end, ways back that close."""

from datetime import timedelta

import pytest

from tests.factories.county import NOW, later
from tests.factories.followups import REACHED
from tests.factories.referrals import a_down_referral, a_referral
from xinglin.followups import actions as followup_actions
from xinglin.followups.models import FollowUpTask
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.models import OutboxEvent
from xinglin.referrals import jobs
from xinglin.referrals.events import Event
from xinglin.referrals.models import Referral
from xinglin.referrals.states import Status


@pytest.fixture
def at(monkeypatch):
    """Set the clock that jobs read."""

    def set_to(moment):
        monkeypatch.setattr(clock.timezone, "now", lambda: moment)

    set_to(NOW)
    return set_to


def run_events(*names):
    """Hand over the events of these names, as the relay does."""
    for event in OutboxEvent.objects.filter(event__in=names).order_by("id"):
        task = jobs.followed_up if event.event == "followup.completed" else jobs.tell
        task(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))


def told(kind):
    """Who was told of a kind: (facility, permission, urgency)."""
    rows = Message.objects.filter(kind=kind).order_by("facility__code")
    return [(message.facility.code, message.permission, message.urgency) for message in rows]


def test_every_event_that_tells_has_a_sentence_and_readers():
    from xinglin.notifications.data import SENTENCES

    for event, telling in jobs.TELLINGS.items():
        assert SENTENCES[event].url_name == "referrals:detail"
        assert set(telling.sides) <= {"sender", "receiver", "turn"}


def test_a_new_referral_is_told_to_the_desk_and_twice_is_once(county, at):
    a_referral(county)

    run_events(Event.SENT)
    run_events(Event.SENT)

    assert told("referral.sent") == [("H01", "referral:answer", 1)]


def test_an_emergency_is_told_as_now(county, at):
    a_referral(county, channel="emergency")

    run_events(Event.SENT)

    assert told("referral.sent") == [("H01", "referral:answer", 2)]


def test_the_sender_is_told_of_each_answer(county, at):
    a_referral(county, status=Status.IN_CARE)

    run_events(Event.ACCEPTED, Event.ARRIVED, Event.ADMITTED)

    assert [told(f"referral.{name}") for name in ("accepted", "arrived", "admitted")] == [
        [("V01", "referral:send", urgency)] for urgency in (1, 0, 0)
    ]
    accepted = Message.objects.get(kind="referral.accepted")
    assert accepted.facts["hold"] == "留床 心内科 12床"
    assert "王小麦" not in str(accepted.facts)


def test_who_sent_up_stays_in_the_loop_on_the_way_down(county, at):
    a_down_referral(county, status=Status.RECEIVED_BACK)

    run_events(Event.RETURNED, Event.RECEIVED_BACK)

    assert ("V01", "referral:send", 0) in told("referral.returned")
    assert {row[0] for row in told("referral.received-back")} == {"H01", "V01"}


def test_an_unanswered_emergency_is_reminded_then_escalated(county, at):
    referral = a_referral(county, channel="emergency")

    for minute in (2, 8, 9, 11, 12, 21, 22):
        at(later(minute))
        jobs.watch_clocks(0)
    run_events(Event.DUE_SOON, Event.OVERDUE)

    events = list(
        OutboxEvent.objects.filter(object_uuid=referral.uuid, event__in=[Event.DUE_SOON, Event.OVERDUE]).order_by("id")
    )
    assert [event.event for event in events] == [Event.DUE_SOON, Event.OVERDUE, Event.OVERDUE]
    assert [event.detail.get("whom") for event in events] == [None, "desk", "manager"]
    assert told("referral.due-soon") == [("H01", "referral:answer", 2)]
    assert ("H01", "board:view", 2) in told("referral.overdue")
    assert ("V01", "referral:send", 2) in told("referral.overdue")


def test_a_clock_that_stood_still_escalates_at_once_and_then_rests(county, at, django_assert_num_queries):
    a_referral(county, channel="emergency")

    at(later(300))
    jobs.watch_clocks(0)

    assert OutboxEvent.objects.filter(event=Event.OVERDUE).count() == 2
    with django_assert_num_queries(1):
        jobs.watch_clocks(0)


def test_an_answer_stops_the_clock(county, at):
    a_referral(county, channel="emergency", status=Status.IN_CARE)

    at(later(60))
    jobs.watch_clocks(0)

    assert not OutboxEvent.objects.filter(event__in=[Event.DUE_SOON, Event.OVERDUE]).exists()


def test_who_has_arrived_is_waited_for_by_who_admits(county, at):
    referral = a_referral(county, channel="emergency", status=Status.ARRIVED)

    at(NOW + timedelta(minutes=31))
    jobs.watch_clocks(0)
    run_events(Event.OVERDUE)

    assert referral.due_at == NOW + timedelta(minutes=30)
    assert ("H01", "referral:admit", 2) in told("referral.overdue")


def test_a_bed_nobody_came_for_expires_and_both_sides_know(county, at):
    referral = a_referral(county, status=Status.ACCEPTED, channel="emergency")

    at(NOW + timedelta(hours=23, minutes=59))
    jobs.watch_clocks(0)
    assert Referral.objects.get(pk=referral.pk).status == Status.ACCEPTED
    at(NOW + timedelta(hours=24))
    jobs.watch_clocks(0)
    jobs.watch_clocks(0)
    run_events(Event.EXPIRED)

    referral.refresh_from_db()
    assert (referral.status, referral.status_changes.last().reason_code) == (Status.EXPIRED, "hold-ended")
    assert {row[0] for row in told("referral.expired")} == {"H01", "V01"}


def test_a_missed_slot_is_a_no_show(county, at):
    from xinglin.referrals import actions
    from xinglin.referrals.data import Hold

    referral = a_referral(county)
    actions.accept_referral(referral=referral, hold=Hold("SLOT", "周一上午", later(60)), by=county.du, at=NOW)

    at(later(61))
    jobs.watch_clocks(0)

    referral.refresh_from_db()
    assert (referral.status, referral.status_changes.last().reason_code) == (Status.NO_SHOW, "slot-missed")


def test_a_late_down_slip_is_asked_for(county, at):
    referral = a_referral(county, status=Status.DISCHARGED, channel="emergency")

    at(NOW + timedelta(hours=24, minutes=1))
    jobs.watch_clocks(0)
    run_events(Event.OVERDUE)

    assert referral.due_at == NOW + timedelta(hours=24)
    assert ("H01", "referral:return", 2) in told("referral.overdue")


def test_the_first_follow_up_ends_the_way_back(county, at):
    down = a_down_referral(county, status=Status.RECEIVED_BACK)
    task = FollowUpTask.objects.get(facility=county.clinic)

    followup_actions.complete_followup(task=task, outcome=REACHED, by=county.alma, at=later(days=14))
    run_events("followup.completed")
    run_events("followup.completed")

    down.refresh_from_db()
    assert (down.status, down.status_changes.last().reason_code) == (Status.CLOSED, "followed-up")
