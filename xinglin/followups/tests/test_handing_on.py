"""What a level has not done for too long goes to the next in the night: all of it, whatever stands before it."""

from datetime import timedelta

import pytest
from django.db.models.signals import post_save

from tests.factories.county import NOW, later
from tests.factories.followups import a_followup
from tests.factories.residents import a_resident
from xinglin.followups import actions, jobs
from xinglin.followups.models import FollowUpTask
from xinglin.followups.states import Status
from xinglin.platform import clock
from xinglin.platform.ids import new_uuid

LONG_AGO = clock.today(NOW) - timedelta(days=200)


@pytest.fixture
def night(monkeypatch):
    """Two months on: what is due today is long overdue."""
    monkeypatch.setattr(clock.timezone, "now", lambda: later(days=60))


def owed(county, level="VILLAGE", **said):
    return a_followup(county, kind="AFTER_DISCHARGE", level=level, **said)


def test_many_that_nobody_takes_over_do_not_hold_up_what_the_next_level_does(county, night):
    first = owed(county, "TOWNSHIP", facility_id=county.township.pk, by=county.tang)
    here = a_resident(county, managed_by_id=county.township.pk, by=county.tang)
    stays = owed(county, resident=here, facility_id=county.township.pk, by=county.tang)
    for like in (first, stays):
        FollowUpTask.objects.bulk_create(
            FollowUpTask(
                resident=like.resident, facility_id=like.facility_id, kind=like.kind, origin_kind=like.origin_kind,
                origin_uuid=new_uuid(), level=like.level, due_on=LONG_AGO, plan=like.plan, risk=like.risk,
                status_changed_at=NOW, created_at=NOW,
            )
            for _n in range(300)
        )  # fmt: skip
    last = owed(county)

    jobs.hand_on(0)

    assert FollowUpTask.objects.get(taken_over_from=last).level == "TOWNSHIP"
    assert FollowUpTask.objects.filter(status=Status.HANDED_ON).count() == 1
    for like in (first, stays):
        like.refresh_from_db()
        assert like.status == Status.PLANNED


def test_one_that_somebody_ends_meanwhile_stops_no_other(county, night):
    first, second, third = (owed(county) for _n in range(3))

    def meanwhile(instance, created, **_said):
        if created and instance.taken_over_from_id == first.pk:
            FollowUpTask.objects.filter(pk=second.pk).update(status=Status.CANCELLED)

    post_save.connect(meanwhile, sender=FollowUpTask)
    try:
        jobs.hand_on(0)
    finally:
        post_save.disconnect(meanwhile, sender=FollowUpTask)

    taken = set(FollowUpTask.objects.filter(taken_over_from__isnull=False).values_list("taken_over_from", flat=True))
    assert taken == {first.pk, third.pk}


def test_all_that_fall_due_on_a_day_are_announced_in_one_go(county, monkeypatch):
    tasks = [owed(county) for _n in range(5)]
    monkeypatch.setattr(clock.timezone, "now", lambda: NOW)
    monkeypatch.setattr(jobs, "BATCH", 2)

    jobs.fall_due(0)

    assert FollowUpTask.objects.filter(pk__in=[each.pk for each in tasks], reminded_at__isnull=False).count() == 5


@pytest.mark.parametrize(("to", "above"), [("sibling", "township"), ("other_clinic", "other_township")])
def test_what_the_township_owes_goes_to_the_township_of_where_the_resident_is_managed_now(county, to, above):
    village = owed(county)
    taken = actions.hand_on(task=village, why="OVERDUE", by=jobs.CLOCK, at=later(days=9))
    resident = taken.resident
    type(resident).objects.filter(pk=resident.pk).update(managed_by=getattr(county, to))
    resident.refresh_from_db()

    for _again in range(2):
        actions.follow_transfer(resident=resident, former_id=county.clinic.pk, by=jobs.CLOCK, at=later(days=10))

    taken.refresh_from_db()
    assert (taken.facility, taken.level, taken.status) == (getattr(county, above), "TOWNSHIP", Status.PLANNED)


def test_what_the_township_owes_comes_back_when_a_merge_is_taken_back(county):
    kept = a_resident(county, managed_by_id=county.other_clinic.pk, by=county.cai)
    taken = actions.hand_on(task=owed(county), why="OVERDUE", by=jobs.CLOCK, at=later(days=9))
    merged = taken.resident

    actions.follow_merge(kept=kept, merged=merged, by=jobs.CLOCK, at=later(days=10))
    taken.refresh_from_db()
    assert (taken.resident, taken.facility) == (kept, county.other_township)
    actions.follow_unmerge(kept=kept, merged=merged, by=jobs.CLOCK, at=later(days=11))

    taken.refresh_from_db()
    assert (taken.resident, taken.facility) == (merged, county.township)
