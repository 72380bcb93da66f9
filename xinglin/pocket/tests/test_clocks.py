"""A telephone's clock that was wrong when something was written down, whatever it shows when it is sent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.pocket import a_device, a_visit_noted, an_attempt_noted, sent
from tests.factories.programmes import an_enrolment
from xinglin.platform.errors import InvalidInput
from xinglin.pocket import actions
from xinglin.pocket.data import Envelope, Why
from xinglin.pocket.models import Change
from xinglin.pocket.schemas import VerdictOut
from xinglin.pocket.states import ChangeStatus
from xinglin.programmes.models import Attempt, Enrolment, ProgrammeVisit

pytestmark = pytest.mark.django_db
DAY = 86400


@pytest.fixture
def enrolment(county: County) -> Enrolment:
    return an_enrolment(county, name="王小麦", at=later(days=-60))


@pytest.mark.parametrize("days", [3, -20])
def test_a_clock_put_right_before_sending_makes_the_visit_wait(county: County, enrolment: Enrolment, days: int):
    shown = NOW + timedelta(days=days)
    noted = replace(a_visit_noted(enrolment.resident, at=shown), noted_skew=-days * DAY)

    change = sent(a_device(county), noted, by=county.alma, at=later(30), sent_at=later(30))

    assert (change.status, change.code, change.moment_before) == (ChangeStatus.REVIEW, Why.JUMPED, NOW)
    assert VerdictOut.of(change, again=False).words[1].startswith("The clock of the phone was changed")
    actions.adopt_change(change=change, happened_at=NOW, by=county.alma, at=later(60))
    assert ProgrammeVisit.objects.get().happened_at == NOW


def test_a_visit_of_the_future_waits_and_is_adopted_with_the_right_time(county: County, enrolment: Enrolment):
    noted = a_visit_noted(enrolment.resident, at=NOW + timedelta(days=3))

    change = sent(a_device(county), noted, by=county.alma, at=NOW, sent_at=NOW)

    assert (change.status, change.code) == (ChangeStatus.REVIEW, Why.FUTURE)
    with pytest.raises(InvalidInput):
        actions.adopt_change(change=change, by=county.alma, at=later(5))
    actions.adopt_change(change=change, happened_at=NOW, by=county.alma, at=later(5))
    assert ProgrammeVisit.objects.get().happened_at == NOW


def test_a_visit_too_old_to_be_written_down_waits_for_its_day(county: County, enrolment: Enrolment):
    noted = a_visit_noted(enrolment.resident, at=NOW - timedelta(days=4000))  # a battery that was empty

    change = sent(a_device(county), noted, by=county.alma, at=NOW, sent_at=NOW)

    assert (change.status, change.code) == (ChangeStatus.REVIEW, Why.TOO_OLD)
    actions.adopt_change(change=change, happened_at=NOW - timedelta(days=1), by=county.alma, at=later(5))
    assert ProgrammeVisit.objects.get().happened_at == NOW - timedelta(days=1)


def test_a_try_in_vain_of_a_doubtful_clock_waits_for_its_time_too(county: County, enrolment: Enrolment):
    noted = replace(an_attempt_noted(enrolment.resident, at=NOW - timedelta(days=9)), is_doubtful=True)

    change = sent(a_device(county), noted, by=county.alma)

    assert (change.status, change.code) == (ChangeStatus.REVIEW, Why.JUMPED)
    actions.adopt_change(change=change, happened_at=NOW - timedelta(hours=1), by=county.alma, at=later(5))
    assert Attempt.objects.get().tried_at == NOW - timedelta(hours=1)


def test_a_clock_that_was_and_is_wrong_by_the_same_is_put_right(county: County, enrolment: Enrolment):
    noted = replace(a_visit_noted(enrolment.resident, at=NOW + timedelta(hours=5)), noted_skew=-5 * 3600 + 2)
    change = sent(a_device(county), noted, by=county.alma, at=later(30), sent_at=later(30) + timedelta(hours=5))
    assert (change.status, change.happened_at) == (ChangeStatus.DONE, NOW)


def test_what_is_sent_in_the_second_it_was_noted_is_not_of_the_future(county: County, enrolment: Enrolment):
    noted = a_visit_noted(enrolment.resident, at=NOW - timedelta(milliseconds=100))
    change = sent(a_device(county), noted, by=county.alma, at=NOW, sent_at=NOW - timedelta(milliseconds=600))
    assert (change.skew_seconds, change.status, change.happened_at) == (1, ChangeStatus.DONE, NOW)


def test_the_same_visit_sent_again_with_its_clock_doubted_meanwhile_gets_its_first_verdict(
    county: County, enrolment: Enrolment
):
    device, noted = a_device(county), a_visit_noted(enrolment.resident, at=NOW)
    first = sent(device, noted, by=county.alma, at=later(5), sent_at=later(5))
    envelope = Envelope(sent_at=later(9), received_at=later(9))

    again, is_known = actions.receive_change(
        device=device, given=replace(noted, noted_skew=7, is_doubtful=True), envelope=envelope, by=county.alma, at=later(9)
    )  # fmt: skip

    assert (is_known, again.pk, again.status) == (True, first.pk, ChangeStatus.DONE)
    assert Change.objects.count() == 1
