"""The nightly check: whatever stands otherwise than the rules say is put right, once, and nothing else is touched."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils.timezone import localdate

from tests.factories.county import NOW, County, later
from tests.factories.programmes import a_programme_visit, an_enrolment
from xinglin.platform import clock
from xinglin.programmes import nightly, records
from xinglin.programmes.models import Alert, Enrolment, ManagedResident, NightlyCheck, ResultChange, VisitResult
from xinglin.programmes.rules import assessing
from xinglin.programmes.tests.test_arrivals import what_stands

pytestmark = pytest.mark.django_db
HIGH = {"systolic": "186", "diastolic": "112"}
SAID = {"alert_answer": "REFUSED", "alert_note": "本人拒绝", "confirmed_unusual": True}


@pytest.fixture
def enrolments(county: County) -> list[Enrolment]:
    found = [an_enrolment(county, at=later(days=-200), name=f"周{n}") for n in "一二三四"]
    for each in found[:3]:
        a_programme_visit(county, each, at=later(days=-100))
    a_programme_visit(county, found[0], HIGH, at=later(days=-5), **SAID)
    return found


def test_a_county_that_is_right_is_left_alone(enrolments: list[Enrolment]) -> None:
    expected = what_stands()

    run = nightly.check_everybody(at=clock.now())

    assert run is not None
    assert (run.n_looked, run.n_residents, run.n_changed, run.n_failed) == (4, 4, 0, 0)
    assert what_stands() == expected
    assert not ResultChange.objects.exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: VisitResult.objects.update(grade="grade-3", severity=0),
        lambda: VisitResult.objects.update(findings=[]),
        lambda: Enrolment.objects.exclude(last_visit_on=None).update(grade="", n_uncontrolled=7, is_controlled=False),
        lambda: ManagedResident.objects.update(severity=4, grade_rank=3, next_due_on="2020-01-01"),
        lambda: ManagedResident.objects.all().delete(),
        lambda: Alert.objects.update(answered_at=NOW, answer="SEEN"),
    ],
)
def test_whatever_stands_otherwise_is_put_right(enrolments: list[Enrolment], spoil: object) -> None:
    expected = what_stands()
    spoil()  # type: ignore[operator]
    assert what_stands() != expected

    run = nightly.check_everybody(at=clock.now())

    assert run is not None
    assert run.n_changed > 0
    stands = what_stands()
    for name in ("enrolments", "results", "open", "line"):
        assert stands[name] == expected[name], name
    again = nightly.check_everybody(at=clock.now())
    assert again is not None
    assert again.n_changed == 0


def test_what_was_kept_before_findings_were_is_filled_in_and_nothing_is_said_to_have_changed(
    enrolments: list[Enrolment],
) -> None:
    expected = what_stands()
    VisitResult.objects.filter(severity__gte=3).update(findings=None)

    nightly.check_everybody(at=clock.now())

    assert what_stands() == expected
    assert not ResultChange.objects.exists()


def test_an_earlier_visit_without_findings_is_not_judged_again(
    enrolments: list[Enrolment], monkeypatch: pytest.MonkeyPatch
) -> None:
    days: list[date] = []
    judge = assessing.assess

    def counted(*args: Any, **options: Any) -> Any:
        days.append(args[-1])
        return judge(*args, **options)

    monkeypatch.setattr(assessing, "assess", counted)
    nightly.check_piece(sorted(each.resident_id for each in enrolments), NOW)

    assert days == [localdate(later(days=n)) for n in (-5, -100, -100)]


def test_who_was_not_seen_for_more_than_a_year_is_put_right_too(
    enrolments: list[Enrolment],
) -> None:
    VisitResult.objects.update(grade="grade-3")

    first, second = (nightly.check_everybody(at=clock.now() + timedelta(days=500)) for _n in range(2))

    assert first is not None
    assert second is not None
    assert (first.n_changed, second.n_changed) == (2, 0)  # the third has that grade


def test_a_check_that_was_cut_off_goes_on_where_it_was(enrolments: list[Enrolment]) -> None:
    now = clock.now()
    middle = sorted(each.resident_id for each in enrolments)[1]
    cut = NightlyCheck.objects.create(started_at=now - timedelta(minutes=5), upto=middle, n_residents=4, n_looked=2)

    run = nightly.check_everybody(at=now)

    assert run == cut
    assert run is not None
    assert run.n_looked == 4
    assert run.ended_at is not None


def test_somebody_whose_version_is_gone_is_counted_and_stops_nobody(enrolments: list[Enrolment]) -> None:
    VisitResult.objects.filter(enrolment=enrolments[0]).update(version="hypertension@1999-01-01")
    Enrolment.objects.filter(pk=enrolments[1].pk).update(grade="grade-3")

    run = nightly.check_everybody(at=clock.now())

    assert run is not None
    assert (run.n_changed, run.n_failed) == (1, 1)


@pytest.mark.parametrize("broken", ["record_of", "records_of"])
def test_somebody_whose_record_cannot_be_read_is_counted_and_stops_nobody(
    enrolments: list[Enrolment], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    Enrolment.objects.filter(pk__in=[each.pk for each in enrolments[:2]]).update(grade="")
    read, bad = getattr(records, broken), enrolments[0].resident_id

    def refused(rows: Any, **options: Any) -> Any:
        if bad in {each.pk for each in (rows if broken == "records_of" else [rows])}:
            raise ValueError("an answer nobody can read")
        return read(rows, **options)

    monkeypatch.setattr(records, broken, refused)
    run = nightly.check_everybody(at=clock.now())

    assert run is not None
    assert (run.n_looked, run.n_changed, run.n_failed) == (4, 1, 1)
    assert run.ended_at is not None


def test_looking_makes_no_more_queries_for_more_residents(enrolments: list[Enrolment]) -> None:
    ids = sorted(each.resident_id for each in enrolments)

    def n_queries(some: list[int]) -> int:
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            nightly.check_piece(some, NOW)
        return len(captured)

    assert n_queries(ids[:1]) == n_queries(ids)


def test_the_command_tells_what_it_did(enrolments: list[Enrolment], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("programmes", "recompute", "--processes", "1")

    assert "4 residents, 0 put right, 0 failed" in capsys.readouterr().out
