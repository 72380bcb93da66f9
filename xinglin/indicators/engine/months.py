"""What happened is counted once in each month at each facility, and added up to every period that holds the month.

A job that keeps many periods reads each table once for all of them: counts and sums of what happened, by conditions that
do not depend on the day. Whole numbers and decimals are added, so that no digit differs from a pass over the period alone.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from xinglin.indicators.definitions.language import NAMES, Measure, text_of
from xinglin.indicators.engine.duck import Answer, Columns, rows_of
from xinglin.indicators.engine.periods import Period
from xinglin.platform.facts import tables

#: The call that counts years up to the day of a period.
_AGE = "age"
SEEN = "seen_"
Row = dict[str, Any]
Number = int | Decimal
#: Counts measures of a table by some columns.
Aggregate = Callable[[Any, list[str], list[Measure]], Answer]


@dataclass
class Counted:
    """Of one table by some columns: which months hold which measures, and what they came to."""

    months: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # text of a measure → months
    values: dict[str, dict[tuple[Any, ...], dict[str, Number]]] = field(default_factory=lambda: defaultdict(dict))


class Months:
    """Counts and sums by month, of the months from `first` to `last` together; `files` names the file of each month."""

    def __init__(
        self, files: Callable[[str], Mapping[str, str]], read: Callable[[list[str]], Any], *, first: str, last: str
    ) -> None:
        self._files, self._read, self._first, self._last = files, read, first, last
        self._counted: dict[tuple[str, str, str], Counted] = defaultdict(Counted)

    def rows(
        self, table: str, place: str, column: str, group: Sequence[Measure], period: Period, aggregate: Aggregate
    ) -> Columns:
        """What measures came to in a period at each facility, and in each group of `column` if there is one."""
        files = self._files(table)
        needed = {month for month in files if period.first_month <= month <= period.last_month}
        counted = self._counted[table, place, column]
        lacking = [each for each in group if not needed <= counted.months[each.text]]
        if lacking:
            first, last = min(self._first, period.first_month), max(self._last, period.last_month)
            self._count(
                counted,
                place,
                column,
                lacking,
                {month: path for month, path in files.items() if first <= month <= last},
                aggregate,
            )
        found: dict[tuple[Any, ...], Row] = {}
        for month in needed:
            for key, values in counted.values[month].items():
                row = found.setdefault(key, {"facility": key[0], SEEN: 0} | ({column: key[1]} if column else {}))
                row[SEEN] += values[SEEN]
                for n, each in enumerate(group):
                    row[f"m{n}"] = row.get(f"m{n}", 0) + values.get(each.text, 0)
        names = ["facility", *([column] if column else []), SEEN, *(f"m{n}" for n in range(len(group)))]
        return {name: [row[name] for row in found.values()] for name in names}

    def _count(
        self,
        counted: Counted,
        place: str,
        column: str,
        group: list[Measure],
        months: Mapping[str, str],
        aggregate: Aggregate,
    ) -> None:
        named = {path: month for month, path in months.items()}  # of months alike, which are empty, one
        table = self._read(list(named))
        table = table if place == "facility" else table.mutate(facility=table[place])
        for row in rows_of(aggregate(table, ["facility", "filename", *([column] if column else [])], group)()):
            key = (row["facility"], row[column]) if column else (row["facility"],)
            values = counted.values[named[row["filename"]]].setdefault(key, {})
            values[SEEN] = row[SEEN]
            values |= {each.text: row[f"m{n}"] or 0 for n, each in enumerate(group)}
        for each in group:
            counted.months[each.text] = set(months)


def is_of_any_day(one: Measure) -> bool:
    """Whether a measure counts a row alike whatever the period: it names no day of it, and asks nobody's age."""
    columns = tables()[one.rows.table].columns
    for tree in (one.rows.where, one.value):
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Name) and node.id in NAMES and node.id not in columns:
                return False
            if isinstance(node, ast.Call) and text_of(node.func) == _AGE:
                return False
    return True
