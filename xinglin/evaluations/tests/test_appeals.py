"""Who may decide an appeal, and what becomes of it when its round is given up: nobody changes its points any more."""

from importlib import import_module

import pytest
from django.apps import apps

from tests.factories.county import NOW
from tests.factories.evaluations import Assessment
from xinglin.evaluations import actions, queries
from xinglin.evaluations.models import Appeal, Round
from xinglin.evaluations.states import AppealStatus, RoundStatus
from xinglin.platform.errors import Conflict
from xinglin.platform.models import AuditRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(county):
    return Assessment(county).told()


def appealed(told):
    item = told.item(told.county.township, "A1")
    return actions.raise_appeal(item=item, wanted=900, reason="漏计", by=told.county.tang, at=NOW)


def test_who_opened_the_round_may_decide_about_points_that_came_from_the_figures(told, county):
    item = told.item(county.township, "A1")
    appeal = actions.raise_appeal(item=item, wanted=900, reason="漏计", by=county.tang, at=NOW)

    assert queries.open_appeals(county.mei) == [appeal]
    actions.decide_appeal(appeal=appeal, uphold=False, answer="无误", by=county.mei, at=NOW)

    assert Appeal.objects.get(pk=appeal.pk).status == AppealStatus.REJECTED


def test_what_waits_ends_with_the_round_and_says_why(told, county):
    appeal = appealed(told)
    decided = actions.raise_appeal(
        item=told.item(county.township, "A2"), wanted=0, reason="有误", by=county.tang, at=NOW
    )
    actions.decide_appeal(appeal=decided, uphold=False, answer="无误", by=told.gao, at=NOW)
    assert queries.open_appeals(told.gao) == [appeal]

    actions.cancel_round(of_round=told.round, reason="方案有误", by=county.mei, at=NOW)

    appeal.refresh_from_db()
    decided.refresh_from_db()
    assert (appeal.status, appeal.answer, appeal.given, appeal.decided_by) == (
        AppealStatus.ENDED, "方案有误", None, county.mei.user_id
    )  # fmt: skip
    assert [(each.became, each.reason) for each in appeal.status_changes.all()][-1] == ("ENDED", "方案有误")
    assert decided.status == AppealStatus.REJECTED
    assert queries.open_appeals(told.gao) == []
    assert AuditRecord.objects.filter(event="evaluation.appeal-ended").count() == 1


def left_behind(told):
    """An appeal as giving a round up left it before."""
    appeal = appealed(told)
    actions.cancel_round(of_round=told.round, reason="方案有误", by=told.county.mei, at=NOW)
    appeal.status_changes.filter(became="ENDED").delete()
    Appeal.objects.filter(pk=appeal.pk).update(status="OPEN", answer="", decided_at=None, decided_by=None)
    return Appeal.objects.get(pk=appeal.pk)


def test_no_points_of_a_cancelled_round_change(told, county):
    appeal = left_behind(told)
    before = told.item(county.township, "A1").points

    with pytest.raises(Conflict) as refused:
        actions.decide_appeal(appeal=appeal, uphold=True, points=900, answer="属实", by=told.gao, at=NOW)

    assert refused.value.code == "wrong-state"
    assert "已取消" in str(refused.value.message)
    assert told.item(county.township, "A1").points == before
    assert queries.open_appeals(told.gao) == []
    Round.objects.filter(pk=told.round.pk).update(status=RoundStatus.APPEAL)
    assert queries.open_appeals(told.gao) == [appeal]


def test_what_was_left_open_before_ends_with_the_update(told):
    appeal, still = left_behind(told), appealed(Assessment(told.county).told())

    import_module("xinglin.evaluations.migrations.0003_appeals_end").end_what_was_left(apps, None)

    appeal.refresh_from_db()
    still.refresh_from_db()
    assert (appeal.status, appeal.answer, appeal.decided_at) == (AppealStatus.ENDED, "方案有误", NOW)
    assert [each.became for each in appeal.status_changes.all()] == ["OPEN", "ENDED"]
    assert still.status == AppealStatus.OPEN
