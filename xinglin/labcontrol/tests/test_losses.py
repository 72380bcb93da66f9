"""Losses of control, and what is held because of them."""

from datetime import timedelta

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.labcontrol import a_loss, a_run, an_assay, an_instrument
from xinglin.labcontrol import actions
from xinglin.labcontrol.api import blocks_release, suspect_window
from xinglin.labcontrol.data import ReleaseBlock, Verdict
from xinglin.labcontrol.models import Assay, OutOfControl
from xinglin.labcontrol.states import BLOCKING, Status
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import OutboxEvent

pytestmark = pytest.mark.django_db


class Centre:
    """As much of a centre as control knows."""

    def __init__(self, facility_id: int) -> None:
        self.facility_id = facility_id


def release(county: County, assay: Assay, at: object) -> ReleaseBlock:
    return blocks_release(Centre(county.hospital.pk), assay.instrument.uuid, assay.analyte, at)  # type: ignore[arg-type]


# Losses of control -----------------------------------------------------------------------------------------------------
def test_a_value_beyond_3_sd_opens_a_loss_with_the_window_of_suspect_results(county: County) -> None:
    loss = a_loss(county)

    assert (loss.status, loss.rules_broken) == (Status.OPEN, ["1-3s"])
    window = suspect_window(loss.uuid)
    assert (window.since, window.until) == (NOW - timedelta(hours=8), NOW)
    detail = OutboxEvent.objects.get(event="control.lost").detail
    assert detail["suspect_from"] == (NOW - timedelta(hours=8)).isoformat()
    assert detail["analyte"] == "k"


@pytest.mark.parametrize("status", list(Status))
def test_results_are_held_until_control_is_shown_again(county: County, status: Status) -> None:
    loss = a_loss(county, status=status)

    found = release(county, loss.assay, later(10))

    assert bool(found) is (status in BLOCKING)
    assert found.code == ("out-of-control" if status in BLOCKING else "in-control")
    assert found.decision.allowed is not found.blocks


def test_repeating_until_it_fits_frees_nothing_without_cause_and_action(county: County) -> None:
    loss = a_loss(county)

    a_run(county, loss.assay, at=later(1))

    loss.refresh_from_db()
    assert loss.status == Status.OPEN
    assert release(county, loss.assay, later(2))


def test_the_repeat_must_measure_the_level_that_was_lost(county: County) -> None:
    loss = a_loss(county, status=Status.ACTED)

    a_run(county, loss.assay, {"2": 0.1}, at=later(5))

    loss.refresh_from_db()
    assert loss.status == Status.ACTED


def test_a_repeat_that_fails_leads_back_to_the_cause(county: County) -> None:
    loss = a_loss(county, status=Status.ACTED)

    a_run(county, loss.assay, {"1": 3.6, "2": 0.1}, at=later(5))

    loss.refresh_from_db()
    assert loss.status == Status.OPEN
    assert OutOfControl.objects.count() == 1
    assert release(county, loss.assay, later(6))


def test_what_was_lost_before_an_action_does_not_count_after_it(county: County) -> None:
    loss = a_loss(county, status=Status.ACTED)

    run = a_run(county, loss.assay, {"1": 2.2, "2": 0.1}, at=later(5))

    assert run.results.get().verdict == Verdict.WARNING
    loss.refresh_from_db()
    assert loss.status == Status.RETESTED


def test_who_handled_it_does_not_review_it(county: County) -> None:
    loss = a_loss(county, status=Status.OPEN)
    for action, code, more in (
        (actions.note_cause, "REAGENT", {}),
        (actions.note_action, "NEW_REAGENT", {"patients": "复查3份"}),
    ):
        action(loss=loss, code=code, text="试剂失效", by=county.he, at=later(1), **more)
    a_run(county, loss.assay, at=later(2))
    loss.refresh_from_db()

    with pytest.raises(NotPermitted) as refusal:
        actions.close_loss(loss=loss, by=county.he, at=later(3))

    assert refusal.value.code == "own-work"


def test_a_reviewer_who_disagrees_holds_the_results_again(county: County) -> None:
    loss = a_loss(county, status=Status.RETESTED)

    actions.send_back(loss=loss, reason="未说明为何只换试剂", by=county.he, at=later(10))

    assert release(county, loss.assay, later(11)).code == "out-of-control"
    with pytest.raises(Conflict):
        actions.close_loss(loss=loss, by=county.he, at=later(12))


@pytest.mark.parametrize("status", list(Status))
def test_each_step_is_possible_in_its_state_only(county: County, status: Status) -> None:
    loss = a_loss(county, status=status)
    tries = {
        Status.OPEN: lambda: actions.note_cause(loss=loss, code="REAGENT", text="x", by=county.lin, at=later(9)),
        Status.CAUSED: lambda: actions.note_action(
            loss=loss, code="REPAIR", text="x", patients="x", by=county.lin, at=later(9)
        ),
        Status.RETESTED: lambda: actions.close_loss(loss=loss, by=county.he, at=later(9)),
    }

    for wanted, attempt in tries.items():
        if wanted == status:
            continue
        with pytest.raises(Conflict):
            attempt()


@pytest.mark.parametrize("given", [{"code": "NOBODY", "text": "x"}, {"code": "REAGENT", "text": " "}])
def test_a_cause_is_coded_and_said(county: County, given: dict[str, str]) -> None:
    loss = a_loss(county)

    with pytest.raises(InvalidInput):
        actions.note_cause(loss=loss, by=county.lin, at=later(1), **given)


# Release ---------------------------------------------------------------------------------------------------------------
def test_an_analyte_nobody_controls_here_is_not_held(county: County) -> None:
    an_assay(county)

    assert blocks_release(Centre(county.hospital.pk), None, "crp", NOW).code == "not-controlled"
    assert not blocks_release(Centre(county.tcm.pk), None, "k", NOW)


def test_without_a_run_within_the_interval_results_are_held(county: County) -> None:
    assay = an_assay(county)
    assert release(county, assay, NOW).code == "no-run"
    a_run(county, assay)

    assert not release(county, assay, NOW + timedelta(hours=24))
    late = release(county, assay, NOW + timedelta(hours=24, minutes=1))
    assert (late.blocks, late.code) == (True, "overdue")


def test_a_level_that_was_left_out_is_missed(county: County) -> None:
    assay = an_assay(county)
    a_run(county, assay, {"1": 0.1})

    found = release(county, assay, later(1))

    assert found.blocks
    assert "水平2" in str(found.reason)


def test_an_instrument_may_only_warn_of_missing_runs_but_never_of_lost_control(county: County) -> None:
    assay = an_assay(county)
    actions.change_instrument(
        instrument=assay.instrument, rules="westgard-basic", only_warns=True, by=county.he, at=NOW
    )
    missing = release(county, assay, NOW)
    assert (missing.blocks, missing.warns) == (False, True)

    loss = a_loss(county, assay=assay, at=later(600))

    assert release(county, loss.assay, later(601)).blocks


def test_another_instrument_in_control_frees_the_analyte(county: County) -> None:
    loss = a_loss(county)
    spare = an_assay(county, instrument=an_instrument(county, name="备用仪"))
    a_run(county, spare, at=later(1))

    assert not blocks_release(Centre(county.hospital.pk), None, "k", later(2))
    assert blocks_release(Centre(county.hospital.pk), loss.assay.instrument.uuid, "k", later(2))


def test_the_state_of_many_assays_takes_as_many_queries_as_of_one(
    county: County, django_assert_num_queries: object
) -> None:
    from xinglin.labcontrol.releasing import states_of

    assays = [an_assay(county, analyte=code) for code in ("k", "na", "cl", "glu")]
    for number, assay in enumerate(assays):
        a_run(county, assay, at=later(number))

    with django_assert_num_queries(3):  # type: ignore[operator]
        states = states_of(assays, at=later(10))

    assert {each.code for each in states.values()} == {"in-control"}
