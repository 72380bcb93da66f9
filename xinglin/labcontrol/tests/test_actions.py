"""Runs, losses of control and what they block, through the database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.labcontrol import a_loss, a_material, a_run, an_assay, an_instrument, at_z
from xinglin.labcontrol import actions
from xinglin.labcontrol.api import blocks_release, suspect_window
from xinglin.labcontrol.data import GivenValue, ReleaseBlock, Verdict
from xinglin.labcontrol.models import Assay, ControlResult, ControlRun, ControlValue, OutOfControl
from xinglin.labcontrol.states import BLOCKING, Status
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord, OutboxEvent

pytestmark = pytest.mark.django_db


class Centre:
    """As much of a centre as control knows."""

    def __init__(self, facility_id: int) -> None:
        self.facility_id = facility_id


def release(county: County, assay: Assay, at: object) -> ReleaseBlock:
    return blocks_release(Centre(county.hospital.pk), assay.instrument.uuid, assay.analyte, at)  # type: ignore[arg-type]


# Runs ------------------------------------------------------------------------------------------------------------------
def test_a_run_is_kept_with_its_values_and_judged(county: County) -> None:
    assay = an_assay(county)

    run = a_run(county, assay, {"1": 2.2, "2": 0.1})

    result = run.results.get()
    assert (result.verdict, [each["code"] for each in result.broken]) == (Verdict.WARNING, ["1-2s"])
    assert {(v.level, v.value, v.z) for v in result.values.all()} == {
        ("1", Decimal("4.22"), Decimal("2.2")), ("2", Decimal("6.015"), Decimal("0.1")),
    }  # fmt: skip
    assert AuditRecord.objects.filter(event="control.run-recorded", object_key=str(run.uuid)).exists()


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ([], "values"),
        ([GivenValue("na", "1", Decimal(140))], "values.0"),
        ([GivenValue("k", "1", Decimal(4)), GivenValue("k", "3", Decimal(4))], "values.1"),
        ([GivenValue("k", "1", Decimal(4)), GivenValue("K", "1", Decimal(4))], "values.1"),
        ([GivenValue("k", "1", Decimal("NaN"))], "values.0"),
        ([GivenValue("k", "1", Decimal("4.0000001"))], "values.0"),
        ([GivenValue("k", "1", Decimal(4), lot="unknown")], "values.0"),
    ],
)
def test_one_bad_value_keeps_the_whole_run_out_and_says_where(
    county: County, values: list[GivenValue], place: str
) -> None:
    assay = an_assay(county)

    with pytest.raises(InvalidInput) as refusal:
        actions.record_run(instrument=assay.instrument, run_at=NOW, values=values, by=county.lin, at=NOW)

    assert list(refusal.value.fields) == [place]
    assert not ControlRun.objects.exists()


def test_the_same_moment_is_taken_once(county: County) -> None:
    assay = an_assay(county)
    a_run(county, assay)

    with pytest.raises(Conflict) as refusal:
        a_run(county, assay)

    assert refusal.value.code == "run-there"


def test_what_comes_late_is_refused_as_it_would_change_verdicts(county: County) -> None:
    assay = an_assay(county)
    a_run(county, assay)

    with pytest.raises(InvalidInput) as refusal:
        a_run(county, assay, at=NOW - timedelta(hours=1))

    assert "run_at" in refusal.value.fields


def test_a_run_of_tomorrow_is_refused(county: County) -> None:
    assay = an_assay(county)

    with pytest.raises(InvalidInput):
        actions.record_run(
            instrument=assay.instrument, run_at=later(days=1), values=at_z(assay, {"1": 0}), by=county.lin, at=NOW
        )


def test_an_expired_lot_is_not_measured(county: County) -> None:
    assay = an_assay(county)

    with pytest.raises(InvalidInput) as refusal:
        a_run(county, assay, at=later(days=500))

    assert "Q2601" in str(refusal.value.fields["values.0"])


def test_who_only_looks_or_works_elsewhere_enters_nothing(county: County) -> None:
    assay = an_assay(county)

    for stranger in (county.bo, county.tang):
        with pytest.raises(NotPermitted):
            actions.record_run(
                instrument=assay.instrument, run_at=NOW, values=at_z(assay, {"1": 0}), by=stranger, at=NOW
            )
    assert not ControlRun.objects.exists()


def test_the_count_goes_across_runs(county: County) -> None:
    assay = an_assay(county)
    for hours in range(4):
        a_run(county, assay, {"1": 0.5, "2": 0.4}, at=NOW + timedelta(hours=hours))

    run = a_run(county, assay, {"1": 0.5, "2": 0.4}, at=NOW + timedelta(hours=4))

    assert [each["code"] for each in run.results.get().broken] == ["10-x"]


def test_a_new_lot_begins_the_count_anew(county: County) -> None:
    assay = an_assay(county, levels="1")
    a_run(county, assay, {"1": 2.2})
    actions.set_target(
        assay=assay, material=a_material(county, lot="Q2602"), mean=Decimal("4.00"), sd=Decimal("0.10"), by=county.he,
        at=later(1),
    )  # fmt: skip

    run = a_run(county, assay, {"1": 2.2}, at=later(2))

    assert [each["code"] for each in run.results.get().broken] == ["1-2s"]


# Targets ---------------------------------------------------------------------------------------------------------------
def test_a_lot_in_parallel_is_measured_and_judges_nothing(county: County) -> None:
    assay = an_assay(county, levels="1")
    actions.set_target(
        assay=assay, material=a_material(county, lot="Q2602"), mean=None, sd=None, begins=False, by=county.he, at=NOW
    )

    run = actions.record_run(
        instrument=assay.instrument, run_at=NOW, by=county.lin, at=NOW,
        values=[GivenValue("k", "1", Decimal("4.01")), GivenValue("k", "1", Decimal("9.9"), lot="Q2602")],
    )  # fmt: skip

    assert run.results.get().verdict == Verdict.IN
    assert dict(ControlValue.objects.values_list("target__material__lot", "counts")) == {"Q2601": True, "Q2602": False}


def test_a_run_of_parallel_lots_alone_neither_frees_nor_blocks(county: County) -> None:
    loss = a_loss(county, status=Status.ACTED)
    material = a_material(county, lot="Q2602")
    actions.set_target(assay=loss.assay, material=material, mean=None, sd=None, begins=False, by=county.he, at=NOW)

    run = actions.record_run(
        instrument=loss.assay.instrument, run_at=later(5), by=county.lin, at=later(5),
        values=[GivenValue("k", "1", Decimal("4.0"), lot="Q2602")],
    )  # fmt: skip

    loss.refresh_from_db()
    assert (run.results.get().verdict, loss.status) == (Verdict.TRIAL, Status.ACTED)


def twenty(county: County, assay: Assay, lot: str, *, odd: Decimal | None = None) -> None:
    for day in range(20):
        value = odd if odd is not None and day == 7 else Decimal("4.1") + Decimal(day % 5) / 100
        at = NOW + timedelta(days=day)
        actions.record_run(
            instrument=assay.instrument, run_at=at, values=[GivenValue("k", "1", value, lot=lot)], by=county.lin, at=at
        )


def test_a_target_is_computed_from_twenty_own_results_without_the_outliers_named(county: County) -> None:
    assay, material = an_assay(county, levels=""), a_material(county)
    actions.set_target(assay=assay, material=material, mean=None, sd=None, begins=False, by=county.he, at=NOW)
    twenty(county, assay, "Q2601", odd=Decimal("5.9"))
    odd = [row.pk for row in actions.own_values(assay, material) if row.value > 5]

    with pytest.raises(InvalidInput) as refusal:
        actions.compute_target(assay=assay, material=material, left_out=odd, by=county.he, at=later(days=21))
    assert "19" in str(refusal.value.fields["left_out"])
    at = later(days=20)
    actions.record_run(
        instrument=assay.instrument, run_at=at, values=[GivenValue("k", "1", Decimal("4.12"))], by=county.lin, at=at
    )
    target = actions.compute_target(assay=assay, material=material, left_out=odd, by=county.he, at=later(days=21))

    assert (target.n_values, target.version, target.left_out) == (20, 2, ["5.9"])
    assert Decimal("4.11") < target.mean < Decimal("4.13")  # type: ignore[operator]
    assert target.begun_at is not None


def test_a_target_that_begins_ends_the_former_lot_of_its_level(county: County) -> None:
    assay = an_assay(county)
    former = assay.targets.get(material__level="1")
    new = actions.set_target(
        assay=assay, material=a_material(county, lot="Q2602"), mean=Decimal(4), sd=Decimal("0.1"), begins=False,
        by=county.he, at=NOW,
    )  # fmt: skip
    former.refresh_from_db()
    assert former.ended_at is None

    actions.begin_target(target=new, by=county.he, at=later(1))

    former.refresh_from_db()
    assert former.ended_at == later(1)
    assert assay.targets.filter(ended_at__isnull=True).count() == 2
    with pytest.raises(Conflict):
        actions.begin_target(target=new, by=county.he, at=later(2))


@pytest.mark.parametrize(("mean", "sd"), [(Decimal(4), None), (Decimal(4), Decimal(0)), (None, None)])
def test_half_a_target_does_not_begin(county: County, mean: Decimal | None, sd: Decimal | None) -> None:
    assay = an_assay(county, levels="")

    with pytest.raises(InvalidInput):
        actions.set_target(assay=assay, material=a_material(county), mean=mean, sd=sd, by=county.he, at=NOW)


def test_a_technician_sets_no_target(county: County) -> None:
    assay = an_assay(county, levels="")

    with pytest.raises(NotPermitted):
        actions.set_target(
            assay=assay, material=a_material(county), mean=Decimal(4), sd=Decimal("0.1"), by=county.lin, at=NOW
        )


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


# Materials and assays --------------------------------------------------------------------------------------------------
def test_a_retired_lot_takes_its_targets_with_it(county: County) -> None:
    assay = an_assay(county)

    actions.retire_material(material=a_material(county), by=county.lin, at=NOW)

    assert set(assay.targets.filter(ended_at__isnull=True).values_list("material__level", flat=True)) == {"2"}


def test_an_assay_and_a_material_are_there_once(county: County) -> None:
    assay = an_assay(county)

    with pytest.raises(Conflict):
        actions.add_assay(instrument=assay.instrument, analyte="K", by=county.he, at=NOW)
    with pytest.raises(Conflict):
        actions.add_material(
            facility_id=county.hospital.pk, maker="伯乐", name="x", lot="Q2601", level="1",
            expires_on=date(2027, 1, 1), by=county.lin, at=NOW,
        )  # fmt: skip


def test_a_code_nobody_defined_is_taken_with_its_title(county: County) -> None:
    assay = actions.add_assay(
        instrument=an_instrument(county), analyte="hs-TnT", title="高敏肌钙蛋白T", unit="ng/L", by=county.he, at=NOW
    )

    assert (assay.analyte, assay.title) == ("hs-tnt", "高敏肌钙蛋白T")
    with pytest.raises(InvalidInput):
        actions.add_assay(instrument=assay.instrument, analyte="no name", by=county.he, at=NOW)


def test_results_keep_the_version_of_the_rules_that_judged_them(county: County) -> None:
    a_run(county, an_assay(county))

    assert ControlResult.objects.get().judged_by == "westgard-basic@2026-11-01"
