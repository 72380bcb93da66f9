"""Returns that were due and did not come: what a month of theirs would tell is not known, which is not nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from xinglin.indicators.engine import periods
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.facts.layouts import TOPIC, layout_of
from xinglin.platform.definitions import Definition, load
from xinglin.platform.facts import Shape, tables


@dataclass(frozen=True, slots=True)
class Due:
    """Of which months of a year a return is due, and how many days after their end."""

    months: frozenset[int]
    days: int


def lacking(table: str, present: Collection[str], period: Period, *, on: date | None) -> tuple[str, ...]:
    """Months of a period whose return was due before a day (None: all are) and is not among those present; none for a table
    that no return fills. A return that says nothing happened is present.
    """
    due = _dues(tuple(load(TOPIC))).get(table)
    if due is None:
        return ()
    return tuple(
        month
        for month in period.months
        if month not in present
        and int(month[-2:]) in due.months
        and (on is None or periods.parse(month).last + timedelta(days=due.days) < on)
    )


@lru_cache(maxsize=4)
def _dues(found: tuple[Definition, ...]) -> Mapping[str, Due]:
    """Of returns of events: one of spells tells of the months after it, too."""
    layouts = [layout_of(each) for each in found]
    return {each.kind: Due(each.months, each.due_day) for each in layouts if tables()[each.kind].shape is Shape.EVENT}
