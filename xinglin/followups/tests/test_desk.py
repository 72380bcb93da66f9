"""The desk in pages, and the quiet week wherever a call is planned or written down."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.county import NOW, later
from tests.factories.followups import a_followup
from tests.factories.residents import a_resident
from xinglin.followups import actions, desk
from xinglin.followups.data import Outcome
from xinglin.followups.models import FollowUpTask
from xinglin.platform import clock
from xinglin.platform.errors import Conflict, InvalidInput

TODAY = clock.today(NOW)
BY_PHONE = Outcome(channel="PHONE", systolic=128, diastolic=78, adherence="REGULAR")


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(desk, "SIZE", 3)


def planned(county, resident, *, days=0, risk=1, **facts):
    return a_followup(
        county, resident=resident, due_on=TODAY + timedelta(days=days), risk=risk, kind="AFTER_DISCHARGE", **facts
    )


def test_the_desk_shows_everybody_once_over_its_pages_in_one_order(county, small_pages):
    people = [a_resident(county, name=name) for name in ("甲一", "乙二", "丙三", "丁四", "戊五", "己六", "庚七")]
    for n, each in enumerate(people):
        planned(county, each, days=-n, risk=n % 3)
        planned(county, each, days=-n - 1, risk=0)
    planned(county, people[0], days=3)  # to come: not on the desk

    seen, cursor = [], ""
    for _page in range(9):
        page = desk.page(county.alma, at=NOW, cursor=cursor)
        seen += page.rows
        cursor = page.next_cursor
        if not cursor:
            break

    assert len(seen) == len({each.resident.pk for each in seen}) == 7
    assert [each.risk for each in seen] == sorted((each.risk for each in seen), reverse=True)
    assert all(each.n_tasks == 2 for each in seen)
    dues = {each.resident.pk: each.first_due_on for each in seen}
    assert dues == {each.pk: TODAY - timedelta(days=n + 1) for n, each in enumerate(people)}


def test_a_longer_desk_makes_no_more_queries(county):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            desk.page(county.alma, at=NOW)
        return len(captured)

    planned(county, a_resident(county, name="甲一"))
    one = asked()
    for name in ("乙二", "丙三", "丁四"):
        planned(county, a_resident(county, name=name))

    assert asked() == one


def test_the_page_and_the_interface_go_on_to_the_next(county, small_pages):
    at = clock.now()
    for name in ("甲一", "乙二", "丙三", "丁四"):
        a_followup(county, resident=a_resident(county, name=name, at=at), due_on=clock.today(at), at=at)
    assert county.alma
    browser = sign_in(Client(), county.users["alma"])

    first = browser.get(reverse("followups:desk"))
    paging = first.context["paging"]
    second = browser.get(reverse("followups:desk") + f"?cursor={paging.next_cursor}")

    assert (len(first.context["rows"]), len(second.context["rows"])) == (3, 1)
    assert "cursor=" in first.content.decode()
    assert browser.get(reverse("followups:desk") + "?cursor=nonsense").status_code == 422


def test_a_second_call_in_one_week_is_not_written_down_as_a_follow_up(county):
    resident = a_resident(county)
    mine, theirs = planned(county, resident), planned(county, resident)
    actions.complete_followup(task=mine, outcome=BY_PHONE, by=county.alma, at=NOW)

    with pytest.raises(Conflict) as told:
        actions.complete_followup(task=theirs, outcome=BY_PHONE, by=county.tang, at=later(60))
    at_home = Outcome(channel="HOME", systolic=128, diastolic=78, adherence="REGULAR")

    assert told.value.code == "called-this-week"
    assert "阿尔玛" in str(told.value)
    assert actions.complete_followup(task=theirs, outcome=at_home, by=county.tang, at=later(61)).status == "DONE"


def test_two_things_of_one_talk_are_both_written_down(county):
    resident = a_resident(county)
    first, second = planned(county, resident), planned(county, resident)

    for task in (first, second):
        assert actions.complete_followup(task=task, outcome=BY_PHONE, by=county.alma, at=NOW).status == "DONE"


def test_what_is_dangerous_does_not_wait_for_the_next_week(county):
    resident = a_resident(county)
    actions.complete_followup(task=planned(county, resident), outcome=BY_PHONE, by=county.alma, at=NOW)
    danger = Outcome(
        channel="PHONE", systolic=190, diastolic=120, adherence="REGULAR", confirmed_unusual=True,
        critical_note="已叫120",
    )  # fmt: skip

    done = actions.complete_followup(task=planned(county, resident), outcome=danger, by=county.tang, at=later(60))

    assert done.status == "DONE"


def test_one_account_settles_several_tasks_by_one_call_and_a_namesake_does_not(county):
    resident = a_resident(county)
    first, second, third = (planned(county, resident) for _n in range(3))
    namesake = county.actor(county.user("namesake", "village-doctor", county.clinic, name=county.alma.name))
    actions.complete_followup(task=first, outcome=BY_PHONE, by=county.alma, at=NOW)

    actions.complete_followup(task=second, outcome=BY_PHONE, by=county.alma, at=later(1))
    with pytest.raises(Conflict) as refused:
        actions.complete_followup(task=third, outcome=BY_PHONE, by=namesake, at=later(2))

    assert refused.value.code == "called-this-week"


def test_no_call_is_planned_or_put_off_into_a_week_that_had_one(county):
    resident = a_resident(county)
    actions.complete_followup(task=planned(county, resident), outcome=BY_PHONE, by=county.alma, at=NOW)
    waiting = planned(county, resident)

    def plan(days, risk=1):
        return actions.schedule_followup(
            resident=resident, facility_id=county.clinic.pk, due_on=TODAY + timedelta(days=days), plan="复查血压",
            risk=risk, origin_uuid=uuid4(), by=county.alma, at=later(1),
        )  # fmt: skip

    with pytest.raises(InvalidInput) as early:
        plan(3)
    with pytest.raises(InvalidInput) as again:
        actions.note_unreached(
            task=waiting, why="NO_ANSWER", try_again_on=TODAY + timedelta(days=1), by=county.alma, at=later(2)
        )

    assert (early.value.code, again.value.code) == ("called-this-week", "called-this-week")
    assert (TODAY + timedelta(days=7)).isoformat() in str(early.value)
    assert plan(7).due_on == TODAY + timedelta(days=7)
    assert plan(1, risk=FollowUpTask.Risk.HIGH).risk == FollowUpTask.Risk.HIGH
