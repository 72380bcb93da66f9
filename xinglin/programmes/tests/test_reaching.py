"""Tries in vain, and who counts as lost after them."""

from datetime import timedelta

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.programmes import a_programme_visit, an_enrolment
from xinglin.platform import clock
from xinglin.platform.errors import Conflict
from xinglin.programmes import actions, jobs, queries
from xinglin.programmes.models import Enrolment, ManagedResident
from xinglin.programmes.states import Status

pytestmark = pytest.mark.django_db
TODAY = clock.today(NOW)


def test_lost_needs_tries_on_three_days_and_a_visit_brings_back(county: County) -> None:
    enrolment = an_enrolment(county)
    for days in (0, 1):
        actions.note_attempt(
            line=ManagedResident.objects.get(), why="NO_ANSWER", try_again_on=TODAY + timedelta(days=days + 1),
            by=county.alma, at=later(days=days),
        )  # fmt: skip
    with pytest.raises(Conflict) as refusal:
        actions.mark_lost(enrolment=enrolment, by=county.alma, at=later(days=1))
    assert refusal.value.code == "too-few-tries"
    actions.note_attempt(
        line=ManagedResident.objects.get(), why="AWAY", try_again_on=TODAY + timedelta(days=9), by=county.alma,
        at=later(days=2),
    )  # fmt: skip

    actions.mark_lost(enrolment=enrolment, by=county.alma, at=later(days=2))
    assert ManagedResident.objects.get().is_lost
    a_programme_visit(county, enrolment, at=later(days=5))

    enrolment.refresh_from_db()
    line = ManagedResident.objects.get()
    assert (enrolment.status, line.is_lost, line.n_attempts) == ("ENROLLED", False, 0)


def test_tries_of_the_day_of_a_visit_count_when_they_came_after_it(county: County) -> None:
    enrolment = an_enrolment(county, at=later(days=-1))
    a_programme_visit(county, enrolment, at=NOW)
    for n, minutes in enumerate((-30, 60, 24 * 60, 2 * 24 * 60)):
        actions.note_attempt(
            line=ManagedResident.objects.get(), why="AWAY", try_again_on=TODAY + timedelta(days=9), by=county.alma,
            tried_at=later(minutes), at=later(minutes),
        )  # fmt: skip
        assert ManagedResident.objects.get().n_attempts == n

    assert queries.may_be_lost(enrolment.resident_id)


def test_who_was_tried_often_on_one_day_does_not_keep_others_from_being_lost(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PIECE", 1)
    often, lost = (an_enrolment(county, at=later(days=-300), name=name) for name in ("周一", "周二"))
    for enrolment, apart in ((often, 0), (lost, 1)):
        for n in range(3):
            actions.note_attempt(
                line=ManagedResident.objects.get(resident=enrolment.resident), why="NO_ANSWER",
                try_again_on=TODAY, by=county.alma, at=later(n, days=apart * n - 9),
            )  # fmt: skip

    jobs.lose(0)

    assert set(Enrolment.objects.filter(status=Status.LOST)) == {lost}
