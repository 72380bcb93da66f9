"""A check-up from the booking to the plan: places are few, values are saved once, the report sets going what follows."""

import re
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils.translation import override

from tests.factories.checkups import OLD, a_checkup, a_session, given, report, station
from tests.factories.contracts import an_agreement
from tests.factories.county import NOW, County, later
from tests.factories.residents import a_resident
from xinglin.accounts.data import Permission
from xinglin.checkups import actions, api, jobs, queries, rules
from xinglin.checkups.data import PlanStep, RowIn
from xinglin.checkups.documents import report_data
from xinglin.checkups.models import Checkup, CheckupReport, CheckupValue, Session
from xinglin.checkups.states import (
    CHECKUP_TRANSITIONS,
    LOOKS,
    STATION_LOOKS,
    STATION_TRANSITIONS,
    StationStatus,
    Status,
)
from xinglin.checkups.web.pages import ReportPage
from xinglin.contracts.models import Promise
from xinglin.followups.models import FollowUpTask
from xinglin.notifications.models import Message
from xinglin.platform import clock
from xinglin.platform.actors import HeldGrant
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from xinglin.platform.models import OutboxEvent
from xinglin.programmes.models import Enrolment
from xinglin.residents.api import measurements_of

TODAY = clock.today(NOW)
SEES = frozenset({Permission.CHECKUP_VIEW})
SICK = {"systolic": 168, "diastolic": 96, "glucose_fasting": "7.8", "ecg_result": "abnormal", "ecg_findings": "st_t"}


def test_every_status_has_a_row_and_a_look():
    assert set(CHECKUP_TRANSITIONS) == set(LOOKS) == set(Status)
    assert set(STATION_TRANSITIONS) == set(STATION_LOOKS) == set(StationStatus)


# Booking -------------------------------------------------------------------------------------------------------------
def test_a_session_takes_so_many_and_one_that_is_given_up_is_free_again(county):
    session = a_session(county, capacity=1)
    first = a_checkup(county, session=session)
    with pytest.raises(Conflict, match="约满"):
        a_checkup(county, session=session)
    actions.cancel_checkup(checkup=first, reason="外出", by=county.tang, at=NOW)
    wide = a_session(county, half="PM", capacity=2)
    for _ in range(2):
        a_checkup(county, session=wide)
    with pytest.raises(Conflict, match="不能少于"):
        a_session(county, half="PM", capacity=1)


def test_one_open_checkup_and_one_of_a_package_a_year(county):
    man = a_resident(county, born_on=OLD)
    a_checkup(county, resident=man)
    with pytest.raises(Conflict, match="已预约"):
        a_checkup(county, resident=man, session=a_session(county, days=3))
    other = a_checkup(county, status=Status.REPORTED).resident
    with pytest.raises(Conflict, match="今年已做过"):
        a_checkup(county, resident=other, session=a_session(county, days=3))
    next_year = a_session(county, days=60)
    assert a_checkup(county, resident=other, session=next_year).year == 2027


def test_a_package_is_for_whom_it_is_for(county):
    young = a_resident(county, born_on=OLD.replace(year=1990))
    with pytest.raises(Conflict, match="条件"):
        a_checkup(county, resident=young)
    with pytest.raises(Conflict, match="条件"):
        a_checkup(county, resident=young, package="hypertension")


@pytest.mark.parametrize("name", ["cai", "bo", "du", "mei"])
def test_who_works_elsewhere_neither_books_nor_sees(county, name):
    checkup, actor = a_checkup(county), getattr(county, name)
    with pytest.raises(NotVisible):
        queries.visible_checkup(actor, checkup.uuid)
    with pytest.raises(NotPermitted):
        actions.book(
            resident=a_resident(county, born_on=OLD), session=a_session(county), package="elderly", by=actor, at=NOW
        )


def test_he_arrives_on_his_day_and_who_does_not_is_missed(county):
    tomorrow = a_checkup(county, session=a_session(county, days=1))
    with pytest.raises(Conflict):
        actions.arrive(checkup=tomorrow, by=county.tang, at=NOW)
    assert actions.miss_all(by=county.tang, at=later(days=2)) == 1
    assert actions.miss_all(by=county.tang, at=later(days=2)) == 0
    tomorrow.refresh_from_db()
    assert (tomorrow.status, Session.objects.get(pk=tomorrow.session_id).n_booked) == (Status.MISSED, 0)


# Stations ------------------------------------------------------------------------------------------------------------
def test_the_queue_goes_by_arrival_and_who_is_skipped_comes_last(county):
    first, second = (a_checkup(county, status=Status.ARRIVED) for _ in range(2))
    assert [each.checkup_id for each in queries.queue_of(county.tang, "vitals", on=TODAY)] == [first.pk, second.pk]
    actions.skip(visit=station(first, "vitals"), by=county.tang, at=later(5))
    assert [each.checkup_id for each in queries.queue_of(county.tang, "vitals", on=TODAY)] == [second.pk, first.pk]
    assert queries.queue_counts(county.tang, on=TODAY)["ecg"] == 2
    assert queries.queue_of(county.cai, "vitals", on=TODAY) == []


def test_a_station_saves_all_or_nothing_and_says_which_value_cannot_be(county):
    checkup = a_checkup(county, status=Status.ARRIVED)
    visit = station(checkup, "vitals")
    with pytest.raises(InvalidInput) as refused:
        actions.save_station(visit=visit, values=given(visit, systolic=1200, weight="重"), by=county.tang, at=NOW)
    assert set(refused.value.fields) == {"systolic", "weight"}
    assert not CheckupValue.objects.exists()
    for wrong in ({"systolic": 70, "diastolic": 90}, {"systolic": 120}, {"mood": "positive"}, {}):
        with pytest.raises(InvalidInput):
            actions.save_station(visit=station(checkup, "vitals"), values=wrong, by=county.tang, at=NOW)
    assert not CheckupValue.objects.exists()
    actions.save_station(visit=station(checkup, "vitals"), values=given(visit), by=county.tang, at=NOW)
    actions.save_station(visit=station(checkup, "vitals"), values={"weight": "69"}, by=county.tang, at=later(3))
    assert queries.values_of(checkup)["weight"] == "69.0"
    assert CheckupValue.objects.filter(checkup=checkup).count() == 6


def test_what_was_measured_stands_in_the_record(county):
    checkup = a_checkup(county, status=Status.EXAMINED)
    found = measurements_of([checkup.resident_id], ["8480-6"], since=later(days=-1))
    assert [(each.value, each.source) for each in found] == [(128, "沙沟镇卫生院 健康体检")]


def test_a_station_left_out_says_why_and_can_be_made_good(county):
    checkup = a_checkup(county, status=Status.ARRIVED)
    for visit in queries.stations_of(checkup):
        if visit.station != "ultrasound":
            actions.save_station(visit=visit, values=given(visit), by=county.tang, at=NOW)
    with pytest.raises(InvalidInput):
        actions.leave_out(visit=station(checkup, "ultrasound"), why="because", by=county.tang, at=NOW)
    with pytest.raises(Conflict, match="还有站点"):
        report(county, Checkup.objects.get(pk=checkup.pk))
    actions.leave_out(visit=station(checkup, "ultrasound"), why="ate", by=county.tang, at=NOW)
    checkup.refresh_from_db()
    assert checkup.status == Status.EXAMINED
    actions.queue_again(visit=station(checkup, "ultrasound"), by=county.tang, at=NOW)
    checkup.refresh_from_db()
    assert checkup.status == Status.ARRIVED


def test_an_abnormal_result_that_was_a_mistake_is_put_right_with_its_finding(county):
    checkup = a_checkup(county, status=Status.ARRIVED)
    wrong = {"ecg_result": "abnormal", "ecg_findings": "atrial_fibrillation", "ecg_note": "心率90"}
    actions.save_station(visit=station(checkup, "ecg"), values=wrong, by=county.tang, at=NOW)
    actions.save_station(visit=station(checkup, "ecg"), values={"ecg_result": "normal"}, by=county.tang, at=later(5))
    assert queries.values_of(checkup) == {"ecg_result": "normal", "ecg_note": "心率90"}


# Report --------------------------------------------------------------------------------------------------------------
def test_the_report_explains_compares_and_sets_going_what_follows(county):
    man = a_resident(county, born_on=OLD, at=later(days=-400))
    an_agreement(county, resident=man, packages=("basic", "elderly"), at=later(days=-1))
    a_checkup(county, resident=man, status=Status.REPORTED, at=later(days=-380))
    checkup = a_checkup(county, resident=man, values=SICK, status=Status.EXAMINED)

    made = report(county, checkup)

    by_item = {each["item"]: each for each in made.findings}
    assert by_item["systolic"] | {"source": ""} == {
        "item": "systolic", "text": "168", "unit_zh": "mmHg", "unit_en": "mmHg", "level": "abnormal",
        "zh": by_item["systolic"]["zh"], "en": by_item["systolic"]["en"], "source": "", "mark": "national, second-hand",
        "last": "128",
    }  # fmt: skip
    assert by_item["bmi"]["text"] == "25.2"
    assert [each["level"] for each in made.findings][:4] == ["abnormal"] * 4
    task = FollowUpTask.objects.get(origin_uuid=made.uuid)
    assert (task.facility_id, task.due_on, task.risk) == (county.clinic.pk, TODAY + timedelta(days=14), 1)
    assert set(Enrolment.objects.filter(resident=man).values_list("programme", "status")) == {
        ("hypertension", "CANDIDATE"), ("diabetes", "CANDIDATE"),
    }  # fmt: skip
    assert set(Promise.objects.filter(proof_uuid=made.uuid).values_list("item", flat=True)) >= {"yearly-check"}
    with pytest.raises(Conflict):
        report(county, Checkup.objects.get(pk=checkup.pk))


def test_a_report_withdrawn_proves_nothing_and_the_next_is_another_version(county):
    man = a_resident(county, born_on=OLD, at=later(days=-2))
    an_agreement(county, resident=man, packages=("basic", "elderly"), at=later(days=-1))
    checkup = a_checkup(county, resident=man, values=SICK, status=Status.REPORTED)
    made = queries.report_of(checkup)
    actions.withdraw_report(checkup=checkup, reason="血压录错", by=county.tang, at=later(5))
    assert not Promise.objects.filter(proof_uuid=made.uuid).exists()
    assert FollowUpTask.objects.get(origin_uuid=made.uuid).status == "CANCELLED"
    visit = station(Checkup.objects.select_related("resident").get(pk=checkup.pk), "vitals")
    actions.save_station(visit=visit, values=given(visit, systolic=132, diastolic=82), by=county.tang, at=later(6))
    again = report(county, Checkup.objects.select_related("resident").get(pk=checkup.pk), at=later(7))
    assert (again.version, CheckupReport.objects.filter(checkup=checkup).count()) == (2, 2)


@pytest.mark.parametrize(
    "plan",
    [
        [PlanStep("dance", TODAY, "")],
        [PlanStep("recheck", TODAY - timedelta(days=1), "x")],
        [PlanStep("guide", TODAY, "y" * 201)],
    ],
)
def test_a_plan_that_cannot_be_is_refused(county, plan):
    checkup = a_checkup(county, status=Status.EXAMINED)
    with pytest.raises(InvalidInput):
        actions.sign_report(checkup=checkup, conclusion="好", plan=plan, by=county.tang, at=NOW)
    with pytest.raises(InvalidInput):
        actions.sign_report(checkup=checkup, conclusion=" ", plan=[], by=county.tang, at=NOW)
    with pytest.raises(NotPermitted):
        actions.sign_report(checkup=checkup, conclusion="好", plan=[], by=county.alma, at=NOW)


def test_the_proposed_plan_refers_rechecks_enrols_once_and_ends_with_next_year():
    found = rules.findings({"systolic": "190", "diastolic": "95", "haemoglobin": "80"}, "1")
    steps = rules.plan(found, TODAY)
    assert [each.step for each in steps] == ["refer", "enrol", "recheck", "refer", "next-year"]


def test_a_day_on_which_several_values_are_measured_again_is_one_step():
    steps = rules.plan(rules.findings({"systolic": "162", "diastolic": "94", "glucose_fasting": "7.6"}, "1"), TODAY)
    assert [(each.step, each.items) for each in steps] == [
        ("recheck", ("systolic", "diastolic", "glucose_fasting")), ("enrol", ("systolic", "diastolic")), ("enrol", ("glucose_fasting",)),
        ("next-year", ()),
    ]  # fmt: skip


def test_a_plan_signed_in_english_is_kept_in_the_language_of_the_records_and_read_in_the_readers(county):
    checkup = a_checkup(county, values={"systolic": 162, "diastolic": 94}, status=Status.EXAMINED)
    with override("en"):
        steps = rules.plan(rules.findings(queries.values_of(checkup), "1"), TODAY)
        assert "Systolic" in steps[0].words
        made = actions.sign_report(checkup=checkup, conclusion="复查", plan=steps, by=county.tang, at=NOW)
    made.refresh_from_db()
    assert "收缩压 162 mmHg" in made.plan[0]["words"]
    assert not re.search("[A-Z][a-z]{3}", FollowUpTask.objects.get(origin_kind="checkup").plan)
    with override("en"):
        assert rules.step_words(made.plan[0], made.findings).startswith("Systolic 162 mmHg, ")
    with pytest.raises(InvalidInput):
        actions.sign_report(
            checkup=a_checkup(county, status=Status.EXAMINED), conclusion="好", by=county.tang, at=NOW,
            plan=[PlanStep("recheck", TODAY, "", "", ("no_such_item",))],
        )  # fmt: skip


def test_a_day_without_anybody_has_no_data_and_a_day_with_somebody_has_figures(county):
    empty = queries.day_figures(county.tang, TODAY)
    assert (empty.booked, empty.arrived, empty.reported, empty.abnormal, empty.capacity) == (None,) * 5
    a_checkup(county)
    booked = queries.day_figures(county.tang, TODAY)
    assert (booked.booked, booked.arrived, booked.reported, booked.missed) == (1, 0, None, 0)
    a_checkup(county, values=SICK, status=Status.REPORTED)
    full = queries.day_figures(county.tang, TODAY)
    assert (full.booked, full.arrived, full.reported, full.abnormal, full.capacity) == (2, 1, 1, 1, 30)
    assert full.stations["ecg"] == (1, 0, 0)


def test_a_county_wide_reader_counts_the_places_of_a_session_without_a_booking(county):
    a_checkup(county, session=a_session(county, capacity=40))
    a_session(county, capacity=40, half="PM")
    assert queries.day_figures(county.tang, TODAY).capacity == 80
    assert queries.day_figures(replace(county.tang, grants=(HeldGrant("x", SEES, None),)), TODAY).capacity == 80
    assert queries.day_figures(county.cai, TODAY).capacity is None


def test_a_doctor_sees_what_waits_for_his_name(county):
    a_checkup(county, status=Status.EXAMINED)
    assert [each.kind for each in api.waiting_for(county.tang, at=NOW)] == ["checkup"]
    assert api.waiting_for(county.alma, at=NOW) == []


# At once -------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_desks_that_book_the_last_place_or_the_same_man_at_once():
    county = County()
    last, wide = a_session(county, capacity=1), a_session(county, half="PM")
    people, man, actor = (
        [a_resident(county, born_on=OLD) for _ in range(2)],
        a_resident(county, born_on=OLD),
        county.tang,
    )
    cases = [
        [
            lambda who=who: actions.book(resident=who, session=last, package="elderly", by=actor, at=NOW)
            for who in people
        ],
        [lambda: actions.book(resident=man, session=wide, package="elderly", by=actor, at=NOW)] * 2,
    ]
    for calls in cases:
        gate, said = threading.Barrier(2), []

        def run(call, gate=gate, said=said):
            try:
                gate.wait(10)
                call()
                said.append("done")
            except Conflict as error:
                said.append(error.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=(call,)) for call in calls]
        for each in threads:
            each.start()
        for each in threads:
            each.join(30)
        assert said.count("done") == 1, said
    assert (Session.objects.get(pk=last.pk).n_booked, Session.objects.get(pk=wide.pk).n_booked) == (1, 1)


def test_findings_of_an_ecg_agree_with_its_result_and_the_note_stays_free(county):
    checkup = a_checkup(county, status=Status.ARRIVED)

    def save(**values):
        actions.save_station(visit=station(checkup, "ecg"), values=values, by=county.tang, at=NOW)

    for values in (
        {"ecg_result": "normal", "ecg_findings": "st_t"}, {"ecg_result": "abnormal"},
        {"ecg_result": "abnormal", "ecg_findings": "moon"},
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as refused:
            save(**values)
        assert set(refused.value.fields) == {"ecg_findings"}
        assert not CheckupValue.objects.filter(checkup=checkup).exists()
    save(ecg_result="abnormal", ecg_findings="st_t,atrial_fibrillation", ecg_note="心室率约90次")

    values = queries.values_of(checkup)
    assert values["ecg_note"] == "心室率约90次"
    assert rules.items()["ecg_findings"].words(values["ecg_findings"]) == "ST-T改变、心房颤动或扑动"
    steps = rules.plan(rules.findings(values, "1"), TODAY)
    assert any(each.step == "refer" and "心房颤动" in each.words for each in steps)


def test_a_dipstick_is_read_in_steps_and_a_station_is_done_without_its_note(county):
    checkup = a_checkup(county, status=Status.ARRIVED)
    visit = station(checkup, "blood")

    with pytest.raises(InvalidInput) as refused:
        actions.save_station(visit=visit, values=given(visit, urine_blood="有一点"), by=county.tang, at=NOW)
    rows = [
        RowIn(checkup.number, code, str(value)) for code, value in given(visit, urine_blood="2+").items() if value != ""
    ]
    answers = actions.take_rows(rows=rows, by=county.tang, at=NOW)

    assert set(refused.value.fields) == {"urine_blood"}
    assert {each.outcome for each in answers} == {"taken"}
    visit.refresh_from_db()
    assert visit.status == StationStatus.DONE
    assert rules.judge("urine_blood", "2+", "1").refer


def test_who_is_managed_is_not_proposed_for_the_programme_he_is_in(county):
    found = rules.findings({"systolic": "162", "glucose_fasting": "7.6"}, "1")
    steps = rules.plan(found, TODAY, managed=frozenset({"hypertension"}))
    assert [each.programme for each in steps if each.step == "enrol"] == ["diabetes"]


def test_a_report_says_how_far_a_figure_is_from_last_years_and_its_sources_in_the_readers_language(county):
    man = a_resident(county, born_on=OLD, at=NOW - timedelta(days=400))
    a_checkup(county, resident=man, status=Status.REPORTED, at=NOW - timedelta(days=365))
    now = a_checkup(county, resident=man, values={"systolic": 146, "diastolic": 78}, status=Status.REPORTED)
    with override("en"):
        shown = ReportPage.build(queries.report_of(now), actor=None)
        pdf = report_data(shown, at=NOW)
    rows = {each["item"]: each["last"] for each in (*shown.notable, *shown.ordinary)}
    assert rows["systolic"] == "128 mmHg (+18)"
    assert rows["diastolic"] == "78 mmHg"
    assert shown.plan[1]["label"] == "Assess for a disease programme: Hypertension"
    assert not re.search(r"[\u3400-\u9fff：；（]", pdf["sources"])


def test_nobody_is_told_of_a_check_up_that_was_entered_long_after(county):
    man = a_resident(county, born_on=OLD, at=NOW)
    user = county.user("own", "resident", county.clinic)
    type(user).objects.filter(pk=user.pk).update(resident_uuid=man.uuid)
    for at in (clock.now() - timedelta(days=364), clock.now()):
        a_checkup(county, resident=man, status=Status.REPORTED, at=at)
    for event in OutboxEvent.objects.filter(event="checkup.reported"):
        jobs.tell(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))
    assert Message.objects.filter(user=user).count() == 1
