"""A value judged as of the day it was taken: its range for this sex and age, its flag, its critical value, its delta."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from xinglin.laboratory import ages, catalogue
from xinglin.laboratory.catalogue import Analyte
from xinglin.laboratory.data import Flag
from xinglin.laboratory.values import Value, factor


@dataclass(frozen=True, slots=True)
class Judgement:
    """`is_known` says whether a range is known; without one the flag is `Flag.UNKNOWN`, never normal."""

    flag: str
    is_known: bool
    low: Decimal | None
    high: Decimal | None
    critical: str


@dataclass(frozen=True, slots=True)
class Delta:
    """How far a result went from the person's last one: against the limit of the item within its days."""

    change: Decimal
    percent: Decimal | None
    failed: bool


def judge(analyte: Analyte, value: Value, *, sex: str, born_on: date, on: date) -> Judgement:
    """Judge one value. `sex` is the code of GB/T 2261.1; a range of one sex does not serve the other or the unknown."""
    if analyte.is_text:
        known = bool(analyte.normal)
        flag = Flag.UNKNOWN if not known else Flag.NORMAL if value.text in analyte.normal else Flag.ABNORMAL
        return Judgement(flag, known, None, None, "")
    critical, is_high = critical_of(analyte, value, born_on=born_on, on=on)
    row = range_of(analyte, sex=sex, born_on=born_on, on=on)
    low, high = (None, None) if row is None else row
    if critical:
        flag = Flag.CRITICAL_HIGH if is_high else Flag.CRITICAL_LOW
    elif row is None:
        flag = Flag.UNKNOWN
    else:
        flag = _flag(value, low, high)
    return Judgement(flag, row is not None, low, high, critical)


def range_of(analyte: Analyte, *, sex: str, born_on: date, on: date) -> tuple[Decimal | None, Decimal | None] | None:
    """Lower and upper end of the range of a sex and age; None: no range is known."""
    for row in analyte.ranges:
        if row.get("sex", sex) == sex and ages.is_within(
            born_on, on, since=row.get("from", ""), until=row.get("until", "")
        ):
            return _decimal(row.get("low")), _decimal(row.get("high"))
    return None


def critical_of(analyte: Analyte, value: Value, *, born_on: date, on: date) -> tuple[str, bool]:
    """The code of the critical value a result stands for, and whether it is a high one; empty when it is none."""
    if value.number is None:
        return "", False
    for limit in catalogue.critical_limits(on=on):
        if analyte.code not in limit.analytes:
            continue
        if not ages.is_within(born_on, on, since=limit.since, until=limit.until):
            continue
        times = factor(analyte, limit.unit)
        # "<2.0" is at most 2.0 but says nothing of being at least anything, and the other way round.
        if limit.at_most is not None and not value.comparator.startswith(">"):  # noqa: SIM102
            if value.number <= Decimal(str(limit.at_most)) * times:
                return limit.code, False
        if limit.at_least is not None and not value.comparator.startswith("<"):  # noqa: SIM102
            if value.number >= Decimal(str(limit.at_least)) * times:
                return limit.code, True
    return "", False


def delta_of(analyte: Analyte, number: Decimal, previous: Decimal, *, apart: timedelta) -> Delta:
    """How far `number` is from `previous`, and whether that is more than the item allows within its days."""
    change = number - previous
    percent = (change / previous * 100).quantize(Decimal("0.1")) if previous else None
    rule = analyte.delta
    if not rule or abs(apart) > timedelta(days=rule["days"]):
        return Delta(change, percent, failed=False)
    if "absolute" in rule:
        return Delta(change, percent, failed=abs(change) > Decimal(str(rule["absolute"])))
    # From nothing to something has no percentage: a person looks at it.
    return Delta(change, percent, failed=percent is None or abs(percent) > Decimal(str(rule["percent"])))


def _flag(value: Value, low: Decimal | None, high: Decimal | None) -> Flag:
    assert value.number is not None
    if low is not None and (value.number < low or (value.number == low and value.comparator == "<")):
        return Flag.LOW
    if high is not None and (value.number > high or (value.number == high and value.comparator == ">")):
        return Flag.HIGH
    if value.comparator.startswith(">") and high is not None:
        return Flag.UNKNOWN  # above something inside the range: it may be high
    if value.comparator.startswith("<") and low is not None:
        return Flag.UNKNOWN
    return Flag.NORMAL


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))
