"""An analyser under control, its lots and targets, runs and losses of control, through the real actions."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.factories.county import NOW, START, County
from xinglin.labcontrol import actions
from xinglin.labcontrol.data import GivenSample, GivenValue
from xinglin.labcontrol.models import (
    Assay,
    ControlMaterial,
    ControlRun,
    EqaRound,
    EqaScheme,
    Instrument,
    OutOfControl,
)
from xinglin.labcontrol.states import Status

#: Mean and SD of potassium at the two levels of the factory's lot.
TARGETS = {"1": (Decimal("4.00"), Decimal("0.10")), "2": (Decimal("6.00"), Decimal("0.15"))}


def an_instrument(county: County, *, name: str = "生化分析仪", at: datetime = START, **fields: object) -> Instrument:
    """A chemistry analyser of the county hospital, made once for each name."""
    found = Instrument.objects.filter(name=name, facility=county.hospital).first()
    return found or actions.add_instrument(
        facility_id=county.hospital.pk, name=name, model="AU5800", serial="SN-1", by=county.he, at=at, **fields
    )  # type: ignore[arg-type]


def a_material(county: County, *, level: str = "1", lot: str = "Q2601", at: datetime = START) -> ControlMaterial:
    """A lot of control serum at one level, made once."""
    found = ControlMaterial.objects.filter(facility=county.hospital, lot=lot, level=level).first()
    return found or actions.add_material(
        facility_id=county.hospital.pk, maker="伯乐", name="生化质控血清", lot=lot, level=level,
        expires_on=date(2027, 12, 31), by=county.lin, at=at,
    )  # fmt: skip


def an_assay(
    county: County,
    *,
    analyte: str = "k",
    instrument: Instrument | None = None,
    levels: str = "12",
    at: datetime = START,
) -> Assay:
    """Potassium under control with a target for each level."""
    assay = actions.add_assay(
        instrument=instrument or an_instrument(county), analyte=analyte, interval_hours=24, by=county.he, at=at
    )
    for level in levels:
        mean, sd = TARGETS[level]
        actions.set_target(assay=assay, material=a_material(county, level=level), mean=mean, sd=sd, by=county.he, at=at)
    return assay


def at_z(assay: Assay, zs: Mapping[str, float]) -> list[GivenValue]:
    """Values that lie so many SDs from the mean of each level."""
    return [
        GivenValue(assay.analyte, level, mean + Decimal(str(z)) * sd)
        for level, z in zs.items()
        for mean, sd in (TARGETS[level],)
    ]


def a_run(county: County, assay: Assay, zs: Mapping[str, float] | None = None, *, at: datetime = NOW) -> ControlRun:
    """A run with the given distances from the mean; in control unless told otherwise."""
    return actions.record_run(
        instrument=assay.instrument, run_at=at, values=at_z(assay, zs or {"1": 0.3, "2": -0.4}), by=county.lin, at=at
    )


def a_loss(
    county: County, *, status: Status = Status.OPEN, assay: Assay | None = None, at: datetime = NOW
) -> OutOfControl:
    """Control lost by 1-3s at `at`, and what followed, a minute a step."""
    assay = assay or an_assay(county)
    a_run(county, assay, at=at - timedelta(hours=8))
    a_run(county, assay, {"1": 3.4, "2": 0.2}, at=at)
    loss = OutOfControl.objects.get(assay=assay, opened_at=at)
    steps = [Status.OPEN, Status.CAUSED, Status.ACTED, Status.RETESTED, Status.CLOSED]
    for number, step in enumerate(steps[1 : steps.index(status) + 1], 1):
        then = at + timedelta(minutes=number)
        if step == Status.CAUSED:
            actions.note_cause(loss=loss, code="REAGENT", text="试剂开瓶过久", by=county.lin, at=then)
        elif step == Status.ACTED:
            actions.note_action(
                loss=loss, code="NEW_REAGENT", text="换新试剂并校准", patients="复查6份，均符合", by=county.lin, at=then
            )
        elif step == Status.RETESTED:
            a_run(county, assay, at=then)
        else:
            actions.close_loss(loss=loss, review="同意", by=county.he, at=then)
        loss.refresh_from_db()
    return loss


def a_scheme(county: County, *, at: datetime = NOW, **fields: object) -> EqaScheme:
    """The provincial assessment of routine chemistry."""
    given = {
        "organiser": "PROVINCIAL", "organiser_name": "省临床检验中心", "title": "常规化学", "year": 2026,
        "valid_from": date(2026, 1, 1), "valid_until": date(2027, 3, 1),
    }  # fmt: skip
    return actions.add_scheme(facility_id=county.hospital.pk, by=county.he, at=at, **{**given, **fields})  # type: ignore[arg-type]


def a_round(
    county: County, *, scheme: EqaScheme | None = None, analyte: str = "k", n_bad: int = 0, number: int = 1,
    assessed_on: date = date(2026, 6, 1), at: datetime = NOW,
) -> EqaRound:  # fmt: skip
    """Five samples of an analyte, `n_bad` of them beyond the allowed range."""
    samples = [
        GivenSample(
            analyte, f"2026{number}{place}", own=Decimal("4.0") + (Decimal("0.9") if place < n_bad else Decimal("0.05")),
            target=Decimal("4.0"), group_sd=Decimal("0.1"),
        )
        for place in range(5)
    ]  # fmt: skip
    return actions.keep_round(
        scheme=scheme or a_scheme(county, at=at), number=number, assessed_on=assessed_on, samples=samples,
        by=county.he, at=at,
    )  # fmt: skip
