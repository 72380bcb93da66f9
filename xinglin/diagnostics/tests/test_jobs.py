"""What follows an event: messages once, clocks set, escalation once, whatever runs twice or dies."""

import json
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import translation

from tests.factories.county import County
from tests.factories.diagnostics import INFARCTION, a_critical, a_request
from xinglin.diagnostics import actions, jobs
from xinglin.diagnostics.models import CriticalValue, Escalation
from xinglin.notifications.models import Message
from xinglin.notifications.web.pages import text_of
from xinglin.platform import clock
from xinglin.platform.models import OutboxEvent
from xinglin.platform.relay import hand_over


def queued(name: str) -> list[dict]:
    """Arguments of the jobs that wait under a name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [name])
        return [json.loads(row[0]) for row in cursor.fetchall()]


def scheduled_at(name: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute("SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", [name])
        return [row[0] for row in cursor.fetchall()]


def event_of(obj, event: str) -> str:
    return str(OutboxEvent.objects.get(event=event, object_uuid=obj.uuid).uuid)


@pytest.fixture
def on_time(monkeypatch):
    """Set the clock that jobs read."""

    def set_to(moment):
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_to


def test_each_event_reaches_its_job_through_the_outbox(county: County):
    a_critical(county, status="HANDLED")

    while hand_over(at=clock.now()):
        pass

    for name in (
        "diagnostics.tell-centre", "diagnostics.tell-sender.report.signed", "diagnostics.start-critical",
        "diagnostics.tell-notifier.critical.confirmed", "diagnostics.tell-notifier.critical.handled",
    ):  # fmt: skip
        assert len(queued(name)) == 1, name


def test_the_centre_is_told_and_reminded_once(county: County, on_time):
    request = a_request(county, priority="EMERGENCY")
    event = event_of(request, "request.placed")

    for _ in range(2):
        jobs.tell_centre(event_uuid=event, object_uuid=str(request.uuid))
    assert Message.objects.filter(kind="request.placed", facility=county.hospital, urgency=2).count() == 1
    assert set(scheduled_at("diagnostics.remind")) == {request.due_at}

    on_time(request.due_at)
    for _ in range(2):
        jobs.remind(request_uuid=str(request.uuid))
    assert Message.objects.filter(kind="request.overdue").count() == 1


def test_no_reminder_for_what_is_reported_or_not_yet_due(county: County, on_time):
    reported, waiting = a_request(county, status="FINAL"), a_request(county)

    on_time(waiting.due_at.replace(microsecond=0) - (waiting.due_at - waiting.requested_at) / 2)
    jobs.remind(request_uuid=str(waiting.uuid))
    on_time(reported.due_at)
    jobs.remind(request_uuid=str(reported.uuid))

    assert not Message.objects.filter(kind="request.overdue").exists()


@pytest.mark.parametrize(
    ("status", "event", "job"),
    [
        ("REJECTED", "request.rejected", jobs.tell_rejected),
        ("PRELIMINARY", "report.preliminary", jobs.tell_preliminary),
        ("FINAL", "report.signed", jobs.tell_signed),
        ("AMENDED", "report.amended", jobs.tell_amended),
    ],
)
def test_the_sender_is_told(county: County, status: str, event: str, job):
    request = a_request(county, status=status)

    job(event_uuid=event_of(request, event), object_uuid=str(request.uuid))

    assert Message.objects.get(kind=event).user_id == county.alma.user_id


def test_a_critical_value_sets_its_clock_at_the_limit(county: County):
    critical = a_critical(county)

    jobs.start_critical(event_uuid=event_of(critical, "critical.notified"), object_uuid=str(critical.uuid))

    message = Message.objects.get(kind="critical.notified")
    assert (message.facility, message.permission, message.urgency) == (county.clinic, "critical:acknowledge", 2)
    assert scheduled_at("diagnostics.escalate") == [critical.due_at]
    assert queued("diagnostics.escalate") == [{"critical_uuid": str(critical.uuid), "level": 1}]


def test_the_escalation_job_run_twice_escalates_once(county: County, on_time):
    critical = a_critical(county)
    on_time(critical.due_at)

    for _ in range(2):
        jobs.escalate(critical_uuid=str(critical.uuid), level=1)

    assert Escalation.objects.filter(critical=critical).count() == 1
    assert OutboxEvent.objects.filter(event="critical.escalated").count() == 1
    assert queued("diagnostics.escalate") == [{"critical_uuid": str(critical.uuid), "level": 2}]


def test_a_worker_killed_in_mid_escalation_leaves_it_to_the_next(county: County, on_time):
    critical = a_critical(county)
    on_time(critical.due_at)

    class Killed(BaseException):
        pass

    def die_in_the_middle():
        with transaction.atomic():
            jobs.escalate(critical_uuid=str(critical.uuid), level=1)
            raise Killed

    with pytest.raises(Killed):
        die_in_the_middle()
    assert not Escalation.objects.exists()
    assert not OutboxEvent.objects.filter(event="critical.escalated").exists()
    assert queued("diagnostics.escalate") == []

    jobs.escalate(critical_uuid=str(critical.uuid), level=1)

    assert Escalation.objects.get().facility == county.township
    assert CriticalValue.objects.get().escalation == 1


def test_escalation_before_its_time_or_after_an_answer_does_nothing(county: County, on_time):
    critical = a_critical(county)
    on_time(critical.notified_at)
    jobs.escalate(critical_uuid=str(critical.uuid), level=1)

    actions.acknowledge_critical(critical=critical, read_back="急性心梗", by=county.alma, at=critical.notified_at)
    on_time(critical.due_at)
    jobs.escalate(critical_uuid=str(critical.uuid), level=1)

    assert not Escalation.objects.exists()
    assert not Message.objects.filter(kind="critical.escalated").exists()


def test_each_level_tells_its_unit(county: County, on_time):
    critical = a_critical(county)
    told = []
    for level in (1, 2):
        on_time(critical.due_at + (critical.due_at - critical.notified_at) * (level - 1))
        jobs.escalate(critical_uuid=str(critical.uuid), level=level)
        newest = OutboxEvent.objects.filter(event="critical.escalated").order_by("-id").first()
        jobs.tell_escalated(event_uuid=str(newest.uuid), object_uuid=str(critical.uuid))
        message = Message.objects.filter(kind="critical.escalated").order_by("-id").first()
        told.append((message.facility_id, message.permission))

    assert told == [(county.township.pk, "critical:acknowledge"), (county.hospital.pk, "report:write")]


def test_a_superseded_critical_value_is_told(county: County):
    critical = a_critical(county, status="SUPERSEDED")

    jobs.tell_superseded(event_uuid=event_of(critical, "critical.superseded"), object_uuid=str(critical.uuid))

    assert Message.objects.get(kind="critical.superseded").facility == county.clinic


def test_the_reader_hears_that_it_was_confirmed_and_handled(county: County):
    critical = a_critical(county, status="HANDLED")

    jobs.tell_confirmed(event_uuid=str(uuid4()), object_uuid=str(critical.uuid))
    jobs.tell_handled(event_uuid=str(uuid4()), object_uuid=str(critical.uuid))

    assert {message.user_id for message in Message.objects.all()} == {county.bo.user_id}


def test_no_message_holds_the_name_of_a_resident(county: County):
    request = a_request(county, status="FINAL", report=INFARCTION)
    critical = request.critical_values.get()
    jobs.tell_signed(event_uuid=str(uuid4()), object_uuid=str(request.uuid))
    jobs.start_critical(event_uuid=str(uuid4()), object_uuid=str(critical.uuid))

    assert all(request.resident.name not in str(message.facts) for message in Message.objects.all())


def test_a_message_tells_the_critical_value_in_the_readers_language(county: County):
    critical = a_critical(county)
    jobs.start_critical(event_uuid=event_of(critical, "critical.notified"), object_uuid=str(critical.uuid))
    message = Message.objects.get(kind="critical.notified")

    assert "急性心肌梗死" in text_of(message)
    with translation.override("en"):
        assert "ECG signs of acute myocardial infarction" in text_of(message)
