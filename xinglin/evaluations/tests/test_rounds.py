"""A round from its plan to its end: who may do what, what waits, what is refused, what is on record."""

import io
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from tests.factories.county import NOW
from tests.factories.evaluations import PDF, PERIOD, SHAGOU, frozen
from xinglin.evaluations import actions, queries
from xinglin.evaluations.actions.rounds import Asked
from xinglin.evaluations.api import waiting_for
from xinglin.evaluations.figures import not_computed_again
from xinglin.evaluations.models import Appeal, Publication, Round, ScoreChange
from xinglin.evaluations.rules.plans import as_kept, plan
from xinglin.evaluations.rules.scoring import Basis
from xinglin.evaluations.states import AppealStatus, RoundStatus, SheetStatus
from xinglin.indicators.models import SnapshotFigure
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible, TransitionNotAllowed
from xinglin.platform.models import AuditRecord, OutboxEvent

pytestmark = pytest.mark.django_db


# Opening -------------------------------------------------------------------------------------------------------------
def test_opening_scores_what_has_a_figure_and_leaves_the_rest_open(assessment, county):
    told = {each.code: (each.basis, each.points) for each in assessment.sheet(county.township).items.all()}
    assert told == {
        "A1": (Basis.COMPUTED, 600), "A2": (Basis.COMPUTED, 800), "A3": (Basis.NO_DATA_LEFT_OUT, None),
        "B1": (Basis.COMPUTED, 900), "B2": (Basis.COMPUTED, 1000), "B3": (Basis.COMPUTED, 800),
        "B4": (Basis.COMPUTED, 850), "C1": (Basis.COMPUTED, 600), "C2": (Basis.COMPUTED, 400),
        "D1": (Basis.WAITING, None), "D2": (Basis.WAITING, None),
    }  # fmt: skip
    other = assessment.item(county.other_township, "C1")
    assert (other.basis, other.points, other.figure["why"]) == (Basis.HELD, None, "no-facts")
    assert assessment.item(county.township, "A3").figure["why"] == "small"
    assert assessment.sheet(county.township).points is None
    assert OutboxEvent.objects.filter(event="evaluation.opened").count() == 1


def test_a_plan_kept_by_a_round_does_not_change_with_its_definition(assessment):
    kept = as_kept(assessment.now().plan)
    assert kept.items == plan("quarterly-check").items
    assert kept.days == plan("quarterly-check").days


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"plan": "nothing", "period": PERIOD}, NotVisible),
        ({"plan": "quarterly-check", "period": "2026"}, InvalidInput),
        ({"plan": "quarterly-check", "period": "2026-Q2"}, InvalidInput),
        (
            {"plan": "quarterly-check", "period": PERIOD, "self_check_until": (NOW - timedelta(days=2)).date()},
            InvalidInput,
        ),
        ({"plan": "quarterly-check", "period": PERIOD, "facilities": [10**9]}, Conflict),
    ],
)
def test_what_cannot_be_opened_is_refused(county, said, error):
    figures = frozen().uuid
    with pytest.raises(error):
        actions.open_round(asked=Asked(**said, figures=figures), by=county.mei, at=NOW)
    assert not Round.objects.exists()


def test_a_plan_says_how_its_period_is_written(county):
    for slug, written in (
        ("quarterly-check", "2026-Q4"),
        ("half-year-evaluation", "2026-06-YTD"),
        ("year-end-notice", "2026。"),
    ):
        with pytest.raises(InvalidInput, match=f"统计期应写作 {written}"):
            actions.open_round(asked=Asked(slug, "2026-Q9"), by=county.mei, at=NOW)


def test_a_period_that_has_not_begun_is_not_assessed(county):
    with pytest.raises(InvalidInput) as refused:
        actions.open_round(asked=Asked("quarterly-check", "2031-Q1"), by=county.mei, at=NOW)
    assert str(refused.value.message) == "这个统计期还没有开始。"


def test_without_facts_there_is_nothing_to_freeze(county):
    with pytest.raises(Conflict) as refused:
        actions.open_round(asked=Asked("quarterly-check", PERIOD), by=county.mei, at=NOW)
    assert refused.value.code == "no-facts"


def test_a_unit_opens_no_round(county):
    with pytest.raises(NotPermitted):
        actions.open_round(asked=Asked("quarterly-check", PERIOD, frozen().uuid), by=county.tang, at=NOW)


# The own unit and no other -------------------------------------------------------------------------------------------
def test_a_unit_sees_its_own_sheet_and_no_other(assessment, county):
    assert [each.facility_id for each in queries.sheets_visible_to(county.tang)] == [county.township.pk]
    with pytest.raises(NotVisible):
        queries.visible_sheet(county.tang, assessment.sheet(county.other_township).uuid)
    with pytest.raises(NotVisible):
        queries.visible_round(county.alma, assessment.round.uuid)
    with pytest.raises(NotVisible):
        queries.notice_of(county.tang, assessment.now())


def test_who_works_elsewhere_checks_nothing(assessment, county):
    item = assessment.item(county.township, "D2")
    for actor in (assessment.zhou, county.mei):
        with pytest.raises(NotPermitted):
            actions.claim_item(item=item, claims=[500, 500], words="", by=actor, at=NOW)


# Self-check ----------------------------------------------------------------------------------------------------------
def test_a_check_without_points_or_proof_is_not_taken(assessment, county):
    sheet = assessment.sheet(county.township)
    with pytest.raises(InvalidInput) as refused:
        actions.submit_sheet(sheet=sheet, by=county.tang, at=NOW)
    assert set(refused.value.fields) == {"D1", "D2"}

    actions.claim_item(
        item=assessment.item(county.township, "D1"), claims=[400, 300, 300], words="", by=county.tang, at=NOW
    )
    actions.claim_item(item=assessment.item(county.township, "D2"), claims=[500, 0], words="", by=county.tang, at=NOW)
    with pytest.raises(InvalidInput) as refused:
        actions.submit_sheet(sheet=sheet, by=county.tang, at=NOW)
    assert set(refused.value.fields) == {"D1"}
    assert assessment.item(county.township, "D2").claimed == 500


@pytest.mark.parametrize("claims", [[400, 300], [401, 0, 0], [-1, 0, 0], [1, 1, 1, 1]])
def test_claims_beyond_a_line_are_refused(assessment, county, claims):
    with pytest.raises(InvalidInput):
        actions.claim_item(item=assessment.item(county.township, "D1"), claims=claims, words="", by=county.tang, at=NOW)


def test_a_computed_item_is_not_claimed(assessment, county):
    with pytest.raises(Conflict) as refused:
        actions.claim_item(item=assessment.item(county.township, "A1"), claims=[], words="", by=county.tang, at=NOW)
    assert refused.value.code == "computed"


def test_proof_is_a_paper_or_picture_given_once(assessment, county):
    item = assessment.item(county.township, "D1")
    made = actions.add_evidence(item=item, content=io.BytesIO(PDF), name="记录.pdf", by=county.tang, at=NOW)
    with pytest.raises(Conflict):
        actions.add_evidence(item=item, content=io.BytesIO(PDF), name="又一份.pdf", by=county.tang, at=NOW)
    with pytest.raises(InvalidInput):
        actions.add_evidence(item=item, content=io.BytesIO(b"MZ\x90"), name="x.exe", by=county.tang, at=NOW)
    actions.withdraw_evidence(evidence=made, by=county.tang, at=NOW)
    with pytest.raises(Conflict):
        actions.withdraw_evidence(evidence=made, by=county.tang, at=NOW)
    actions.add_evidence(item=item, content=io.BytesIO(PDF), name="记录.pdf", by=county.tang, at=NOW)


def test_after_the_deadline_nothing_is_written_and_the_check_is_missed(assessment, county):
    late = NOW + timedelta(days=8)
    with pytest.raises(Conflict) as refused:
        actions.claim_item(
            item=assessment.item(county.township, "D1"), claims=[0, 0, 0], words="", by=county.tang, at=late
        )
    assert refused.value.code == "too-late"
    with pytest.raises(Conflict) as refused:
        actions.begin_review(of_round=assessment.round, by=county.mei, at=NOW)
    assert refused.value.code == "self-check-open"
    actions.begin_review(of_round=assessment.round, by=county.mei, at=late)
    assert assessment.sheet(county.township).status == SheetStatus.MISSED


# Review --------------------------------------------------------------------------------------------------------------
def test_nobody_judges_his_own_unit(assessment, county):
    assessment.checked()
    with pytest.raises(NotPermitted):
        actions.review_item(item=assessment.item(county.township, "D1"), points=1000, reason="", by=county.tang, at=NOW)


def test_somebody_of_another_unit_may_be_asked_to_review(assessment, county):
    sheet, zhou = assessment.checked().sheet(county.township), assessment.zhou
    for place, user in ((county.township.pk, county.tang.user_id), (county.other_township.pk, county.tang.user_id)):
        with pytest.raises(InvalidInput):
            actions.name_assessor(sheet=sheet, facility_id=place, user_id=user, by=county.mei, at=NOW)
    with pytest.raises(NotVisible):
        queries.visible_sheet(zhou, sheet.uuid)
    actions.name_assessor(
        sheet=sheet, facility_id=county.other_township.pk, user_id=zhou.user_id, by=county.mei, at=NOW
    )
    assert [each.pk for each in queries.to_review(zhou)] == [sheet.pk]
    assert [each.kind for each in waiting_for(zhou, at=NOW)] == ["evaluation-review"]
    assessment.review(county.township, zhou)
    assert assessment.sheet(county.township).status == SheetStatus.REVIEWED


def test_a_different_score_needs_a_reason_and_the_change_stays_on_record(assessment, county):
    assessment.checked()
    item = assessment.item(county.township, "D1")
    with pytest.raises(InvalidInput) as refused:
        actions.review_item(item=item, points=700, reason="", by=county.mei, at=NOW)
    assert set(refused.value.fields) == {"reason"}
    actions.review_item(item=item, points=700, reason="两个月无督导记录", by=county.mei, at=NOW)
    actions.review_item(item=item, points=800, reason="补到一份记录", by=county.mei, at=NOW)
    found = ScoreChange.objects.filter(item=item).values_list("was", "became", "reason")
    assert list(found) == [(None, 700, "两个月无督导记录"), (700, 800, "补到一份记录")]
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreChange.objects.filter(item=item).update(became=1000)
    with pytest.raises(InvalidInput):
        actions.review_item(item=item, points=1001, reason="太多", by=county.mei, at=NOW)


def test_an_item_without_data_is_left_out_by_a_reviewer_with_a_reason_only(assessment, county):
    assessment.checked()
    held = assessment.item(county.other_township, "C1")
    with pytest.raises(InvalidInput):
        actions.review_item(item=held, points=None, reason="", by=county.mei, at=NOW)
    with pytest.raises(InvalidInput):
        actions.review_item(
            item=assessment.item(county.township, "A1"), points=None, reason="不想算", by=county.mei, at=NOW
        )
    with pytest.raises(InvalidInput) as refused:
        actions.finish_review(sheet=assessment.sheet(county.other_township), by=county.mei, at=NOW)
    assert "C1" in refused.value.fields
    with pytest.raises(InvalidInput):
        actions.review_item(
            item=assessment.item(county.township, "D1"), points=None, reason="不想看", by=county.mei, at=NOW
        )
    actions.review_item(item=held, points=None, reason="本季停诊", by=county.mei, at=NOW)
    assert assessment.item(county.other_township, "C1").basis == Basis.NO_DATA_LEFT_OUT


def test_a_second_reviewer_learns_that_the_item_changed(assessment, county):
    assessment.checked()
    item = assessment.item(county.township, "D2")
    actions.review_item(item=item, points=900, reason="少一项", revision=item.revision, by=county.mei, at=NOW)
    with pytest.raises(Conflict) as refused:
        actions.review_item(item=item, points=800, reason="少两项", revision=item.revision, by=assessment.gao, at=NOW)
    assert refused.value.code == "stale-item"


def test_an_item_judged_by_too_few_may_be_left_out_too(county):
    few = frozen(cells={"370403101": SHAGOU | {"p11-hypertension-standard": (50.0, 4)}, "370403102": SHAGOU})
    opened = actions.open_round(asked=Asked("quarterly-check", PERIOD, few.uuid), by=county.mei, at=NOW)
    sheet = opened.sheets.get(facility=county.township)
    held = sheet.items.get(code="B1")
    assert (held.basis, held.figure["v"], held.figure["why"]) == (Basis.HELD, 50.0, "small")
    actions.begin_review(of_round=opened, by=county.mei, at=NOW + timedelta(days=8))
    actions.review_item(item=held, points=None, reason="仅4人", by=county.mei, at=NOW + timedelta(days=8))
    held.refresh_from_db()
    assert held.basis == Basis.NO_DATA_LEFT_OUT


# Results, appeals, notice --------------------------------------------------------------------------------------------
def test_the_totals_are_those_of_the_plan(assessment, county):
    assessment.told()
    assert assessment.sheet(county.township).points == 8641  # 79.50 of 92
    assert not_computed_again(assessment.now(), as_kept(assessment.now().plan)) == []


def test_a_figure_that_was_touched_is_found(assessment):
    SnapshotFigure.objects.filter(slug="p05-fulfilment").update(cells={"370403101": {"v": 90.0, "d": 120}})
    found = not_computed_again(assessment.now(), as_kept(assessment.now().plan))
    assert sorted(found) == sorted(["沙沟镇卫生院 A1", "周营镇卫生院 A1"])


def test_an_appeal_is_decided_by_somebody_else(assessment, county):
    item = assessment.told().item(county.township, "A1")
    appeal = actions.raise_appeal(item=item, wanted=900, reason="三份履约记录未计入", by=county.tang, at=NOW)
    with pytest.raises(Conflict):
        actions.raise_appeal(item=item, wanted=900, reason="再来一次", by=county.tang, at=NOW)
    with pytest.raises(Conflict) as refused:
        actions.confirm_sheet(sheet=assessment.sheet(county.township), by=county.tang, at=NOW)
    assert refused.value.code == "appeal-open"
    with pytest.raises(NotPermitted):
        actions.decide_appeal(appeal=appeal, uphold=True, points=900, answer="同意", by=county.tang, at=NOW)
    actions.decide_appeal(appeal=appeal, uphold=True, points=720, answer="补计两份", by=assessment.gao, at=NOW)
    assert (assessment.item(county.township, "A1").points, assessment.item(county.township, "A1").basis) == (
        720, Basis.APPEALED
    )  # fmt: skip
    with pytest.raises(Conflict):
        actions.decide_appeal(appeal=appeal, uphold=False, answer="又不同意", by=assessment.gao, at=NOW)
    assert AuditRecord.objects.filter(event="evaluation.appeal-decided").count() == 1


def test_who_gave_the_points_does_not_decide_the_appeal(assessment, county):
    item = assessment.told().item(county.township, "D2")
    appeal = actions.raise_appeal(item=item, wanted=0, reason="试试", by=county.tang, at=NOW)
    with pytest.raises(NotPermitted) as refused:
        actions.decide_appeal(appeal=appeal, uphold=False, answer="不成立", by=county.mei, at=NOW)
    assert refused.value.code == "own-review"
    actions.decide_appeal(appeal=appeal, uphold=False, answer="现场核实无误", by=assessment.gao, at=NOW)
    assert Appeal.objects.get(pk=appeal.pk).status == AppealStatus.REJECTED
    assert assessment.item(county.township, "D2").points == 1000


def test_who_upheld_an_appeal_does_not_decide_the_objection_to_its_points(assessment, county):
    item = assessment.told().item(county.township, "A1")
    appeal = actions.raise_appeal(item=item, wanted=900, reason="漏计", by=county.tang, at=NOW)
    actions.decide_appeal(appeal=appeal, uphold=True, points=720, answer="补计两份", by=assessment.gao, at=NOW)
    later = NOW + timedelta(days=6)
    actions.publish_round(
        of_round=assessment.round, document_number="薛卫健〔2026〕31号", issued_by="区医共体办公室",
        objection_until=later + timedelta(days=5), by=county.mei, at=later,
    )  # fmt: skip
    item = assessment.item(county.township, "A1")
    objection = actions.raise_appeal(item=item, wanted=900, reason="仍漏计", by=county.tang, at=later)

    with pytest.raises(NotPermitted) as refused:
        actions.decide_appeal(appeal=objection, uphold=False, answer="不成立", by=assessment.gao, at=later)

    assert refused.value.code == "own-points"
    assert objection not in queries.open_appeals(assessment.gao)
    other = county.actor(county.user("lu", "bureau-officer", county.bureau, name="路", everywhere=True))
    assert queries.open_appeals(other) == [objection]
    actions.decide_appeal(appeal=objection, uphold=False, answer="不成立", by=other, at=later)


def test_after_the_time_no_appeal_is_taken(assessment, county):
    item = assessment.told().item(county.township, "A1")
    with pytest.raises(Conflict) as refused:
        actions.raise_appeal(item=item, wanted=0, reason="迟了", by=county.tang, at=NOW + timedelta(days=6))
    assert refused.value.code == "too-late"


def test_a_notice_waits_for_appeals_and_for_the_time(assessment, county):
    assessment.told()
    words = {"document_number": "薛卫健〔2026〕31号", "issued_by": "区医共体办公室"}
    with pytest.raises(Conflict) as refused:
        actions.publish_round(of_round=assessment.round, **words, by=county.mei, at=NOW)
    assert refused.value.code == "appeal-time"
    item = assessment.item(county.township, "A1")
    appeal = actions.raise_appeal(item=item, wanted=900, reason="漏计", by=county.tang, at=NOW)
    late = NOW + timedelta(days=6)
    with pytest.raises(Conflict) as refused:
        actions.publish_round(of_round=assessment.round, **words, by=county.mei, at=late)
    assert refused.value.code == "appeal-open"
    actions.decide_appeal(appeal=appeal, uphold=False, answer="无误", by=assessment.gao, at=late)
    notice = actions.publish_round(of_round=assessment.round, **words, by=county.mei, at=late)
    assert [(each["name"], each["place"]) for each in notice.lines] == [("沙沟镇卫生院", 1), ("周营镇卫生院", 2)]
    assert queries.notice_of(county.tang, assessment.now()).pk == notice.pk


def test_a_unit_sees_reviewed_points_when_results_are_told(assessment, county):
    sheet = assessment.checked().sheet(county.township)
    assert not queries.is_told(county.tang, assessment.now(), sheet)
    assert queries.is_told(county.mei, assessment.now(), sheet)


def test_an_objection_upheld_leads_to_a_corrected_notice(assessment, county):
    assessment.published()
    with pytest.raises(Conflict) as refused:
        actions.close_round(of_round=assessment.round, by=county.mei, at=NOW)
    assert refused.value.code == "objection-time"
    item = assessment.item(county.other_township, "D1")
    appeal = actions.raise_appeal(item=item, wanted=1000, reason="公示材料后补", by=assessment.zhou, at=NOW)
    assert appeal.is_objection
    later = NOW + timedelta(days=6)
    with pytest.raises(Conflict):
        actions.close_round(of_round=assessment.round, by=county.mei, at=later)
    actions.decide_appeal(appeal=appeal, uphold=True, points=1000, answer="材料属实", by=assessment.gao, at=later)
    with pytest.raises(Conflict) as refused:
        actions.close_round(of_round=assessment.round, by=county.mei, at=later)
    assert refused.value.code == "notice-differs"
    words = {"document_number": "薛卫健〔2026〕33号", "reason": "周营镇卫生院异议成立"}
    second = actions.correct_notice(of_round=assessment.round, **words, by=county.mei, at=later)
    assert second.revision == 2
    assert Publication.objects.get(round=assessment.round, revision=1).lines != second.lines
    with pytest.raises(Conflict):
        actions.correct_notice(of_round=assessment.round, **words, by=county.mei, at=later)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM evaluations_publication")
    actions.close_round(of_round=assessment.round, by=county.mei, at=later)
    assert assessment.now().status == RoundStatus.CLOSED


def test_a_round_is_given_up_before_it_is_published_only(assessment, county):
    assessment.published()
    with pytest.raises(TransitionNotAllowed):
        actions.cancel_round(of_round=assessment.round, reason="方案有误", by=county.mei, at=NOW)


def test_what_waits_stands_on_the_workbench(assessment, county):
    assert [(each.kind, each.due_at) for each in waiting_for(county.tang, at=NOW)] == [
        ("evaluation", assessment.now().self_check_until)
    ]
    assessment.checked()
    assert [each.kind for each in waiting_for(county.mei, at=NOW)] == ["evaluation-review"] * 2
    for each in (county.township, county.other_township):
        assessment.review(each, county.mei)
    actions.tell_results(of_round=assessment.round, by=county.mei, at=NOW)
    assert [each.kind for each in waiting_for(county.tang, at=NOW)] == ["evaluation"]
    actions.raise_appeal(item=assessment.item(county.township, "A1"), wanted=900, reason="漏计", by=county.tang, at=NOW)
    assert [each.kind for each in waiting_for(assessment.gao, at=NOW)] == ["evaluation-appeal"]
    assert waiting_for(county.alma, at=NOW) == []
