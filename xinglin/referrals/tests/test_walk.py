"""The way of a referral through the real actions, each state of both directions reached."""

import pytest

from tests.factories.referrals import DOWN_STATES, UP_STATES, a_down_referral, a_referral
from xinglin.referrals.states import TRANSITIONS, Status


@pytest.mark.parametrize("status", UP_STATES)
def test_an_up_referral_reaches_each_state(county, status):
    referral = a_referral(county, status=status)

    assert referral.status == status
    trail = [change.became for change in referral.status_changes.all()]
    assert trail[0] == Status.DRAFT
    assert all(after in TRANSITIONS[Status(before)] for before, after in zip(trail, trail[1:], strict=False))


@pytest.mark.parametrize("status", DOWN_STATES)
def test_a_way_back_reaches_each_state(county, status):
    assert a_down_referral(county, status=status).status == status


def test_the_states_of_both_directions_are_all_states():
    assert {*UP_STATES, *DOWN_STATES} == set(Status)
