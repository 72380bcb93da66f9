"""All indicators of a period at all units: one pass over each table for whatever adds up, one for each level for the rest.

A **unit** is what a figure is told of: a facility, a township, a consortium, the county. `Places` says which facility
belongs to which. What adds up (counts, sums) is taken at each facility once and added; what does not (persons, medians) is
taken at each unit.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

import ibis
import pyarrow as pa

from xinglin.indicators.definitions.checking import span_of
from xinglin.indicators.definitions.language import Measure, Span, is_about_person, measures
from xinglin.indicators.definitions.reading import Indicator
from xinglin.indicators.engine.compiling import Compiler, Frame, narrowed
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.source import Source

#: The unit that is everybody.
WHOLE = "all"


@dataclass(frozen=True)
class Places:
    """Which unit a facility belongs to. `units` None: one unit, and every row belongs to it."""

    units: Mapping[int, str] | None = None

    @property
    def all_units(self) -> set[str]:
        """Every unit."""
        return {WHOLE} if self.units is None else set(self.units.values())


@dataclass
class Parts:
    """What measures came to: by text of the measure and unit. `groups` for the one that is split; `seen` is not 0 where a
    unit has rows of a table, before any condition.
    """

    values: dict[tuple[str, str], float | None] = field(default_factory=dict)
    groups: dict[tuple[str, str, str], dict[str, int]] = field(default_factory=dict)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)


class Computation:
    """One period over one source, for several indicators at several sets of places."""

    def __init__(self, source: Source, period: Period, ref: date) -> None:
        self._source, self._period = source, period
        self._frame = Frame(period, min(ref, period.last))
        self._compiler = Compiler(self._frame, self._opened)

    def _opened(self, table: str, span: Span) -> Any | None:
        found = self._source.open(table, span, self._period)
        return None if found is None else narrowed(found, table, span, self._frame)

    def parts(self, indicators: Iterable[Indicator], places: Mapping[str, Places]) -> dict[str, Parts]:
        """The parts of all indicators, for each set of places by its name."""
        found = {name: Parts() for name in places}
        wanted: dict[tuple[str, Span], dict[str, Measure]] = defaultdict(dict)
        splits: dict[tuple[str, Span], list[tuple[Measure, str]]] = defaultdict(list)
        for each in indicators:
            for tree in (each.numerator, each.denominator):
                for one in measures(tree) if tree is not None else ():
                    wanted[one.rows.table, span_of(one.rows)][one.text] = one
                    if each.group_by and tree is each.numerator:
                        splits[one.rows.table, span_of(one.rows)].append((one, each.group_by))
        for (table, span), group in wanted.items():
            asking = [each for each in group.values() if _asks(each)]
            plain = [each for each in group.values() if not _asks(each)]
            split = splits.get((table, span), [])
            # a join is made for those measures only that need it
            for some in (plain, asking):
                if some:
                    self._table(table, span, some, [each for each in split if each[0] in some], places, found)
        return found

    def _table(
        self,
        name: str,
        span: Span,
        group: list[Measure],
        splits: list[tuple[Measure, str]],
        places: Mapping[str, Places],
        found: dict[str, Parts],
    ) -> None:
        table = self._opened(name, span)
        if table is None:
            return
        conditions = [each for one in group for each in (one.rows.where, one.value) if each is not None]
        table, answers = self._compiler.prepared(table, conditions)
        adding = [each for each in group if each.adds_up]
        # the first split rides on the pass that is made anyway
        column = splits[0][1] if splits else ""
        # where only the whole is asked for, no facility need be told from another
        by_place = ["facility"] if any(at.units is not None for at in places.values()) else []
        rows = self._aggregated(table, [*by_place, column] if column else by_place, adding, answers)
        others = [each for each in group if not each.adds_up]
        for where, at in places.items():
            self._added(name, rows, adding, at, found[where])
            if others:
                self._taken_at_units(table, others, answers, at, found[where])
        for one, by in splits:
            split, n = (
                (rows, adding.index(one))
                if by == column
                else (self._aggregated(table, [*by_place, by], [one], answers), 0)
            )
            for where, at in places.items():
                self._split(split, one, by, f"m{n}", at, found[where])

    def _aggregated(
        self, table: Any, by: list[str], group: list[Measure], answers: dict[str, str]
    ) -> list[dict[str, Any]]:
        named = {f"m{n}": self._measured(each, table, answers) for n, each in enumerate(group)}
        grouped = table.group_by(by) if by else table
        rows: list[dict[str, Any]] = grouped.aggregate(**named, seen_=table.count()).to_pyarrow().to_pylist()
        return rows

    def _measured(self, one: Measure, table: Any, answers: dict[str, str]) -> Any:
        where = None if one.rows.where is None else self._compiler.condition(one.rows.where, table, answers)
        value = None if one.value is None else self._compiler.condition(one.value, table, answers)
        match one.kind:
            case "count":
                return table.count(where=where)
            case "persons":
                return table.person.nunique(where=where)
            case "distinct":
                return value.nunique(where=where)
            case "sum":
                return value.sum(where=where)
        return value.cast("float64").quantile(one.quantile, where=where)

    @staticmethod
    def _added(name: str, rows: list[dict[str, Any]], group: list[Measure], at: Places, found: Parts) -> None:
        for row in rows:
            unit = WHOLE if at.units is None else at.units.get(row["facility"])
            if unit is None:
                continue
            found.seen[name, unit] = max(found.seen.get((name, unit), 0), row["seen_"])
            for n, one in enumerate(group):
                key = (one.text, unit)
                found.values[key] = (found.values.get(key) or 0) + (row[f"m{n}"] or 0)

    def _taken_at_units(
        self, table: Any, group: list[Measure], answers: dict[str, str], at: Places, found: Parts
    ) -> None:
        by = []
        if at.units is not None:
            pairs = pa.table({"place_": list(at.units), "unit_": list(at.units.values())})
            units, by = ibis.memtable(pairs), ["unit_"]
            table = table.join(units, table.facility == units.place_)
        persons = [each for each in group if each.kind == "persons"]
        others = [each for each in group if each.kind != "persons"]
        for some, taken in ((persons, self._persons), (others, self._aggregated)):
            for row in taken(table, by, some, answers) if some else ():
                for n, one in enumerate(some):
                    found.values[one.text, row.get("unit_", WHOLE)] = row[f"m{n}"]

    def _persons(
        self, table: Any, by: list[str], group: list[Measure], answers: dict[str, str]
    ) -> list[dict[str, Any]]:
        """Persons of several measures in one pass: each person once at a unit, with what holds of any row of his."""
        table = table.filter(table.person.notnull())
        if all(each.rows.where is not None for each in group):
            wanted = [
                self._compiler.condition(each.rows.where, table, answers)
                for each in group
                if each.rows.where is not None
            ]
            table = table.filter(reduce(or_, wanted))
        holds = {
            f"m{n}": ibis.literal(value=True) if each.rows.where is None
            else self._compiler.condition(each.rows.where, table, answers)
            for n, each in enumerate(group)
        }  # fmt: skip
        people = (
            table.mutate(**holds).group_by([*by, "person"]).aggregate(**{name: ibis._[name].any() for name in holds})
        )
        grouped = people.group_by(by) if by else people
        rows: list[dict[str, Any]] = (
            grouped.aggregate(**{name: people[name].sum() for name in holds}).to_pyarrow().to_pylist()
        )
        return rows

    @staticmethod
    def _split(rows: list[dict[str, Any]], one: Measure, column: str, part: str, at: Places, found: Parts) -> None:
        for row in rows:
            unit = WHOLE if at.units is None else at.units.get(row["facility"])
            if unit is None or not row[part]:
                continue
            groups = found.groups.setdefault((one.text, column, unit), {})
            groups[str(row[column])] = groups.get(str(row[column]), 0) + int(row[part])


def _asks(one: Measure) -> bool:
    """Whether a measure asks about persons beyond its row."""
    parts = [each for each in (one.rows.where, one.value) if each is not None]
    return any(is_about_person(node) for part in parts for node in ast.walk(part))


def formula(tree: ast.expr, parts: Parts, unit: str) -> float | None:
    """What a formula comes to at a unit; None where a part is not known, or where it divides by 0."""
    match tree:
        case ast.Constant(value=value):
            return value  # type: ignore[return-value]
        case ast.UnaryOp(operand=operand):
            inner = formula(operand, parts, unit)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=sign, right=right):
            one, two = formula(left, parts, unit), formula(right, parts, unit)
            if one is None or two is None:
                return None
            match sign:
                case ast.Add():
                    return one + two
                case ast.Sub():
                    return one - two
                case ast.Mult():
                    return one * two
            return one / two if two else None
    found = next(measures(tree))
    value = parts.values.get((found.text, unit))
    return 0 if value is None and found.kind in {"count", "sum", "persons", "distinct"} else value
