"""Who is chosen, what others see, when it falls to anyone; and two that come at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from tests.factories.centres import a_reader, a_shift
from tests.factories.county import NOW, County, later
from tests.factories.diagnostics import NORMAL, a_request, an_ecg_centre
from tests.factories.imaging import an_imaging_centre, an_imaging_request
from xinglin.centres import actions, jobs, queries
from xinglin.centres.models import Assignment
from xinglin.centres.states import AssignmentStatus
from xinglin.diagnostics import actions as diagnostics
from xinglin.diagnostics.duties import duties_of
from xinglin.diagnostics.models import Centre, Request
from xinglin.diagnostics.queries import worklist
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.errors import NotPermitted
from xinglin.platform.models import AuditRecord, OutboxEvent

CLOCK = jobs.CLOCK


def assigned(request, *, at=NOW):
    return actions.assign_request(request=request, by=CLOCK, at=at)


def test_without_a_roster_nothing_is_assigned(county: County):
    request = a_request(county)
    assert assigned(request) is None

    a_shift(county)
    actions.set_roster(
        centre=request.centre, is_on=False, minutes_start=10, minutes_start_urgent=3, by=county.bo, at=NOW
    )
    assert assigned(request) is None


def test_the_reader_on_duty_with_the_least_open_work_is_chosen_in_turn(county: County):
    li, wang = a_reader(county, "li"), a_reader(county, "wang")
    for reader in (county.bo, li, wang):
        a_shift(county, reader)
    a_request(county, status="CLAIMED")  # Bo has one in hand

    first, second, third, fourth = (
        assigned(a_request(county, at=later(n)), at=later(n)).reader_id for n in range(1, 5)
    )

    assert {first, second} == {li.user_id, wang.user_id}
    assert third == county.bo.user_id  # all have one: who was never chosen comes first
    assert fourth == first


def test_an_urgent_one_goes_to_who_has_no_urgent_work(county: County):
    li = a_reader(county, "li")
    for reader in (county.bo, li):
        a_shift(county, reader)
    emergency = a_request(county, status="CLAIMED", priority="EMERGENCY")
    assert emergency.claimed_by == county.bo.user_id
    for n in range(3):
        made = a_request(county, at=later(n))
        Assignment.objects.create(
            request=made, shift=a_shift_of(li), reader_id=li.user_id, reader_name="li", status_changed_at=NOW,
            assigned_at=NOW, until=later(30),
        )  # fmt: skip

    assert assigned(a_request(county, priority="URGENT")).reader_id == li.user_id
    assert assigned(a_request(county), at=later(1)).reader_id == county.bo.user_id


def a_shift_of(reader):
    from xinglin.centres.models import Shift

    return Shift.objects.get(reader_id=reader.user_id)


def test_the_urgent_clock_is_shorter_and_others_see_whose_it_is(county: County):
    a_shift(county)
    other = a_reader(county, "li")
    routine, urgent = a_request(county), a_request(county, priority="EMERGENCY")

    assert assigned(routine).until == later(10)
    assert assigned(urgent).until == later(3)

    duties = duties_of([routine, urgent], at=later(4))
    assert set(duties) == {routine.pk}
    assert (duties[routine.pk].reader_name, duties[routine.pk].until) == ("薄", later(10))
    assert worklist(county.bo, show="mine", at=later(4)) == [routine]
    assert worklist(other, show="mine", at=later(4)) == []


def test_who_reads_only_ct_is_not_given_an_x_ray_nor_a_head_to_who_reads_chests(county: County):
    centre = an_imaging_centre(county)
    li, wang = a_reader(county, "li"), a_reader(county, "wang")
    a_shift(county, li, centre=centre, modalities=("DX",))
    a_shift(county, wang, centre=centre, modalities=("CT",), regions=("CHEST",))
    request = an_imaging_request(county, items=("ct-head",))
    assert assigned(request) is None  # no images yet
    request = diagnostics.note_performed(request=request, by=county.tang, at=later(1))
    assert assigned(request, at=later(1)) is None

    a_shift(county, county.bo, centre=centre, regions=("HEAD",))
    assert assigned(request, at=later(1)).reader_id == county.bo.user_id


def test_an_account_that_reads_no_longer_is_not_chosen(county: County):
    li = a_reader(county, "li")
    a_shift(county, li)
    county.users["li"].is_active = False
    county.users["li"].save()

    assert assigned(a_request(county)) is None


def test_the_senior_step_goes_to_another_who_signs_for_others(county: County):
    li, wang = a_reader(county, "li"), a_reader(county, "wang")
    a_shift(county, county.bo)
    a_shift(county, li, reviews=False)
    centre = an_ecg_centre(county)
    Centre.objects.filter(pk=centre.pk).update(two_step=True)
    centre.refresh_from_db()
    request = a_request(county, status="PRELIMINARY", centre=centre)
    assert assigned(request, at=later(5)) is None  # Bo wrote it, Li does not sign for others

    a_shift(county, wang)
    made = assigned(request, at=later(5))
    assert (made.step, made.reader_id) == ("REVIEW", wang.user_id)

    diagnostics.write_final(request=request, **NORMAL, by=wang, at=later(6))
    assert actions.settle_assignment(request=request, by=CLOCK, at=later(6)).status == AssignmentStatus.STARTED


def test_started_by_its_reader_or_taken_by_another(county: County):
    a_shift(county)
    li = a_reader(county, "li")
    own, others = a_request(county), a_request(county)
    assigned(own), assigned(others)

    diagnostics.claim_request(request=own, by=county.bo, at=later(1))
    diagnostics.claim_request(request=others, by=li, at=later(1))  # a suggestion keeps nobody away

    assert actions.settle_assignment(request=own, by=CLOCK, at=later(1)).status == AssignmentStatus.STARTED
    assert actions.settle_assignment(request=others, by=CLOCK, at=later(1)).status == AssignmentStatus.WITHDRAWN
    assert actions.settle_assignment(request=own, by=CLOCK, at=later(2)) is None


def test_what_is_not_started_falls_to_anyone_once_and_the_next_is_told(county: County, monkeypatch):
    li = a_reader(county, "li")
    a_shift(county)
    made = assigned(a_request(county))
    a_shift(county, li)

    assert actions.lapse_assignment(assignment=made, by=CLOCK, at=later(9)) is None
    assert actions.lapse_assignment(assignment=made, by=CLOCK, at=later(10)).status == AssignmentStatus.LAPSED
    assert actions.lapse_assignment(assignment=made, by=CLOCK, at=later(11)) is None
    assert assigned(made.request, at=later(12)) is None  # anyone may take it now

    monkeypatch.setattr(clock, "now", lambda: later(10))
    event = OutboxEvent.objects.get(event="assignment.lapsed")
    for _ in range(2):
        jobs.tell_lapsed(event_uuid=str(event.uuid), object_uuid=str(made.uuid))
    told = Message.objects.get(kind=jobs.FELL_TO_ANYONE)
    assert told.user_id == li.user_id


def test_what_was_put_back_is_assigned_anew(county: County):
    a_shift(county)
    request = a_request(county)
    made = assigned(request)
    actions.lapse_assignment(assignment=made, by=CLOCK, at=later(10))
    diagnostics.claim_request(request=request, by=county.bo, at=later(11))
    request = diagnostics.release_request(request=request, by=county.bo, at=later(12))

    assert assigned(request, at=later(12)).until == later(22)


def test_the_sweep_assigns_what_waits_when_somebody_comes_on_duty(county: County, monkeypatch):
    request = a_request(county)
    jobs_at(monkeypatch, later(5))
    jobs.sweep(timestamp=0)
    assert not Assignment.objects.exists()

    a_shift(county, at=later(5))
    jobs.sweep(timestamp=0)
    jobs.sweep(timestamp=0)
    assert Assignment.objects.get().request_id == request.pk

    jobs_at(monkeypatch, later(16))
    jobs.sweep(timestamp=0)
    assert Assignment.objects.get().status == AssignmentStatus.LAPSED
    assert queries.requests_to_assign() == []


def jobs_at(monkeypatch, moment):
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_only_the_system_assigns_and_each_step_is_in_the_trail(county: County):
    a_shift(county)
    request = a_request(county)
    with pytest.raises(NotPermitted):
        actions.assign_request(request=request, by=county.bo, at=NOW)
    made = assigned(request)

    record = AuditRecord.objects.get(event="assignment.made")
    assert (record.object_key, record.subject_uuid) == (str(made.uuid), request.resident.uuid)
    assert record.detail["reader"] == county.bo.user_id
    assert made.status_changes.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_go_to_two_readers_and_one_request_to_one(county: County):
    li = a_reader(county, "li")
    for reader in (county.bo, li):
        a_shift(county, reader)
    for round_ in range(3):
        pair = [a_request(county, at=later(round_)) for _ in range(2)]
        wanted = [*pair, *pair]  # each is asked for twice, all at once
        together, faults = threading.Barrier(len(wanted)), []

        def assign(request_id, barrier=together, faults=faults):
            try:
                request = Request.objects.select_related("centre").get(pk=request_id)
                barrier.wait(10)
                actions.assign_request(request=request, by=CLOCK, at=later(5))
            except Exception as fault:  # noqa: BLE001 - a thread has nobody else to tell
                faults.append(fault)
            finally:
                connection.close()

        threads = [threading.Thread(target=assign, args=[each.pk]) for each in wanted]
        for each in threads:
            each.start()
        for each in threads:
            each.join(20)

        assert faults == []
        made = Assignment.objects.filter(request__in=pair)
        assert made.count() == 2
        assert {each.reader_id for each in made} == {county.bo.user_id, li.user_id}


def test_a_shift_that_has_ended_counts_no_more(county: County):
    a_shift(county, hours=2)
    assert assigned(a_request(county), at=NOW + timedelta(hours=1)) is None
