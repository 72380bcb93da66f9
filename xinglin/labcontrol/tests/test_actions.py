"""Runs, losses of control and what they block, through the database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.labcontrol import a_loss, a_material, a_run, an_assay, an_instrument, at_z
from xinglin.labcontrol import actions
from xinglin.labcontrol.data import GivenValue, Verdict
from xinglin.labcontrol.models import Assay, ControlResult, ControlRun, ControlValue
from xinglin.labcontrol.states import Status
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted
from xinglin.platform.models import AuditRecord

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("code", ["hs-tnt", "no name", ""])
def test_a_code_nobody_defined_is_refused(county: County, code: str) -> None:
    """A mistyped code would hold nothing back."""
    with pytest.raises(InvalidInput):
        actions.add_assay(instrument=an_instrument(county), analyte=code, by=county.he, at=NOW)


def test_results_keep_the_version_of_the_rules_that_judged_them(county: County) -> None:
    a_run(county, an_assay(county))

    assert ControlResult.objects.get().judged_by == "westgard-basic@2026-11-01"
