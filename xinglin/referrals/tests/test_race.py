"""Two desks at the same referral, in two threads with two connections: one wins, the other learns how it stands."""

import threading

import pytest
from django.db import connection

from tests.factories.county import County, later
from tests.factories.referrals import a_referral
from xinglin.platform.errors import Conflict, StaleStatus
from xinglin.referrals import actions
from xinglin.referrals.data import Hold
from xinglin.referrals.models import Referral, ReferralStatusChange
from xinglin.referrals.states import Status


@pytest.mark.django_db(transaction=True)
def test_two_desks_accept_at_once_and_one_wins():
    county = County()
    referral = a_referral(county)
    desks = [county.du, county.actor(county.user("dong", "referral-desk", county.hospital, name="董"))]
    barrier = threading.Barrier(2)
    outcomes: list[object] = []

    def accept(actor):
        own = Referral.objects.get(pk=referral.pk)  # both read it while it waits
        barrier.wait(timeout=10)
        try:
            outcomes.append(actions.accept_referral(referral=own, hold=Hold("BED", actor.name), by=actor, at=later(1)))
        except Conflict as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    winners = [each for each in outcomes if isinstance(each, Referral)]
    losers = [each for each in outcomes if isinstance(each, Conflict)]
    assert (len(winners), len(losers)) == (1, 1)
    assert isinstance(losers[0], StaleStatus)
    assert losers[0].status == 409
    assert "已接收" in str(losers[0])
    assert winners[0].answered_by_name in str(losers[0])
    assert ReferralStatusChange.objects.filter(subject=referral, became=Status.ACCEPTED).count() == 1


def test_the_same_way_is_open_once(county):
    first = a_referral(county)

    with pytest.raises(Conflict) as refused:
        a_referral(county, resident=first.resident, visit=first.visit, acknowledged_open=True)

    assert refused.value.code == "already-open"
    actions.withdraw_referral(referral=first, reason_code="entered-by-mistake", by=county.alma, at=later(1))
    assert (
        a_referral(county, resident=first.resident, visit=first.visit, acknowledged_open=True).status
        == Status.SUBMITTED
    )


def test_a_redirection_to_where_a_referral_is_open_is_refused(county):
    first = a_referral(county, to_facility_id=county.tcm.pk)
    second = a_referral(county, resident=first.resident, visit=first.visit, acknowledged_open=True)

    with pytest.raises(Conflict) as refused:
        actions.redirect_referral(
            referral=second, to_facility_id=county.tcm.pk, reason_code="no-bed", by=county.du, at=later(1)
        )

    assert refused.value.code == "already-open"
    second.refresh_from_db()
    assert second.status == Status.SUBMITTED
