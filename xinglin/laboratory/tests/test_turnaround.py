"""Turnaround by stage and unit, as the database computes it."""

import pytest

from tests.factories.county import County, later
from tests.factories.laboratory import ELECTROLYTES, a_laboratory, li, measured, received, released, sent, specimens_of
from xinglin.laboratory import actions
from xinglin.laboratory.turnaround import turnaround

pytestmark = pytest.mark.django_db


def test_medians_by_stage_and_unit_and_what_was_refused(county: County):
    released(county)
    quick = received(county)
    actions.take_results(
        request=quick, measured=measured(ELECTROLYTES), source="ORU", source_key="lis 1", by=li(county), at=later(90)
    )
    (clotted,) = specimens_of(sent(county))
    actions.refuse_specimen(specimen=clotted, reason="CLOTTED", by=li(county), at=later(60))

    found = turnaround([a_laboratory(county).pk], since=later(-60), until=later(600))

    stages = {each.stage: (each.n, each.median) for each in found.figures}
    assert stages == {
        "collect": (2, 5.0), "receive": (2, 55.0), "result": (2, 45.0), "release": (2, 15.0), "centre": (2, 60.0),
        "whole": (2, 120.0),
    }  # fmt: skip
    assert (found.n, found.n_refused, found.refusals) == (3, 1, (("CLOTTED", 1),))
    assert (found.n_released, found.n_by_rules, found.share_by_rules) == (2, 1, 0.5)
    assert [(unit.name, unit.n) for unit in found.units] == [("东沟村卫生室", 3)]


def test_nothing_measured_is_none_and_not_zero(county: County):
    found = turnaround([a_laboratory(county).pk], since=later(-60), until=later(600))

    assert {each.median for each in found.figures} == {None}
    assert found.share_in_time is None


def test_queries_stay_as_many(county: County, django_assert_num_queries):
    released(county)
    centre = a_laboratory(county).pk
    with django_assert_num_queries(4):
        turnaround([centre], since=later(-60), until=later(600))
    released(county)
    with django_assert_num_queries(4):
        turnaround([centre], since=later(-60), until=later(600))
