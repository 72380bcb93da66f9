"""Funds from a closed round: approved by a second person, published once, replaced and never changed."""

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from tests.factories.accounts import sign_in
from tests.factories.county import NOW
from tests.factories.evaluations import Assessment
from tests.factories.figures import PatientClient
from tests.factories.network import merge
from xinglin.evaluations import actions, sharing
from xinglin.evaluations.api import waiting_for
from xinglin.evaluations.models import Distribution, DistributionLine, Sheet
from xinglin.evaluations.states import FundStatus
from xinglin.indicators.models import SnapshotFigure
from xinglin.network.models import Facility
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible

pytestmark = pytest.mark.django_db
GIVEN = {"amount": 100_000_001}


@pytest.fixture
def closed(county):
    assessment = Assessment(county).closed()
    residents = {"370403101": {"v": 50.0, "n": 15_000, "d": 30_000}, "370403102": {"v": 50.0, "n": 9_000, "d": 18_000}}
    people = {"370403101": {"v": 1200.0, "n": 1200}, "370403102": {"v": 800.0, "n": 800}}
    clinics = {str(county.clinic.pk): {"v": 450.0, "n": 450}, str(county.other_clinic.pk): {"v": 200.0, "n": 200}}
    for slug, level, cells in (
        ("p01-contract-coverage", "township", residents), ("p16b-managed-persons", "township", people),
        ("p16b-managed-persons", "facility", clinics),
    ):  # fmt: skip
        SnapshotFigure.objects.create(snapshot=assessment.round.snapshot, slug=slug, level=level, cells=cells)
    return assessment


def drafted(closed, slug="public-health", given=GIVEN, **more):
    return actions.draft_fund(slug=slug, of_round=closed.now(), given=given, by=closed.county.mei, at=NOW, **more)


def published(closed, made):
    actions.submit_fund(distribution=made, by=closed.county.mei, at=NOW)
    actions.approve_fund(distribution=made, by=closed.gao, at=NOW)
    return actions.publish_fund(
        distribution=made, document_number="薛财社〔2026〕12号", issued_by="区财政局", by=closed.county.mei, at=NOW
    )


def test_the_lines_add_up_to_the_pool_and_say_why(closed, county):
    made = drafted(closed)
    lines = list(made.lines.order_by("id"))
    assert sum(each.fen for each in lines) == made.pool_fen == 100_000_001
    basic = {each.name: each.fen for each in lines if each.part == "basic"}
    assert basic == {"沙沟镇卫生院": 43_750_001, "周营镇卫生院": 26_250_000}
    (performance,) = [each for each in lines if each.part == "performance" and each.facility_id == county.township.pk]
    assert [(each["kind"], each["value"]) for each in performance.factors] == [("figure", "30000"), ("score", "0.8641")]


def test_a_clinic_has_the_score_of_the_unit_that_manages_it(closed, county):
    made = drafted(closed, "surplus-retained", {"budget": 10**10, "spent": 10**10 - 10**8})
    lines = {each.facility_id: each for each in made.lines.filter(part="village")}
    assert lines[county.clinic.pk].factors[0]["why"] == "capped"
    assert lines[county.clinic.pk].factors[1]["of"] == "沙沟镇卫生院"
    assert (lines[county.sibling.pk].fen, lines[county.sibling.pk].factors[0]["why"]) == (0, "no-data")
    assert sum(each.fen for each in made.lines.all()) == 10**8


def a_centre(county, **more):
    """A community centre in the township of 沙沟镇卫生院."""
    return Facility.objects.create(
        code="S01", name="沙沟社区卫生服务中心", kind="COMMUNITY_CENTRE", tier="TOWNSHIP", division=county.township_division,
        status_changed_at=NOW, latitude=34.8, longitude=117.2, **more,
    )  # fmt: skip


def residents_at(closed, cells):
    SnapshotFigure.objects.create(
        snapshot=closed.round.snapshot, slug="p01-contract-coverage", level="facility",
        cells={str(facility.pk): {"v": 50.0, "n": n // 2, "d": n} for facility, n in cells.items()},
    )  # fmt: skip


def basic_of(made):
    """Of each unit the figure it was weighed by."""
    return {each.name: each.factors[0]["value"] for each in made.lines.filter(part="basic")}


def judged_too(closed, unit):
    """A unit that was in the round like the others."""
    Sheet.objects.create(
        round=closed.round, facility=unit, kind=unit.kind, name=unit.name, units={}, points=8_000, status_changed_at=NOW
    )


def test_two_units_of_a_township_share_its_figure_by_what_each_manages(closed, county):
    centre = a_centre(county)
    judged_too(closed, centre)
    own = {county.township: 8_000, county.clinic: 10_000, county.sibling: 4_000, centre: 8_000}
    residents_at(closed, own | {county.other_township: 18_000})

    assert basic_of(drafted(closed)) == {
        "沙沟镇卫生院": "22000", "沙沟社区卫生服务中心": "8000", "周营镇卫生院": "18000",
    }  # fmt: skip


def test_who_is_not_in_the_round_keeps_his_part_of_a_township_and_gets_nothing(closed, county):
    own = {county.township: 8_000, county.clinic: 10_000, county.sibling: 4_000, a_centre(county): 8_000}
    residents_at(closed, own | {county.other_township: 18_000})

    assert basic_of(drafted(closed)) == {"沙沟镇卫生院": "22000", "周营镇卫生院": "18000"}


def test_a_unit_that_took_over_one_of_the_round_takes_part_for_it(closed, county):
    heir = a_centre(county)
    residents_at(closed, {county.township: 30_000, county.other_township: 18_000})
    merge(county.other_township, heir)

    made = drafted(closed)

    assert set(basic_of(made)) == {"沙沟镇卫生院", "沙沟社区卫生服务中心"}
    assert sharing.gaps_of(list(made.lines.all())).unscored == ["沙沟社区卫生服务中心"]


def test_units_whose_shared_figure_cannot_be_parted_are_named(closed, county):
    a_centre(county)
    with pytest.raises(Conflict, match="沙沟社区卫生服务中心、沙沟镇卫生院") as refused:
        drafted(closed)
    assert refused.value.code == "shared-figure"


def test_the_people_of_a_township_whose_unit_was_merged_are_of_the_unit_that_took_it_over(closed, county):
    residents_at(closed, {county.township: 30_000, county.other_township: 6_000, county.other_clinic: 12_000})
    merge(county.other_township, county.township)

    assert basic_of(drafted(closed)) == {"沙沟镇卫生院": "48000"}


def test_an_overrun_takes_nothing_from_anybody(closed):
    with pytest.raises(Conflict) as refused:
        drafted(closed, "surplus-retained", {"budget": 100, "spent": 200})
    assert refused.value.code == "overrun"
    assert not Distribution.objects.exists()


@pytest.mark.parametrize("given", [{}, {"amount": 0}, {"amount": -5}, {"amount": 10**14}, {"budget": 5, "spent": 4}])
def test_amounts_are_asked_for(closed, given):
    with pytest.raises(InvalidInput):
        drafted(closed, given=given)


def test_a_missing_figure_is_said(closed):
    SnapshotFigure.objects.filter(slug="p01-contract-coverage").update(cells={})
    with pytest.raises(Conflict) as refused:
        drafted(closed)
    assert refused.value.code == "no-figure"


def test_only_a_closed_round_gives_scores(county):
    assessment = Assessment(county).published()
    with pytest.raises(Conflict) as refused:
        drafted(assessment)
    assert refused.value.code == "round-not-closed"


def test_who_worked_it_out_does_not_approve_it(closed, county):
    made = drafted(closed)
    actions.submit_fund(distribution=made, by=county.mei, at=NOW)
    with pytest.raises(NotPermitted) as refused:
        actions.approve_fund(distribution=made, by=county.mei, at=NOW)
    assert refused.value.code == "own-work"
    assert [each.kind for each in waiting_for(closed.gao, at=NOW)] == ["fund-approval"]
    assert waiting_for(county.mei, at=NOW) == []
    with pytest.raises(NotPermitted):
        actions.approve_fund(distribution=made, by=county.tang, at=NOW)
    made.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        Distribution.objects.filter(pk=made.pk).update(approved_at=NOW, approved_by=made.made_by)


def test_whoever_approves_is_told_which_units_have_no_score_or_no_figure(closed, county):
    whole = drafted(closed)
    Sheet.objects.filter(pk=closed.sheet(county.township).pk).update(points=None)
    made = drafted(closed, "surplus-retained", {"budget": 10**10, "spent": 10**10 - 10**8})
    actions.submit_fund(distribution=made, by=county.mei, at=NOW)
    assert closed.gao

    gaps = sharing.gaps_of(list(made.lines.all()))
    page = sign_in(PatientClient(), county.users["gao"]).get(f"/evaluations/funds/{made.uuid}/").content.decode()

    assert not sharing.gaps_of(list(whole.lines.all()))
    assert "沙沟镇卫生院" in gaps.unscored
    assert county.sibling.name in gaps.unknown
    assert f"{gaps.n}个单位中有{len(gaps.unscored)}个没有考核得分" in page


def test_sent_back_with_a_reason_it_is_a_draft_again(closed, county):
    made = drafted(closed)
    actions.submit_fund(distribution=made, by=county.mei, at=NOW)
    with pytest.raises(InvalidInput):
        actions.send_back_fund(distribution=made, reason="", by=closed.gao, at=NOW)
    assert (
        actions.send_back_fund(distribution=made, reason="核对人口", by=closed.gao, at=NOW).status == FundStatus.DRAFT
    )
    actions.drop_fund(distribution=made, reason="重新测算", by=county.mei, at=NOW)
    with pytest.raises(Conflict):
        actions.submit_fund(distribution=made, by=county.mei, at=NOW)


def test_published_amounts_are_replaced_and_never_changed(closed, county):
    first = published(closed, drafted(closed))
    with pytest.raises(IntegrityError), transaction.atomic():
        DistributionLine.objects.filter(distribution=first).update(fen=0)
    with pytest.raises(Conflict) as refused:
        published(closed, drafted(closed))
    assert refused.value.code == "published"

    with pytest.raises(InvalidInput):
        drafted(closed, given={"amount": 90_000_000}, replaces=first)
    second = drafted(closed, given={"amount": 90_000_000}, replaces=first, reason="上级补助核减")
    with pytest.raises(Conflict) as refused:
        drafted(closed, given={"amount": 80_000_000}, replaces=first, reason="再减")
    assert refused.value.code == "being-replaced"
    published(closed, second)
    first.refresh_from_db()
    assert (first.status, first.pool_fen) == (FundStatus.REPLACED, 100_000_001)
    assert sharing.visible_distribution(county.tang, first.uuid).replaced_by.get().number == second.number


def test_a_unit_sees_its_own_lines_once_they_are_published(closed, county):
    made = drafted(closed)
    with pytest.raises(NotVisible):
        sharing.visible_distribution(county.tang, made.uuid)
    published(closed, made)
    found = sharing.visible_distribution(county.tang, made.uuid)
    assert {each.facility_id for each in sharing.lines_visible_to(county.tang, found)} == {county.township.pk}
    assert len(sharing.lines_visible_to(county.mei, found)) == 4
    with pytest.raises(NotVisible):
        sharing.visible_distribution(county.alma, made.uuid)
