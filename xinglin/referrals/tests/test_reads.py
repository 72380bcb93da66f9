"""What others read of referrals: workbench, timeline, figures, lists."""

from datetime import date

import pytest

from tests.factories.county import NOW, later
from tests.factories.referrals import a_down_referral, a_referral
from xinglin.platform.errors import InvalidInput, NotPermitted
from xinglin.referrals import actions, api, jobs, queries, timeline
from xinglin.referrals.models import Referral
from xinglin.referrals.states import Status
from xinglin.web.work import CRITICAL, HIGH, RAISED


def waits(actor, at=NOW):
    return [(item.title, item.risk) for item in api.waiting_for(actor, at=at)]


def test_the_desk_has_what_waits_for_an_answer(county):
    a_referral(county, channel="emergency")

    assert waits(county.du) == [("转诊待接收：王小麦", CRITICAL)]
    assert waits(county.alma) == []
    assert waits(county.tang) == []


def test_what_is_late_is_of_high_risk(county):
    a_referral(county)

    assert waits(county.du) == [("转诊待接收：王小麦", RAISED)]
    assert waits(county.du, later(days=4)) == [("转诊待接收：王小麦", HIGH)]


def test_the_sender_has_what_came_back(county):
    a_referral(county, status=Status.SENT_BACK)

    assert waits(county.alma) == [("转诊待补充：王小麦", RAISED)]
    assert waits(county.du) == []


def test_the_specialist_owes_the_down_slip_and_the_township_the_taking_back(county):
    a_referral(county, status=Status.DISCHARGED)
    assert waits(county.sun) == [("已出院，待开下转单：王小麦", RAISED)]

    a_down_referral(county)
    assert waits(county.tang) == [("下转待接回：王小麦", RAISED)]


def test_the_timeline_tells_each_step_with_who_where_and_why(county):
    referral = a_referral(county, status=Status.REJECTED)

    entries = timeline.provide(county.alma, [referral.resident_id], later(60), 50)

    assert [entry.title for entry in entries] == [
        "上转已拒绝：东沟村卫生室 → 县人民医院",
        "上转提交：东沟村卫生室 → 县人民医院",
    ]
    assert (entries[0].by_name, entries[0].facility_name, entries[0].detail) == ("杜", "县人民医院", "暂无床位")
    assert entries[0].url.endswith(f"{referral.uuid}/")


def test_the_timeline_takes_one_query(county, django_assert_num_queries):
    referral = a_referral(county, status=Status.IN_CARE)

    with django_assert_num_queries(1):
        assert len(timeline.provide(county.alma, [referral.resident_id], later(60), 50)) == 4


def test_figures_are_for_who_may_see_them(county):
    a_referral(county)
    period = {"since": date(2026, 11, 1), "until": date(2026, 12, 1)}

    assert queries.referral_counts(county.mei, **period).rows[0].n_sent == 1
    assert queries.referral_counts(county.alma, **period).rows[0].n_sent == 1
    assert queries.referral_counts(county.cai, **period).rows == ()
    assert queries.referral_counts(county.mei, **period, facility_id=county.tcm.pk).rows == ()
    assert queries.referral_counts(county.mei, since=date(2026, 11, 21), until=date(2026, 12, 1)).rows == ()
    with pytest.raises(NotPermitted):
        queries.referral_counts(county.actor(county.user("tech", "technician", county.clinic)), **period)
    with pytest.raises(InvalidInput):
        queries.referral_counts(county.mei, since=date(2026, 12, 1), until=date(2026, 12, 1))


def test_a_redirected_referral_is_counted_once(county):
    a_referral(county, status=Status.REDIRECTED)

    rows = queries.referral_counts(county.mei, since=date(2026, 11, 1), until=date(2026, 12, 1)).rows

    assert [(row.to_facility_id, row.n_sent) for row in rows] == [(county.tcm.pk, 1)]


def test_the_desk_has_emergencies_first_then_goes_by_deadline(county):
    ordinary = a_referral(county)
    emergency = a_referral(county, channel="emergency", at=later(30))

    late = a_referral(county, at=later(days=-5))

    assert list(queries.desk(county.du).rows) == [emergency, late, ordinary]
    with pytest.raises(InvalidInput):
        queries.desk(county.du, box="made-up")
    with pytest.raises(InvalidInput):
        queries.desk(county.du, cursor="made-up")


def test_the_desk_counts_its_tabs(county):
    a_referral(county)
    a_referral(county, status=Status.ARRIVED)

    assert api.counts(county.du) == {
        "new": 1, "accepted": 0, "arrived": 1, "in-care": 0, "discharged": 0, "returned": 0, "sent-back": 0,
    }  # fmt: skip


def test_the_specialist_has_an_emergency_that_has_arrived_at_once(county):
    a_referral(county, channel="emergency", status=Status.ARRIVED)

    assert waits(county.sun) == [("已到院，待收治：王小麦", CRITICAL)]
    assert api.waiting_for(county.sun, at=NOW)[0].due_at is not None


def test_the_timeline_tells_a_whole_way_without_doubles(county):
    down = a_down_referral(county, status=Status.RECEIVED_BACK)
    actions.close_followed_up(referral=down, by=jobs.CLOCK, at=later(30))

    entries = timeline.provide(county.alma, [down.resident_id], later(60), 50)

    said = [entry.title.partition("：")[0] for entry in entries]
    assert sorted(said) == sorted(
        ["上转提交", "上转已接收", "上转已到院", "上转诊疗中", "上转已出院", "下转提交", "下转已接回", "下转已结案"]
    )
    assert entries[0].by_name == "系统（转诊时限）"
    assert all(entry.url for entry in entries), "the first sender opens the way back, too"


def test_the_first_sender_has_the_way_back_among_his_own(county):
    down = a_down_referral(county)

    assert [row.pk for row in queries.sent(county.alma).rows] == [down.pk, down.origin_id]
    assert queries.sent_counts(county.alma) == {"open": 2, "todo": 0}
    actions.send_back(referral=down, reason_code="summary-missing", by=county.tang, at=later(5))
    assert queries.sent_counts(county.alma) == {"open": 2, "todo": 0}
    assert queries.sent_counts(county.sun) == {"open": 0, "todo": 1}


@pytest.mark.parametrize("name", ["alma", "tang", "du", "sun", "cai", "sib", "mei"])
def test_a_link_is_shown_to_who_may_open_it(county, name):
    a_down_referral(county, status=Status.RECEIVED_BACK)
    a_referral(county, status=Status.REDIRECTED)
    a_referral(county, status=Status.DRAFT)
    actor = getattr(county, name)
    seen = set(queries.referrals_visible_to(actor).values_list("pk", flat=True))

    places = actor.places_where("referral:view")

    assert {each.pk for each in Referral.objects.all() if queries.opens_for(each, places)} == seen
