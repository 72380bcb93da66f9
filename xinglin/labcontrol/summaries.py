"""A month of an assay in figures, for the page, the print and the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from xinglin.labcontrol import catalogue, figures, queries
from xinglin.labcontrol.data import TargetSource
from xinglin.labcontrol.models import Assay, ControlValue, Target
from xinglin.platform import clock
from xinglin.platform.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class LevelSummary:
    """One lot in a period: own figures beside its target. Percent where not said otherwise.

    Mean, SD and CV leave out values that were out of control, as the figures of a month do.
    """

    level: str
    level_title: str
    lot: str
    n: int
    n_out: int
    n_warning: int
    mean: Decimal | None
    sd: Decimal | None
    cv: Decimal | None
    target_mean: Decimal | None
    target_sd: Decimal | None
    bias: Decimal | None
    bias_from: str
    tea: Decimal | None
    sigma: Decimal | None


def month_of(text: str, *, today: date) -> tuple[date, datetime, datetime]:
    """Its first day, and the half-open period of ``2026-11``; the present month for nothing.

    :raises InvalidInput: it is no month
    """
    try:
        first = date.fromisoformat(f"{text}-01") if text else today.replace(day=1)
    except ValueError as error:
        raise InvalidInput(_("月份写成2026-01。"), fields={"month": _("月份写成2026-01。")}) from error
    following = (first + timedelta(days=32)).replace(day=1)
    return first, clock.start_of(first), clock.start_of(following)


def summarise(assay: Assay, values: Sequence[ControlValue], *, on: date) -> list[LevelSummary]:
    """Figures of each lot of an assay. Bias is that of the newest external assessment where one stands, else from the
    sheet's mean; a target computed from own results says nothing of bias.
    """
    outside = external_bias(assay, on=on)
    lots: dict[tuple[str, str], list[ControlValue]] = {}
    for value in values:
        if value.counts:
            lots.setdefault((value.level, value.target.material.lot), []).append(value)
    return [_summary(assay.analyte, level, lot, rows, outside) for (level, lot), rows in sorted(lots.items())]


def external_bias(assay: Assay, *, on: date) -> Decimal | None:
    """Mean deviation from target in the newest round of external assessment that stands, in percent; None without."""
    pairs = queries.mean_bias(assay.instrument.facility_id, assay.analyte, on=on)
    found = [figures.bias(own, target) for own, target in pairs]
    known = [each for each in found if each is not None]
    return sum(known, Decimal(0)) / len(known) if known else None


def _summary(analyte: str, level: str, lot: str, rows: list[ControlValue], outside: Decimal | None) -> LevelSummary:
    out = [row for row in rows if _state(row) == "OUT"]
    found = figures.summary([row.value for row in rows if row not in out])
    target: Target = rows[-1].target
    inside = figures.bias(found.mean, target.mean) if target.source == TargetSource.SHEET else None
    bias, source = (outside, _("室间质评")) if outside is not None else (inside, _("说明书定值"))
    tea = catalogue.allowable_error(analyte)
    return LevelSummary(
        level=level, level_title=catalogue.level_short(level), lot=lot, n=len(rows), n_out=len(out),
        n_warning=sum(_state(row) == "WARNING" for row in rows), mean=found.mean, sd=found.sd, cv=found.cv,
        target_mean=target.mean, target_sd=target.sd, bias=bias, bias_from=source if bias is not None else "", tea=tea,
        sigma=figures.sigma(tea, bias, found.cv),
    )  # fmt: skip


def _state(value: ControlValue) -> str:
    mine = [each for each in value.result.broken if value.level in each["levels"]]
    return "OUT" if any(each["rejects"] for each in mine) else "WARNING" if mine else "IN"
