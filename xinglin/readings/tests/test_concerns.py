"""What is not as it should be in what devices send: one task, told at once when it is dangerous, whosever it is."""

from datetime import date, timedelta

import pytest

from tests.factories.county import NOW, later
from tests.factories.readings import a_device, outcomes, pressure, send
from tests.factories.residents import a_resident
from tests.racing import at_once
from xinglin.followups.actions import cancel_followup
from xinglin.followups.models import FollowUpTask
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.errors import Conflict
from xinglin.platform.models import OutboxEvent
from xinglin.readings import jobs, queries
from xinglin.readings.actions import devices, sorting
from xinglin.readings.api import own_readings_since, unanswered_urgent, waiting_for
from xinglin.readings.events import Event
from xinglin.readings.models import Concern, Reading
from xinglin.residents.actions import merge_residents
from xinglin.web.work import CRITICAL, RAISED


def test_abnormal_readings_raise_one_task_which_later_ones_join(county):
    device, man = a_device(county).device, a_resident(county)
    for n, days in enumerate((-2, -1, 0)):
        send(device, pressure(str(n), 150, 92, resident=man, at=later(days=days)), at=later(days=days))
    task = FollowUpTask.objects.get()
    assert (task.facility, task.origin_kind, task.risk) == (county.clinic, "reading", 1)
    assert "135/85" in task.plan

    send(
        device, pressure("u1", 186, 100, resident=man, at=later(1)), pressure("u2", 188, 100, resident=man), at=later(1)
    )
    task.refresh_from_db()
    assert (FollowUpTask.objects.get(), task.risk, task.due_on) == (task, 2, clock.today(later(1)))
    assert "180/110" in task.plan
    assert "135/85" in task.plan
    concern = Concern.objects.get()
    assert concern.rules == ["pressure-mean", "pressure-urgent"]
    assert concern.readings.count() == 3
    urgent = OutboxEvent.objects.get(event=Event.URGENT)  # once a day
    jobs.tell(event_uuid=str(urgent.uuid), object_uuid=str(urgent.object_uuid))
    jobs.tell(event_uuid=str(urgent.uuid), object_uuid=str(urgent.object_uuid))
    message = Message.objects.get(kind=Event.URGENT)
    assert (message.facility_id, message.object_uuid) == (county.clinic.pk, task.uuid)


def test_a_childs_pressure_that_is_high_for_any_child_is_a_task_and_an_adults_like_it_is_none(county):
    child = a_resident(county, name="王小豆", born_on=date(NOW.year - 9, 3, 1))
    grown = a_resident(county, name="王大豆", born_on=date(NOW.year - 40, 3, 1))
    for number, who in enumerate((child, grown)):
        send(a_device(county).device, pressure(str(number), 150, 95, resident=who))

    concern = Concern.objects.get()

    assert (concern.resident, concern.rules) == (child, ["pressure-child"])
    said = own_readings_since([child.pk], NOW - timedelta(minutes=1))
    assert "看医生" in said[0].told[0]
    assert not own_readings_since([grown.pk], NOW - timedelta(minutes=1))[0].told


def test_a_pregnant_womans_pressure_from_140_is_told_at_once(county):
    woman = a_resident(county, name="李秀英", sex="2", born_on=date(NOW.year - 28, 3, 1), conditions=["pregnant"])
    other = a_resident(county, name="王小花", sex="2", born_on=date(NOW.year - 28, 3, 2))
    for number, who in enumerate((woman, other)):
        send(a_device(county).device, pressure(str(number), 158, 104, resident=who))

    concern = Concern.objects.get()

    assert (concern.resident, concern.rules) == (woman, ["pressure-pregnant"])
    assert FollowUpTask.objects.get().resident == woman
    assert "产科" in own_readings_since([woman.pk], NOW - timedelta(minutes=1))[0].told[0]


def test_after_the_task_ended_the_next_one_is_new(county):
    device, man = a_device(county).device, a_resident(county)
    send(device, pressure("1", 186, 100, resident=man))
    cancel_followup(task=FollowUpTask.objects.get(), reason="已处理", by=county.alma, at=NOW)
    send(device, pressure("2", 187, 101, resident=man, at=later(5)), at=later(5))
    assert sorted(FollowUpTask.objects.values_list("status", flat=True)) == ["CANCELLED", "PLANNED"]
    assert Concern.objects.filter(closed_at__isnull=True).count() == 1


def test_what_comes_very_late_raises_nothing(county):
    device, man = a_device(county).device, a_resident(county)
    answers = send(device, pressure("1", 186, 100, resident=man, at=later(days=-30)))
    assert answers[0].is_late
    assert not FollowUpTask.objects.exists()


def test_what_is_dangerous_is_told_at_once_however_far_it_is_from_earlier_values(county):
    device, man = a_device(county).device, a_resident(county)
    for n, days in enumerate((-4, -3, -2)):
        send(device, pressure(str(n), 124, 78, resident=man, at=later(days=days)), at=later(days=days))

    answers = send(device, pressure("u", 200, 126, resident=man))

    assert outcomes(answers) == [("kept", "")]
    task = FollowUpTask.objects.get(resident=man)
    assert (task.risk, task.due_on) == (2, clock.today(NOW))
    assert "先核实是否本人" in task.plan
    assert OutboxEvent.objects.filter(event=Event.URGENT).count() == 1


def test_what_is_dangerous_and_nobodys_yet_is_told_to_who_must_find_out_whose_it_is(county):
    device, man = a_device(county).device, a_resident(county)
    send(device, pressure("1", 128, 78))
    (ordinary,) = waiting_for(county.alma, at=NOW)
    assert (ordinary.risk, OutboxEvent.objects.filter(event=Event.URGENT_WAITING).count()) == (RAISED, 0)

    send(device, pressure("2", 200, 126), pressure("3", 190, 112, at=later(days=-30)))

    (told,) = OutboxEvent.objects.filter(event=Event.URGENT_WAITING)
    reading = Reading.objects.get(record_id="2")
    jobs.tell_waiting(event_uuid=str(told.uuid), object_uuid=str(told.object_uuid))
    message = Message.objects.get(kind=Event.URGENT_WAITING)
    assert (message.facility_id, message.object_uuid) == (county.clinic.pk, reading.uuid)
    (urgent,) = waiting_for(county.alma, at=NOW)
    assert urgent.risk == CRITICAL
    assert [each.record_id for each in queries.waiting_list(county.alma).rows] == ["2", "1", "3"]
    sorting.assign_reading(reading=reading, resident=man, reason="电话核实", by=county.alma, at=NOW)
    assert FollowUpTask.objects.get(resident=man).risk == 2
    Message.objects.all().delete()
    jobs.tell_waiting(event_uuid=str(told.uuid), object_uuid=str(told.object_uuid))
    assert not Message.objects.exists()


def test_a_reading_of_a_merged_registration_lands_with_the_person_and_joins_his_open_concern(county):
    man, double = a_resident(county), a_resident(county, name="王小麦")
    device = a_device(county).device
    devices.lend_device(device=device, resident=double, by=county.alma, at=later(days=-9))
    for n, days in enumerate((-2, -1)):
        send(device, pressure(str(n), 150, 92, at=later(days=days)), at=later(days=days))
    send(device, pressure("2", 186, 100))
    assert unanswered_urgent([double.pk]) == {double.pk: NOW}

    merge_residents(kept=man, merged=double, reason="同一人重复建档", by=county.tang, at=NOW)
    assert unanswered_urgent([man.pk]) == {man.pk: NOW}
    send(device, pressure("3", 150, 92, at=later(5)), at=later(5))

    reading = Reading.objects.get(record_id="3")
    assert reading.resident == man
    assert Concern.objects.get().rules == ["pressure-urgent", "pressure-mean"]
    assert reading.concern == Concern.objects.get()


@pytest.mark.django_db(transaction=True)
def test_a_dangerous_reading_and_the_end_of_its_task_at_the_same_moment_both_stand(county):
    device, man = a_device(county).device, a_resident(county)
    for n, days in enumerate((-2, -1, 0)):
        send(device, pressure(str(n), 150, 92, resident=man, at=later(days=days)), at=later(days=days))
    task = FollowUpTask.objects.get()

    ended, (answer,) = at_once(
        lambda: cancel_followup(task=task, reason="已处理", by=county.alma, at=later(1)),
        lambda: send(device, pressure("u", 204, 126, resident=man, at=later(1)), at=later(1)),
    )

    assert answer.outcome == "kept"
    task.refresh_from_db()
    assert task.status == "CANCELLED" or isinstance(ended, Conflict)
    assert OutboxEvent.objects.filter(event=Event.URGENT).count() == 1
