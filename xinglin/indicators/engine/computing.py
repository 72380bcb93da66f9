"""All indicators of a period at all units: one pass over each table for whatever adds up, one for each level for the rest.

A **unit** is what a figure is told of: a facility, a township, a consortium, the county. `Places` says which facility
belongs to which. What adds up (counts, sums) is taken at each facility once and added; what does not (persons, medians) is
taken at each unit.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa

from xinglin.indicators.definitions.checking import span_of
from xinglin.indicators.definitions.language import AboutPerson, Measure, Span, measures, questions
from xinglin.indicators.definitions.reading import LEVELS, Indicator
from xinglin.indicators.engine.compiling import Compiler, Frame, month_of, narrowed
from xinglin.indicators.engine.duck import Answer, Columns, rows_of
from xinglin.indicators.engine.months import SEEN, is_of_any_day
from xinglin.indicators.engine.periods import Period
from xinglin.indicators.engine.persons import asked_of_everybody, counted, of_everybody
from xinglin.indicators.engine.source import Source
from xinglin.indicators.engine.spans import calendar_of, for_days

#: The unit that is everybody.
WHOLE = "all"
#: How sums of what is not whole are taken.
EXACT = "decimal(38, 6)"


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

    values: dict[tuple[str, str], float | Decimal | None] = field(default_factory=dict)
    groups: dict[tuple[str, str, str], dict[str, int]] = field(default_factory=dict)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass
class Wanted:
    """The measures of one table: by their text, at which levels each is asked for, and which are split by a column."""

    measures: dict[str, Measure] = field(default_factory=dict)
    levels: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    splits: list[tuple[Measure, str]] = field(default_factory=list)

    @property
    def conditions(self) -> list[ast.expr]:
        """All conditions and values."""
        return conditions_of(self.measures.values())

    def not_adding_at(self, level: str) -> list[Measure]:
        """What must be taken at each unit of a level; a name that is no level is asked for everything."""
        return [
            each for text, each in self.measures.items()
            if not each.adds_up and (level not in LEVELS or level in self.levels[text])
        ]  # fmt: skip


class Computation:
    """One period over one source, for several indicators at several sets of places."""

    def __init__(self, source: Source, period: Period, ref: date) -> None:
        self._source, self._period = source, period
        self._frame = Frame(period, min(ref, period.last), ref)
        self._compiler = Compiler(self._frame, self._opened, source.keep)
        self._given: dict[Hashable, Any] = {}
        self._asked: list[Callable[[], None]] = []

    def _opened(self, table: str, span: Span) -> Any | None:
        found = self._source.open(table, span, self._period)
        return None if found is None else narrowed(found, table, span, self._frame)

    def parts(self, indicators: Iterable[Indicator], places: Mapping[str, Places]) -> dict[str, Parts]:
        """The parts of all indicators, for each set of places by its name: all is asked before the first answer is taken."""
        found = {name: Parts() for name in places}
        wanted: dict[tuple[str, Span, str], Wanted] = defaultdict(Wanted)
        for each in indicators:
            for tree in (each.numerator, each.denominator):
                for one in measures(tree) if tree is not None else ():
                    group = wanted[one.rows.table, span_of(one.rows), one.rows.place]
                    group.measures[one.text] = one
                    group.levels[one.text].update(each.levels)
                    if each.group_by and tree is each.numerator:
                        group.splits.append((one, each.group_by))
        self._compiler.answer(self._questions(wanted, places))
        for (name, span, place), group in wanted.items():
            table = self._opened(name, span)
            if table is not None:
                # wherever rows count, the column that says so is called the same from here on
                table = table if place == "facility" else table.mutate(facility=table[place])
                monthly, in_one = place if span is Span.PERIOD else "", self._source.is_small(name, span, self._period)
                self._table(name, table, group, places, found, monthly=monthly, in_one=in_one)
        for take in self._asked:
            take()
        return found

    def by_month(self, one: Measure) -> dict[str, int]:
        """How many rows a count has in each month of the period that has any row of its table."""
        table = self._opened(one.rows.table, span_of(one.rows))
        if table is None:
            return {}
        table, answers = self._compiler.prepared(table, conditions_of([one]))
        grouped = table.group_by(month_=month_of(table, one.rows.table))
        rows = rows_of(self._source.ask(grouped.aggregate(n_=self._measured(one, table, answers)))())
        return {f"{row['month_'] // 12:04}-{row['month_'] % 12 + 1:02}": row["n_"] for row in rows}

    @staticmethod
    def _questions(
        wanted: Mapping[tuple[str, Span, str], "Wanted"], places: Mapping[str, Places]
    ) -> dict[str, AboutPerson]:
        """All that is asked about persons; and who is counted in the whole, where something else is asked of his table."""
        found = questions(each for group in wanted.values() for each in group.conditions)
        asked = {(each.rows.table, span_of(each.rows)) for each in found.values()}
        whole = [level for level, at in places.items() if at.units is None]
        for (name, span, _place), group in wanted.items():
            if (name, span) in asked:
                found |= questions(each for level in whole for each in asked_of_everybody(group.not_adding_at(level)))
        return found

    def _table(
        self,
        name: str,
        table: Any,
        group: "Wanted",
        places: Mapping[str, Places],
        found: dict[str, Parts],
        *,
        monthly: str,
        in_one: bool,
    ) -> None:
        """`monthly`: the column that says where rows count, if they are those of the period's months."""
        adding = [each for each in group.measures.values() if each.adds_up]
        added: set[str] = set()
        if monthly and self._source.months is not None:
            added = self._of_months(name, monthly, group, places, found)
            adding = [each for each in adding if each.text not in added]
        splits = [(one, by) for one, by in group.splits if one.text not in added]
        plain = [each for each in adding if not _asks(each)]
        asking = [each for each in adding if _asks(each)]
        # the first split of a plain measure rides on the pass that is made anyway
        column = next((by for one, by in splits if not _asks(one)), "")
        # where only the whole is asked for, no facility need be told from another
        by_place = ["facility"] if any(at.units is not None for at in places.values()) else []
        if plain or not added:
            rows = self._aggregated(table, [*by_place, column] if column else by_place, plain)
            self._asked.append(partial(_add, rows, name, plain, places, found))
        if asking:  # a join is made for those measures only that need it
            asked = self._aggregated(table, by_place, asking)
            self._asked.append(partial(_add, asked, name, asking, places, found))
        self._taken(table, group, places, found, in_one=in_one)
        for one, by in splits:
            rides = by == column and one in plain
            split = rows if rides else self._aggregated(table, [*by_place, by], [one])
            self._asked.append(partial(_split, split, one, by, f"m{plain.index(one) if rides else 0}", places, found))

    def _of_months(
        self, name: str, place: str, group: "Wanted", places: Mapping[str, Places], found: dict[str, Parts]
    ) -> set[str]:
        """Add up what was counted by month; returns the texts of the measures that were."""
        months = self._source.months
        assert months is not None
        whole = [each for each in group.measures.values() if each.adds_up and not _asks(each) and is_of_any_day(each)]
        texts = {each.text for each in whole}
        if whole:
            rows = months.rows(name, place, "", whole, self._period, self._aggregated)
            _add(lambda: rows, name, whole, places, found)
        for one, by in group.splits:
            if one.text in texts:
                split = months.rows(name, place, by, [one], self._period, self._aggregated)
                _split(partial(dict, split), one, by, "m0", places, found)
        return texts

    def _aggregated(self, table: Any, by: list[str], group: list[Measure]) -> Answer:
        table, answers = self._compiler.prepared(table, conditions_of(group))
        named = {f"m{n}": self._measured(each, table, answers) for n, each in enumerate(group)}
        grouped = table.group_by(by) if by else table
        return self._source.ask(grouped.aggregate(**named, seen_=table.count()))

    def _measured(self, one: Measure, table: Any, answers: dict[str, str]) -> Any:
        where = None if one.rows.where is None else self._compiler.condition(one.rows.where, table, answers)
        if one.value is None:
            return table.count(where=where)
        value = self._compiler.condition(one.value, table, answers)
        match one.kind:
            case "count":
                return table.count(where=where)
            case "distinct":
                return value.nunique(where=where)
            case "sum":
                # parts of a whole in decimals: the sum does not depend on the order in which they come
                return (value.cast(EXACT) if value.type().is_floating() else value).sum(where=where)
        return value.cast("float64").quantile(one.quantile, where=where)

    def _taken(
        self, table: Any, group: "Wanted", places: Mapping[str, Places], found: dict[str, Parts], *, in_one: bool
    ) -> None:
        """What does not add up, at each unit; `in_one`: at the units of all sets of places in one pass."""
        asked = {where: group.not_adding_at(where) for where in places}
        parted = [where for where, at in places.items() if at.units is not None and asked[where]]
        alone = [[where] for where in places if where not in parted and asked[where]]
        for some in [*alone, *([parted] if in_one and parted else [[where] for where in parted])]:
            self._taken_at_units(table, {where: asked[where] for where in some}, places, found)

    def _taken_at_units(
        self, table: Any, asked: Mapping[str, list[Measure]], places: Mapping[str, Places], found: dict[str, Parts]
    ) -> None:
        group = list({each.text: each for some in asked.values() for each in some}.values())
        units = [(where, unit) for where in asked for unit in sorted(places[where].all_units)]
        by: list[str] = []
        if all(places[where].units is not None for where in asked):
            of = self._once(tuple(asked), lambda: _units_of(units, places))
            table, by = table.join(of, table.facility == of.place_).drop("place_"), ["unit_"]
        persons = [each for each in group if each.kind == "persons"]
        others = [each for each in group if each.kind not in {"persons", "persons_of_days"}]
        whole: list[tuple[list[Measure], Answer]] = []
        if persons:
            answered = None if by else of_everybody(self._compiler, persons)
            told = counted(self._compiler, table, by, persons) if answered is None else answered
            whole.append((persons, self._source.ask(told)))
        if others:
            whole.append((others, self._aggregated(table, by, others)))
        for each in group:
            if each.kind == "persons_of_days":
                days = self._once("days", lambda: calendar_of(self._frame))
                whole.append(([each], self._source.ask(for_days(self._compiler, table, by, each, days))))
        self._asked += [partial(_take, rows, some, units, asked, found) for some, rows in whole]

    def _once(self, key: Hashable, rows: Callable[[], pa.Table]) -> Any:
        """Rows given to the engine, once for all that need them."""
        if key not in self._given:
            self._given[key] = self._source.given(rows())
        return self._given[key]


def _add(
    rows: Answer, name: str, group: list[Measure], places: Mapping[str, Places], found: Mapping[str, Parts]
) -> None:
    """What was counted at each facility, added up to the units."""
    columns = rows()
    for where, at in places.items():
        units, parts = _units_at(columns, at), found[where]
        for unit, n in zip(units, columns[SEEN], strict=True):
            if unit is not None:
                parts.seen[name, unit] = max(parts.seen.get((name, unit), 0), n)
        for n, one in enumerate(group):
            sums: dict[str | None, Any] = dict.fromkeys(units, 0)
            for unit, value in zip(units, columns[f"m{n}"], strict=True):
                if value:
                    sums[unit] += value
            parts.values |= {(one.text, unit): value for unit, value in sums.items() if unit is not None}


def _split(
    rows: Answer, one: Measure, column: str, part: str, places: Mapping[str, Places], found: Mapping[str, Parts]
) -> None:
    """The same by the groups of a column."""
    columns = rows()
    for where, at in places.items():
        for unit, value, n in zip(_units_at(columns, at), columns[column], columns[part], strict=True):
            if unit is not None and n:
                groups = found[where].groups.setdefault((one.text, column, unit), {})
                groups[str(value)] = groups.get(str(value), 0) + int(n)


def _take(
    rows: Answer, group: list[Measure], units: list[tuple[str, str]], asked: Mapping[str, list[Measure]],
    found: Mapping[str, Parts],
) -> None:  # fmt: skip
    """What was taken at units, each by its number."""
    for row in rows_of(rows()):
        where, unit = units[row.get("unit_", 0)]
        for n, one in enumerate(group):
            if one in asked[where]:
                found[where].values[one.text, unit] = row[f"m{n}"]


def _units_at(columns: Columns, at: Places) -> list[str | None]:
    """The unit to which each row belongs."""
    if at.units is None:
        return [WHOLE] * len(columns[SEEN])
    return [at.units.get(each) for each in columns["facility"]]


def _units_of(units: list[tuple[str, str]], places: Mapping[str, Places]) -> pa.Table:
    """Each place once for every unit it belongs to, with the number of the unit among `units`."""
    codes = {each: code for code, each in enumerate(units)}
    pairs = [
        (place, codes[where, unit])
        for where in dict.fromkeys(where for where, _unit in units)
        for place, unit in (places[where].units or {}).items()
    ]
    return pa.table(
        {"place_": [each for each, _code in pairs], "unit_": pa.array([each for _, each in pairs], pa.int32())}
    )


def conditions_of(group: Iterable[Measure]) -> list[ast.expr]:
    """Conditions and values of measures."""
    return [each for one in group for each in (one.rows.where, one.value) if each is not None]


def _asks(one: Measure) -> bool:
    """Whether a measure asks about persons beyond its row."""
    return bool(questions(conditions_of([one])))


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
    measured = parts.values.get((found.text, unit))
    if measured is None:
        return None if found.kind in {"median", "quantile"} else 0
    return float(measured) if isinstance(measured, Decimal) else measured
