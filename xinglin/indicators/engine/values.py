"""One figure, and why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
