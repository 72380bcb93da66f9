"""Two at once, in two threads with two connections: one wins, the other learns how it stands."""

from datetime import timedelta

import pytest

from tests.factories.county import NOW, County
from tests.factories.evaluations import Assessment
from tests.racing import at_once
from xinglin.evaluations import actions
from xinglin.evaluations.models import Appeal, ScoreChange
from xinglin.evaluations.states import AppealStatus, RoundStatus
from xinglin.platform.errors import Conflict

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_reviewers_of_one_item_and_one_learns_it():
    county = County()
    assessment = Assessment(county).checked()
    item, gao = assessment.item(county.township, "D2"), assessment.gao

    def review(actor, points):
        return lambda: actions.review_item(
            item=assessment.item(county.township, "D2"), points=points, reason="现场", revision=item.revision, by=actor,
            at=NOW,
        )  # fmt: skip

    outcomes = at_once(review(county.mei, 900), review(gao, 700))

    lost = [each for each in outcomes if isinstance(each, Conflict)]
    assert len(lost) == 1
    assert lost[0].code == "stale-item"
    (change,) = ScoreChange.objects.filter(item=item)
    assert assessment.item(county.township, "D2").points == change.became


def test_a_notice_and_an_appeal_at_once_never_leave_an_appeal_behind():
    county = County()
    assessment = Assessment(county).told()
    # on the last second of the appeals: the unit is still in time, and the manager just after
    last = assessment.now().appeal_until
    item = assessment.item(county.township, "A1")

    published, appealed = at_once(
        lambda: actions.publish_round(
            of_round=assessment.now(), document_number="薛卫健〔2026〕31号", issued_by="区医共体办公室", by=county.mei,
            at=last + timedelta(seconds=1),
        ),
        lambda: actions.raise_appeal(item=item, wanted=900, reason="漏计", by=county.tang, at=last),
    )  # fmt: skip

    is_out = assessment.now().status == RoundStatus.PUBLISHED
    assert is_out != isinstance(published, Conflict)
    found = Appeal.objects.filter(item=item, status=AppealStatus.OPEN).first()
    assert not isinstance(appealed, Conflict)
    assert found is not None
    # the appeal was first: the notice waits; or the notice was first: it is an objection to it
    assert found.is_objection == is_out


def test_two_decisions_on_one_appeal_and_one_stands():
    county = County()
    assessment = Assessment(county).told()
    appeal = actions.raise_appeal(
        item=assessment.item(county.township, "A1"), wanted=900, reason="漏计", by=county.tang, at=NOW
    )
    gao = assessment.gao
    hu = county.actor(county.user("hu", "bureau-officer", county.bureau, name="胡", everywhere=True))

    def decide(actor, points):
        return lambda: actions.decide_appeal(
            appeal=Appeal.objects.select_related("item__sheet").get(pk=appeal.pk), uphold=True, points=points,
            answer="核实", by=actor, at=NOW,
        )  # fmt: skip

    outcomes = at_once(decide(gao, 700), decide(hu, 900))

    assert sum(isinstance(each, Conflict) for each in outcomes) == 1
    winner = next(each for each in outcomes if isinstance(each, Appeal))
    assert assessment.item(county.township, "A1").points == winner.given
