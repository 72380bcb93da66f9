"""Calls: one at a time for a resident, once a week, ended as they went."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.utils.translation import override

from tests.factories.county import NOW, later
from tests.factories.followups import a_discharge, a_followup
from tests.factories.residents import a_resident
from xinglin.followups import actions, desk, figures, purposes
from xinglin.followups.data import CallEnd, Dialled, Purpose
from xinglin.followups.models import Call, FollowUpTask
from xinglin.followups.states import Status
from xinglin.followups.web.desk_pages import CallPage
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.ids import new_uuid
from xinglin.residents import api as residents

TODAY = clock.today(NOW)
WELL = {"answers_himself": "self", "recovery": "better", "medicines": "regular", "satisfaction": "5"}


@pytest.fixture
def caller(county):
    """Who calls for the county hospital."""
    return county.actor(county.user("fang", "followup-caller", county.hospital, name="方"))


@pytest.fixture
def task(county):
    """What the hospital owes after a discharge, due today."""
    return a_followup(county, facility_id=county.hospital.pk, kind="AFTER_DISCHARGE", level="COUNTY", by=county.sun)


def call_about(task, by, *, at=NOW):
    return actions.open_call(resident=task.resident, facility_id=task.facility_id, by=by, at=at)


def ended(task, by, dialled="ANSWERED", *, at=NOW, **given):
    answers = given.pop("answers", WELL if dialled == "ANSWERED" else {})
    call = call_about(task, by, at=at)
    return actions.end_call(call=call, end=CallEnd(dialled=dialled, answers=answers, **given), by=by, at=at)


def test_an_answered_call_ends_the_task_and_keeps_answers_with_their_version(county, caller, task):
    call = ended(task, caller)

    task.refresh_from_db()
    assert (task.status, task.outcome["call"]) == (Status.DONE, str(call.uuid))
    assert {"code": "recovery", "question": "出院后感觉怎么样？", "value": "better", "answer": "好转"} in call.answers
    assert call.results == [{"version": "after-discharge@2026-01-01", "score": 0, "alerts": []}]
    assert (call.satisfaction, call.purposes.get().is_settled) == (5, True)


def test_open_questions_keep_the_call_open(county, caller, task):
    call = call_about(task, caller)

    with pytest.raises(InvalidInput) as refused:
        actions.end_call(
            call=call, end=CallEnd("ANSWERED", {"answers_himself": "self", "recovery": "worse"}), by=caller, at=NOW
        )

    assert set(refused.value.fields) == {"medicines", "worse_how"}
    call.refresh_from_db()
    assert call.ended_at is None


def test_danger_said_on_the_telephone_is_a_task_of_today_for_the_managing_clinic(county, caller, task):
    ended(task, caller, answers=WELL | {"danger_signs": ["chest"], "recovery": "worse", "worse_how": "喘"})

    raised = FollowUpTask.objects.filter(origin_kind="call-alert").order_by("-risk")
    assert [(each.facility, each.risk, each.due_on) for each in raised] == [
        (county.clinic, 2, TODAY),
        (county.clinic, 1, TODAY + timedelta(days=1)),
    ]


def test_one_call_is_for_everything_that_is_due_this_week(county, caller, task):
    a_followup(county, resident=task.resident, due_on=TODAY + timedelta(days=4))
    a_followup(county, resident=task.resident, due_on=TODAY + timedelta(days=20))

    call = call_about(task, caller)

    assert [(each.facility, each.due_on) for each in call.purposes.order_by("due_on")] == [
        (county.hospital, TODAY),
        (county.clinic, TODAY + timedelta(days=4)),
    ]


def test_nobody_is_called_twice_in_a_week_and_the_second_sees_the_answers(county, caller, task):
    village = a_followup(county, resident=task.resident)
    call = ended(task, caller)

    with pytest.raises(Conflict) as refused:
        call_about(village, county.alma, at=later(days=6))

    assert refused.value.code == "called-this-week"
    assert "方" in str(refused.value)
    seen = purposes.contact_this_week(county.alma, [task.resident_id], at=later(days=6))
    assert ("出院后感觉怎么样？", "好转") in seen.answers
    assert call_about(village, county.alma, at=later(days=7)).uuid != call.uuid


def _exempt(call, county, language="zh-hans"):
    with override(language):
        return CallPage.build(county.alma, call, at=NOW).exempt


def test_a_dangerous_reason_is_called_about_at_once_and_says_so(county, caller, task):
    ended(task, caller)
    with transaction.atomic():
        actions.plan_followup(
            resident=task.resident, facility_id=county.clinic.pk, kind="PLANNED", origin_kind="reading",
            origin_uuid=new_uuid(), due_on=TODAY, plan="血压190/115", risk=2, by=county.alma, at=NOW,
        )  # fmt: skip

    call = actions.open_call(resident=task.resident, facility_id=county.clinic.pk, by=county.alma, at=later(5))

    assert call.exemption == "reading"
    assert (_exempt(call, county), _exempt(call, county, "en")) == ("设备测量危急", "Dangerous reading")
    assert call.purposes.filter(is_critical=True).count() == 1


def test_what_another_capability_registers_is_bundled_and_blocks_as_well(county, caller, task, monkeypatch):
    key = new_uuid()

    def provide(actor, ids, until):
        return [Purpose("programmes", key, "高血压随访", county.clinic.pk, "东沟村卫生室", TODAY)]

    monkeypatch.setattr(purposes, "_PURPOSES", [provide])
    ended(task, caller)

    assert Call.objects.get().purposes.filter(source="programmes", key=key, is_settled=False).exists()
    with pytest.raises(Conflict) as refused:
        actions.open_call(resident=task.resident, facility_id=county.clinic.pk, by=county.alma, at=later(days=2))
    assert refused.value.code == "called-this-week"


def test_what_a_call_was_for_is_read_in_the_readers_language_and_as_far_as_he_may_know(
    county, caller, task, monkeypatch
):
    due = Purpose("clinic", new_uuid(), "told to the caller", county.clinic.pk, "东沟村卫生室", TODAY)
    monkeypatch.setattr(purposes, "_PURPOSES", [lambda actor, ids, until: [due]])
    monkeypatch.setitem(purposes._TITLES, "clinic", lambda actor, keys: dict.fromkeys(keys, f"told to {actor.name}"))
    with override("en"):
        ended(task, caller)
        read = [each.title for each in CallPage.build(caller, Call.objects.get(), at=later(5)).due]

    assert read == ["After discharge", "told to 方"]
    told = purposes.contact_this_week(county.alma, [task.resident_id], at=later(5)).what
    assert told == f"出院后随访、told to {county.alma.name}"


def test_who_was_not_reached_may_be_tried_again_and_is_handed_on_after_three_tries(county, caller, task):
    for day in range(2):
        ended(task, caller, "NO_ANSWER", at=later(days=day))
        task.refresh_from_db()
        assert (task.status, task.due_on) == (Status.UNREACHED, TODAY + timedelta(days=day + 1))

    ended(task, caller, "NO_ANSWER", at=later(days=2))

    task.refresh_from_db()
    taken = FollowUpTask.objects.get(taken_over_from=task)
    assert task.status == Status.HANDED_ON
    assert (taken.facility, taken.level, taken.due_on) == (county.clinic, "VILLAGE", TODAY + timedelta(days=5))


def test_a_village_that_does_nothing_hands_on_to_the_township_and_there_it_stays(county):
    task = a_followup(county, kind="AFTER_DISCHARGE", level="VILLAGE")

    taken = actions.hand_on(task=task, why="OVERDUE", by=county.alma, at=later(days=9))

    assert (taken.facility, taken.level) == (county.township, "TOWNSHIP")
    assert actions.hand_on(task=taken, why="OVERDUE", by=county.alma, at=later(days=20)) is None
    assert taken.status == Status.PLANNED


@pytest.mark.parametrize(("dialled", "verified"), [("REFUSED", 0), ("DIED", 1), ("MOVED", 1)])
def test_what_is_said_of_a_life_ends_the_calls_and_is_verified_by_the_clinic(county, caller, task, dialled, verified):
    ended(task, caller, dialled)

    task.refresh_from_db()
    assert task.status == Status.CANCELLED
    assert FollowUpTask.objects.filter(origin_kind="call-verify", facility=county.clinic).count() == verified
    task.resident.refresh_from_db()
    assert task.resident.status == "ACTIVE"


def test_a_wrong_number_goes_to_the_village_at_once(county, caller, task):
    ended(task, caller, "WRONG_NUMBER")

    task.refresh_from_db()
    assert task.status == Status.HANDED_ON


def test_a_wish_not_to_be_called_is_kept(county, caller, task):
    ended(task, caller, "REFUSED", no_more_calls=True, note="别再打了")
    village = a_followup(county, resident=task.resident, at=later(days=30))

    with pytest.raises(Conflict) as refused:
        call_about(village, county.alma, at=later(days=30))

    assert refused.value.code == "do-not-call"
    visit = actions.open_call(
        resident=task.resident, facility_id=county.clinic.pk, channel="HOME", by=county.alma, at=later(days=30)
    )
    assert visit.channel == "HOME"


def test_a_message_wants_an_agreement(county, caller, task):
    with pytest.raises(Conflict) as refused:
        actions.open_call(resident=task.resident, facility_id=county.hospital.pk, channel="MESSAGE", by=caller, at=NOW)
    assert refused.value.code == "no-consent"

    actions.note_wish(
        resident=task.resident, facility_id=county.hospital.pk, channel="MESSAGE", is_agreed=True, by=caller, at=NOW
    )
    assert actions.open_call(
        resident=task.resident, facility_id=county.hospital.pk, channel="MESSAGE", by=caller, at=NOW
    )


def test_only_who_holds_a_call_ends_it_and_only_once(county, caller, task):
    call = call_about(task, caller)
    other = county.actor(county.user("fei", "followup-caller", county.hospital, name="费"))

    with pytest.raises(NotPermitted):
        actions.end_call(call=call, end=CallEnd("ANSWERED", WELL), by=other, at=NOW)
    actions.end_call(call=call, end=CallEnd("ANSWERED", WELL), by=caller, at=NOW)
    stale = Call.objects.get(pk=call.pk)
    with pytest.raises(Conflict):
        actions.end_call(call=stale, end=CallEnd("REFUSED"), by=caller, at=NOW)


def test_a_call_that_was_left_is_free_again_after_its_time(county, caller, task):
    first = call_about(task, caller)
    other = county.actor(county.user("fei", "followup-caller", county.hospital, name="费"))
    with pytest.raises(Conflict) as refused:
        call_about(task, other, at=later(29))

    second = call_about(task, other, at=later(31))

    assert refused.value.code == "call-open"
    assert second.opened_by_name == "费"
    first.refresh_from_db()
    assert first.dialled == Dialled.RELEASED
    with pytest.raises(Conflict):
        actions.end_call(call=first, end=CallEnd("ANSWERED", WELL), by=caller, at=later(32))


def test_the_village_may_end_its_task_by_the_call_or_wait_for_the_week(county, caller, task):
    covered = a_followup(county, resident=task.resident)
    waiting = a_followup(county, resident=task.resident)
    call = ended(task, caller)

    actions.cover_followup(task=covered, call=call, by=county.alma, at=later(days=1))
    actions.put_off_followup(task=waiting, by=county.alma, at=later(days=1))

    assert (covered.status, covered.outcome["covered"]) == (Status.DONE, True)
    assert (waiting.status, waiting.due_on) == (Status.PLANNED, TODAY + timedelta(days=7))
    stranger = a_followup(county)
    with pytest.raises(Conflict):
        actions.cover_followup(task=stranger, call=call, by=county.alma, at=later(days=1))


def test_the_desk_shows_a_person_once_and_who_is_at_him(county, caller, task, django_assert_num_queries):
    a_followup(county, resident=task.resident, facility_id=county.hospital.pk, by=county.sun)
    other = county.actor(county.user("fei", "followup-caller", county.hospital, name="费"))
    call = call_about(task, caller)

    with django_assert_num_queries(6):
        (line,) = desk.page(other, at=NOW).rows

    assert (line.n_tasks, line.held_by, line.own_call) == (2, "方", None)
    assert desk.page(caller, at=NOW).rows[0].own_call == call.uuid
    assert desk.page(county.cai, at=NOW).rows == []


def test_a_caller_contacts_only_who_is_due_at_her_facility(county, caller, task):
    stranger = a_resident(county)

    assert desk.resident_to_contact(caller, task.resident.uuid, at=NOW)[1] == county.hospital.pk
    with pytest.raises(NotVisible):
        desk.resident_to_contact(caller, stranger.uuid, at=NOW)


def test_death_closes_everything_that_is_owed(county, caller, task):
    call = call_about(task, caller)
    a_followup(county, resident=task.resident)

    n_closed = actions.close_all_of(resident=task.resident, reason="居民已去世", by=county.alma, at=NOW)

    assert n_closed == 2
    assert not FollowUpTask.objects.filter(status__in=("PLANNED", "UNREACHED")).exists()
    call.refresh_from_db()
    assert call.dialled == Dialled.RELEASED


def test_open_tasks_go_with_a_resident_who_is_managed_elsewhere(county, task):
    village = a_followup(county, resident=task.resident)
    resident = residents.registration(task.resident.uuid)
    type(resident).objects.filter(pk=resident.pk).update(managed_by=county.sibling)
    resident.refresh_from_db()

    for _again in range(2):
        actions.follow_transfer(resident=resident, former_id=county.clinic.pk, by=county.tang, at=NOW)

    village.refresh_from_db()
    task.refresh_from_db()
    assert (village.facility, task.facility) == (county.sibling, county.hospital)


def test_figures_say_no_data_where_there_is_none_and_do_not_single_out_few(county, caller, task):
    ended(task, caller)
    for _each in range(9):
        each = a_followup(county, facility_id=county.hospital.pk, kind="AFTER_DISCHARGE", by=county.sun)
        ended(each, caller, "REFUSED" if _each < 2 else "ANSWERED")
    a_followup(county)

    total, hospital, clinic = figures.figures(county.mei, since=TODAY, until=TODAY + timedelta(days=1))

    assert (hospital.n_due, hospital.reached, hospital.refused, hospital.on_time) == (10, 0.8, 0.2, 0.8)
    assert (hospital.satisfaction, hospital.n_rated) == (None, 8)
    assert (clinic.is_small, clinic.reached, clinic.satisfaction, clinic.answered) == (True, None, None, None)
    assert (total.n_due, total.n_calls, total.answered) == (11, 10, 0.8)


def test_a_discharge_makes_tasks_at_three_levels_once(county):
    plan = a_discharge(county, diagnosis_code="I21.9")

    tasks = FollowUpTask.objects.filter(origin_uuid=plan.uuid).order_by("due_on")
    assert [(each.step, each.facility) for each in tasks] == [
        ("before", county.hospital),
        ("county-2", county.hospital),
        ("village-7", county.clinic),
        ("township-14", county.township),
        ("county-30", county.hospital),
    ]
    with pytest.raises(Conflict):
        a_discharge(county, diagnosis_code="I21.9", resident=plan.resident)


def test_who_is_in_hospital_again_is_not_followed_up(county):
    plan = a_discharge(county)

    actions.cancel_discharge_plan(plan=plan, reason="再次入院", by=county.sun, at=NOW)

    assert not FollowUpTask.objects.filter(origin_uuid=plan.uuid, status=Status.PLANNED).exists()
    with pytest.raises(Conflict):
        actions.cancel_discharge_plan(plan=plan, reason="再次入院", by=county.sun, at=NOW)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"diagnosis_code": "心梗"}, "diagnosis_code"),
        ({"diagnosis_name": " "}, "diagnosis_name"),
        ({"discharge": "MADE_UP"}, "discharge"),
        ({"discharged_on": TODAY + timedelta(days=31)}, "discharged_on"),
    ],
)
def test_a_discharge_with_a_fault_is_refused_at_its_field(county, given, field):
    with pytest.raises(InvalidInput) as refused:
        a_discharge(county, **given)
    assert field in refused.value.fields


@pytest.mark.django_db(transaction=True)
def test_two_callers_cannot_both_open_a_call(county, caller, task):
    other = county.actor(county.user("fei", "followup-caller", county.hospital, name="费"))
    together, outcomes = Barrier(2), []

    def run(actor):
        together.wait()
        try:
            call_about(task, actor)
            outcomes.append("opened")
        except Conflict as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(each,)) for each in (caller, other)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(outcomes) == ["call-open", "opened"]
    assert Call.objects.filter(ended_at__isnull=True).count() == 1
