"""A death was entered by mistake: what it ended is owed again, however often that happens, and nothing else."""

from typing import Any

import pytest

from tests.factories.county import County, later
from tests.factories.followups import a_followup
from xinglin.followups import actions
from xinglin.followups.jobs import CLOCK

pytestmark = pytest.mark.django_db


def died_and_did_not(resident: Any, *, days: float) -> int:
    actions.close_all_of(resident=resident, reason="居民已登记死亡", by=CLOCK, at=later(days=days))
    return actions.take_up_all_of(resident=resident, reason="居民已登记死亡", by=CLOCK, at=later(days=days + 0.5))


def test_what_a_mistaken_death_ended_is_owed_again_also_the_second_time(county: County) -> None:
    task = a_followup(county)

    assert [died_and_did_not(task.resident, days=each) for each in (1, 2)] == [1, 1]

    task.refresh_from_db()
    assert task.status == "PLANNED"


def test_what_was_cancelled_by_hand_after_a_mistaken_death_stays_so(county: County) -> None:
    task = a_followup(county)
    died_and_did_not(task.resident, days=1)
    task.refresh_from_db()
    actions.cancel_followup(task=task, reason="已在门诊复查", by=county.alma, at=later(days=2))

    assert died_and_did_not(task.resident, days=3) == 0

    task.refresh_from_db()
    assert task.status == "CANCELLED"
