"""One figure, and why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from enum import StrEnum
from typing import Any


class Why(StrEnum):
    """Why there is no value."""

    KNOWN = ""
    NO_FACTS = "no-facts"  # a table it needs holds nothing in the period, or not all that was due
    NONE_HERE = "none-here"  # the county has such rows, this unit has none
    ZERO_DENOMINATOR = "zero-denominator"
    NOT_KNOWN = "not-known"  # a part could not be computed: nothing to take a median of, no former period
    NOT_APPLICABLE = "not-applicable"
    SMALL = "small"  # left out of what is published


@dataclass(frozen=True, slots=True)
class Value:
    """One figure; `value` None says `why`. `groups` maps a group to its count."""

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    groups: Mapping[str, int] = field(default_factory=dict)
    why: Why = Why.NO_FACTS
    missing: str = ""  # the table that holds nothing
    lacking: tuple[str, ...] = ()  # or the months of it that were due and did not come


NO_DATA = Value()

#: Nearer to the whole than this a share is the whole: what arithmetic leaves, not one person of a province.
_SAME = 1e-9


def rounded(value: float, decimals: int, *, whole: float | None = None) -> Decimal:
    """As people round: half away from zero, on the number as it is written. A share is not rounded to the `whole` unless it
    is the whole: 2,999 of 3,000 are 99.9 %, not 100 %.
    """
    exact, step = Decimal(repr(value)), Decimal(1).scaleb(-decimals)
    if whole is not None and abs(value - whole) > _SAME:
        near = exact.quantize(step, rounding=ROUND_HALF_UP)
        if near == Decimal(repr(whole)):
            return exact.quantize(step, rounding=ROUND_DOWN if value < whole else ROUND_UP)
        return near
    return exact.quantize(step, rounding=ROUND_HALF_UP)


def as_cell(value: Value) -> dict[str, Any]:
    """As it is kept: only what it has."""
    cell: dict[str, Any] = {"v": value.value, "n": value.numerator, "d": value.denominator}
    if value.groups:
        cell["g"] = dict(value.groups)
    if value.why:
        cell["why"] = value.why.value
    if value.missing:
        cell["missing"] = value.missing
    if value.lacking:
        cell["lacking"] = list(value.lacking)
    return {key: each for key, each in cell.items() if each is not None}


def of_cell(cell: Mapping[str, Any]) -> Value:
    """The figure of a kept cell."""
    return Value(
        cell.get("v"),
        cell.get("n"),
        cell.get("d"),
        cell.get("g", {}),
        Why(cell.get("why", "")),
        cell.get("missing", ""),
        tuple(cell.get("lacking", ())),
    )
