"""What arrives late: whatever the order in which visits, corrections and values of the laboratory reach the server, what stands is the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.county import NOW, County, later
from tests.factories.laboratory import released
from tests.factories.programmes import a_programme_visit, an_enrolment, seen
from tests.factories.readings import a_device, pressure, send
from tests.factories.residents import a_resident
from xinglin.followups.models import FollowUpTask
from xinglin.platform import clock
from xinglin.platform.models import OutboxEvent
from xinglin.programmes import actions, jobs, queries
from xinglin.programmes.models import Alert, Enrolment, ManagedResident, ProgrammeVisit, ResultChange, VisitResult
from xinglin.programmes.states import Status

pytestmark = pytest.mark.django_db
TODAY = clock.today(NOW)
LABORATORY = {"total_cholesterol": "4.20", "ldl": "2.10", "hdl": "1.20", "triglycerides": "1.20", "creatinine": "80"}


@dataclass(frozen=True)
class Meeting:
    """A visit so many days ago; `first_written` is what was typed wrongly before it was put right."""

    client_id: UUID
    days: int
    answers: dict[str, Any]
    kind: str
    first_written: "Meeting | None" = None


ANSWERS = st.fixed_dictionaries(
    {
        "pressure": st.sampled_from(
            [("124", "74"), ("138", "92"), ("146", "74"), ("164", "104"), ("182", "92"), ("", "")]
        ),
        "glucose_fasting": st.sampled_from(["5.8", "7.4", "10.6", "3.6"]),
        "danger_signs": st.sampled_from([["none"], ["none"], ["sight"]]),
        "side_effect": st.sampled_from(["none", "mild"]),
    },
    optional={"ldl": st.sampled_from(["1.80", "3.60"]), "hba1c": st.sampled_from(["6.4", "9.4"])},
)
DAYS, KIND = st.integers(1, 150), st.sampled_from(["routine", "routine", "yearly"])
WRITTEN = st.builds(Meeting, st.uuids(version=4), DAYS, ANSWERS, st.just("routine"))
MEETING = st.builds(Meeting, st.uuids(version=4), DAYS, ANSWERS, KIND, st.none() | WRITTEN)


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def three_highs(county: County) -> Any:
    resident = a_resident(county, born_on=date(1968, 3, 1), conditions=["hypertension", "diabetes", "dyslipidaemia"])
    for slug in ("three-highs", "hypertension", "diabetes", "dyslipidaemia"):
        an_enrolment(county, resident=resident, programme=slug, at=later(days=-300))
    return resident


def record(county: County, resident: Any, meeting: Meeting, n: int, *, instead_of: ProgrammeVisit | None = None) -> Any:
    at = later(minutes=n)
    answers = {code: value for code, value in meeting.answers.items() if code != "pressure"}
    answers |= dict(zip(("systolic", "diastolic"), meeting.answers["pressure"], strict=True))
    content = seen(
        answers, client_id=meeting.client_id, kind=meeting.kind, happened_at=later(days=-meeting.days),
        alert_answer="REFER" if meeting.days % 2 else "REFUSED", alert_note="本人意愿", confirmed_unusual=True,
    )  # fmt: skip
    if instead_of is not None:
        return actions.amend_programme_visit(visit=instead_of, content=content, reason="看错", by=county.alma, at=at)
    return actions.record_programme_visit(
        resident=resident, facility_id=county.clinic.pk, content=content, by=county.alma, at=at
    )


def what_stands() -> dict[str, list[Any]]:
    facts = ("grade", "is_controlled", "on_target", "severity", "next_due_on")
    found = {
        "enrolments": Enrolment.objects.values_list(
            "programme", "status", "n_uncontrolled", "last_visit_on", "yearly_on", *facts
        ),
        "results": VisitResult.objects.filter(visit__replaced_by__isnull=True).values_list(
            "visit__client_id", "enrolment__programme", "is_complete", "missing", "advice", "findings", *facts
        ),
        "open": Alert.objects.filter(answered_at__isnull=True).values_list("visit__client_id", "code", "level"),
        "tasks": FollowUpTask.objects.filter(status="PLANNED").values_list("plan", "due_on", "risk"),
        "line": ManagedResident.objects.values_list(
            "severity", "next_due_on", "grade_rank", "last_visit_on", "n_attempts"
        ),
    }
    return {name: sorted(rows, key=str) for name, rows in found.items()}


@pytest.mark.thorough
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(meetings=st.lists(MEETING, min_size=2, max_size=4, unique_by=lambda each: each.client_id), dice=st.randoms())
def test_in_every_order_of_arrival_the_same_stands(county: County, meetings: list[Meeting], dice: Any) -> None:
    with undone():
        resident = three_highs(county)
        for n, each in enumerate(sorted(meetings, key=lambda one: (-one.days, one.client_id))):
            record(county, resident, each, n)
        expected = what_stands()

    with undone():
        resident = three_highs(county)
        steps = [each for each in meetings for _ in range(1 + (each.first_written is not None))]
        dice.shuffle(steps)
        wrong: dict[UUID, ProgrammeVisit] = {}
        for n, each in enumerate(steps):
            if each.first_written is not None and each.client_id not in wrong:
                wrong[each.client_id] = record(county, resident, each.first_written, n)
            else:
                record(county, resident, each, n, instead_of=wrong.get(each.client_id))
        assert what_stands() == expected


def test_an_older_visit_changes_what_later_ones_say_and_leaves_a_trail(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-100))
    high, refused = {"systolic": "152", "diastolic": "94"}, {"alert_answer": "REFUSED", "alert_note": "本人拒绝"}
    newer = a_programme_visit(county, enrolment, high, at=later(days=-10))
    assert newer.results.get().severity == 2

    a_programme_visit(county, enrolment, high, at=NOW, happened_at=later(days=-40), **refused)

    result = newer.results.get()
    assert result.severity == 3
    change = ResultChange.objects.get()
    assert (change.result_id, change.because, change.was["severity"]) == (result.pk, "VISIT", 2)
    enrolment.refresh_from_db()
    assert (enrolment.n_uncontrolled, enrolment.severity) == (2, 3)
    alert = Alert.objects.get()
    assert (alert.visit_id, alert.code, alert.answered_at) == (newer.pk, "not-controlled-twice", None)
    assert FollowUpTask.objects.filter(status="PLANNED").count() == 1
    assert OutboxEvent.objects.filter(event="programme.judged-anew", object_uuid=newer.uuid).count() == 1


def test_what_an_older_visit_found_does_not_close_what_the_latest_found(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-100))
    said = {"alert_answer": "REFUSED", "alert_note": "本人拒绝", "confirmed_unusual": True}
    newer = a_programme_visit(county, enrolment, {"systolic": "186", "diastolic": "112"}, at=later(days=-3), **said)

    a_programme_visit(county, enrolment, {"danger_signs": ["sight"]}, at=NOW, happened_at=later(days=-30), **said)

    assert set(Alert.objects.filter(answered_at__isnull=True).values_list("visit_id", "code")) == {
        (newer.pk, "bp-emergency")
    }


def test_somebody_seen_before_he_was_lost_stays_lost(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-100))
    for days in (-30, -20, -10):
        line = ManagedResident.objects.get()
        actions.note_attempt(
            line=line, why="NO_ANSWER", try_again_on=TODAY + timedelta(days=days), by=county.alma, at=later(days=days)
        )
    actions.mark_lost(enrolment=enrolment, by=county.alma, at=later(days=-5))

    a_programme_visit(county, enrolment, at=NOW, happened_at=later(days=-15))

    enrolment.refresh_from_db()
    line = ManagedResident.objects.get()
    assert (enrolment.status, line.n_attempts, line.is_lost) == (Status.LOST, 1, True)


def test_a_value_of_the_laboratory_that_arrives_after_the_visit_is_counted(county: County) -> None:
    resident = three_highs(county)
    enrolment = Enrolment.objects.get(programme="dyslipidaemia")
    visit = a_programme_visit(county, enrolment, LABORATORY | {"glucose_fasting": "6.2"}, at=later(days=-60))
    second = a_programme_visit(county, enrolment, {"glucose_fasting": "6.2"}, at=later(days=1))
    before = VisitResult.objects.get(visit=second, enrolment=enrolment)
    assert before.is_controlled is True

    released(county, {"TC": "6.90", "TG": "1.20", "HDL": "1.10", "LDL": "5.60"}, resident=resident, panels=("lipids",))
    event = OutboxEvent.objects.filter(event="result.released").latest("id")
    jobs.value_arrived(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    assert visit.results.filter(enrolment=enrolment).get().is_controlled is True
    after = VisitResult.objects.get(visit=second, enrolment=enrolment)
    assert after.is_controlled is False
    assert ResultChange.objects.filter(result=after, because="VALUE").count() == 1


def test_a_dangerous_reading_puts_the_resident_first_until_somebody_answers(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-100))
    a_programme_visit(county, enrolment, at=later(days=-10))
    device = a_device(county, place="CORNER").device

    send(device, pressure("1", 196, 118, resident=enrolment.resident))
    event = OutboxEvent.objects.get(event="reading.urgent")
    jobs.device_measured(event_uuid=str(event.uuid), object_uuid=str(event.object_uuid))

    line = ManagedResident.objects.get()
    assert (line.severity, line.urgent_reading_at) == (4, NOW)
    assert line.next_due_on > TODAY
    assert [each.pk for each in queries.day_list(county.alma, at=NOW).rows] == [line.pk]
    a_programme_visit(county, enrolment, at=later(minutes=30))
    line.refresh_from_db()
    assert (line.severity, line.urgent_reading_at) == (0, None)


def test_a_dangerous_reading_from_before_the_latest_visit_raises_nothing(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-100))
    a_programme_visit(county, enrolment, at=later(minutes=-60))

    send(
        a_device(county, place="CORNER").device,
        pressure("1", 196, 118, at=later(minutes=-180), resident=enrolment.resident),
    )
    assert OutboxEvent.objects.filter(event="reading.urgent").exists()

    actions.follow_devices(resident=enrolment.resident, by=jobs.CLOCK, at=NOW)
    assert ManagedResident.objects.get().severity == 0


def test_judging_again_changes_nothing(county: County) -> None:
    resident = three_highs(county)
    enrolment = Enrolment.objects.get(programme="diabetes")
    for days in (-90, -50, -10):
        a_programme_visit(county, enrolment, {"glucose_fasting": "6.2"}, at=later(days=days))
    expected = what_stands()

    since = TODAY - timedelta(days=366)
    assert actions.settle_resident(resident=resident, since=since, because="NIGHT", by=jobs.CLOCK, at=NOW) == 0
    assert what_stands() == expected
    assert not ResultChange.objects.exists()
