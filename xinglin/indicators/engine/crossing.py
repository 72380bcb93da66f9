"""What may be told of people by origin and destination, so that neither a cell of a few people nor a difference of two tells of them.

A calendar year is told by spans: months, quarters, or the year, the shortest in which enough cells can be told. In each span
there is one table, its sums of rows and of columns told with it. Small rows and columns are told as one sum. A small cell goes
with the three others of a rectangle; then people may be thought moved around it, and no sum says otherwise. ADR 0019 says why
nothing follows from several tables either.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xinglin.platform.small import LEAST, QUARTER, is_small, is_unknown, together

#: A year is told by the shortest spans in which at least this share of the cells with anybody can be told, else by the best.
ENOUGH = 0.5
#: The row (or column) that several are told as.
TOGETHER = "+"
Table = Mapping[str, Mapping[str, float]]  # row → column → people
Units = Sequence[frozenset[str]]  # rows that are told of as one, too: an area, a consortium


@dataclass(frozen=True, slots=True)
class Crossing:
    """What is told of one table. `rows` and `columns` are told as one sum each; `cells` are not told. `is_open`: at all.

    `everybody`: all rows, where only the sums of rows are told, and nothing of `rows`.
    """

    rows: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    cells: frozenset[tuple[str, str]] = frozenset()
    is_open: bool = True
    everybody: frozenset[str] | None = None

    def tells(self, rows: Collection[str] | None, columns: Collection[str] | None) -> bool:
        """Whether the people of some rows in some columns are told; None stands for all."""
        if self.everybody is not None:
            return self.is_open and self._tells_rows(self.everybody if rows is None else rows, columns)
        asked = self._joined(rows, self.rows), self._joined(columns, self.columns)
        if not self.is_open or any(None in (each or ()) for each in asked):
            return False
        down, across = asked
        if down is None or across is None:
            return True
        # what is left out of a column, all of it, is its sum less the rest; so is what is left out of a row
        return all(self._is_whole({r for r, c in self.cells if c == each}, down) for each in across) or all(
            self._is_whole({c for r, c in self.cells if r == each}, across) for each in down
        )

    def _tells_rows(self, rows: Collection[str], columns: Collection[str] | None) -> bool:
        if self.rows & set(rows):
            return False
        return columns is None or all(
            self._is_whole({c for r, c in self.cells if r == each}, set(columns)) for each in rows
        )

    @staticmethod
    def _is_whole(hidden: set[str], asked: set[str | None]) -> bool:
        return not hidden & asked or hidden <= asked

    @staticmethod
    def _joined(asked: Collection[str] | None, gone: frozenset[str]) -> set[str | None] | None:
        """What is asked, with those told as one sum in place of each; None among them: a part of that sum is asked."""
        if asked is None:
            return None
        touched = gone & set(asked)
        plain: set[str | None] = {each for each in asked if each not in gone}
        return plain if not touched else plain | {TOGETHER if touched == gone else None}


@dataclass(frozen=True, slots=True)
class Plan:
    """Spans of months, and what is told in each."""

    spans: Sequence[range]
    tables: Sequence[Crossing]
    n_months: int

    def tells(self, rows: Collection[str] | None, columns: Collection[str] | None, months: Collection[int]) -> bool:
        """Whether the people of some rows in some columns are told of some months (0: January)."""
        wanted = {each for each in months if each < self.n_months}
        inside = [n for n, span in enumerate(self.spans) if span.start in wanted]
        if not wanted or {each for n in inside for each in self.spans[n]} != wanted:
            return False
        return all(self.tables[n].tells(rows, columns) for n in inside)


def plan_of(months: Sequence[Table], units: Units = ()) -> Plan:
    """What is told of a year: its tables by month."""
    year = _sum(months, range(len(months)))
    return _shortest(months, lambda _span, table: guarded(table, units, seen=year), least=1)


def plan_within(months: Sequence[Table], above: Plan, column: str, units: Units = (), *, by_row: bool = False) -> Plan:
    """What is told of the parts of one column of the tables above. Rows that are not told there are told as one sum here.

    `by_row`: a part may belong to one row alone (a clinic to its township), so that the sum of a part over all rows would tell
    of a row: only sums of rows are told, and nothing of rows that are not told above.
    """
    year = _sum(months, range(len(months)))

    def inside(span: range, table: Table) -> Crossing:
        lost = frozenset(row for row in year if not above.tells({row}, {column}, span))
        if by_row:
            return _by_row(table, lost, frozenset(year))
        if not above.tells(None, {column}, span):
            return Crossing(is_open=False)
        return guarded(table, units, lost=lost, seen=year)

    return _shortest(months, inside, least=max((len(each) for each in above.spans), default=1))


def _by_row(table: Table, lost: frozenset[str], everybody: frozenset[str]) -> Crossing:
    cells = frozenset((row, each) for row, parts in table.items() if row not in lost for each in together(parts))
    return Crossing(lost, cells=cells, everybody=everybody)


def _shortest(months: Sequence[Table], guard: Callable[[range, Table], Crossing], *, least: int) -> Plan:
    best, most = None, -1.0
    for length in (1, QUARTER, 4 * QUARTER):
        if length < least:
            continue
        spans = [range(n, min(n + length, len(months))) for n in range(0, len(months), length)]
        summed = [_sum(months, span) for span in spans]
        found = Plan(spans, [guard(span, table) for span, table in zip(spans, summed, strict=True)], len(months))
        share = _share_told(summed, found)
        if share > most:
            best, most = found, share
        if share >= ENOUGH:
            break
    assert best is not None
    return best


def _sum(months: Sequence[Table], span: range) -> Table:
    found: dict[str, dict[str, float]] = {}
    for n in span:
        for row, cells in months[n].items():
            here = found.setdefault(row, {})
            for column, people in cells.items():
                here[column] = here.get(column, 0) + people
    return found


def _share_told(tables: Sequence[Table], plan: Plan) -> float:
    held = told = 0
    for table, crossing in zip(tables, plan.tables, strict=True):
        here = [(row, column) for row, cells in table.items() for column, n in cells.items() if n]
        held += len(here)
        told += sum(crossing.tells({row}, {column}) for row, column in here)
    return told / held if held else 1.0


def guarded(
    table: Table,
    units: Units = (),
    *,
    lost: frozenset[str] | None = None,
    gone: frozenset[str] | None = None,
    seen: Table | None = None,
) -> Crossing:
    """What is told of one table. `lost` and `gone`: rows and columns that are one sum already, and no others are to be; None:
    the small ones. `seen`: where anybody can be at all; None: where there is somebody.
    """
    rows, columns = sorted(table), sorted({each for cells in table.values() for each in cells})
    values = np.array([[float(table[row].get(column, 0)) for column in columns] for row in rows])
    if not rows or is_small(float(values.sum())):
        return Crossing(lost or frozenset(), gone or frozenset(), is_open=not rows)
    if lost is None:
        lost = together(dict(zip(rows, values.sum(axis=1).tolist(), strict=True)))
    if gone is None:
        gone = together(dict(zip(columns, values.sum(axis=0).tolist(), strict=True)))
    can = np.array([[float((seen or table).get(row, {}).get(column, 0)) for column in columns] for row in rows])
    _rows, can = _merged(rows, lost, can)
    _columns, can = _merged(columns, gone, can.T)
    rows, values = _merged(rows, lost, values)
    columns, turned = _merged(columns, gone, values.T)
    inside = [[n for n, row in enumerate(rows) if (lost <= unit if row == TOGETHER else row in unit)] for unit in units]
    hidden = _hidden(turned.T, can.T > 0, [each for each in inside if each])
    cells = frozenset((rows[r], columns[c]) for r, c in zip(*np.nonzero(hidden), strict=True))
    return Crossing(lost, gone, cells)


def _merged(names: list[str], gone: frozenset[str], values: np.ndarray) -> tuple[list[str], np.ndarray]:
    kept = [n for n, name in enumerate(names) if name not in gone]
    joined = [n for n, name in enumerate(names) if name in gone]
    if not joined:
        return names, values
    return [names[n] for n in kept] + [TOGETHER], np.vstack([values[kept], values[joined].sum(axis=0)])


def _hidden(values: np.ndarray, can: np.ndarray, units: Sequence[list[int]]) -> np.ndarray:
    """Small cells, each with the three others of its cheapest rectangle, until in no row or column few people are left out."""
    small = (values > 0) & (values < LEAST)
    hidden = small.copy()
    for r, c in sorted(zip(*np.nonzero(small), strict=True), key=lambda at: -values[at]):
        _close(values, can, hidden, (int(r), int(c)), units)
    changed = True
    while changed:
        changed = False
        for lines, marks in ((values, hidden), (values.T, hidden.T)):  # views: what is marked here is marked there
            for line, mark in zip(lines, marks, strict=True):
                if mark.any() and not mark.all() and not is_unknown(line[mark].tolist()):
                    others = np.where(mark | (line == 0), np.inf, line)
                    mark[int(np.argmin(others)) if np.isfinite(others).any() else int(np.argmin(mark))] = True
                    changed = True
    return hidden


def _close(
    values: np.ndarray, can: np.ndarray, hidden: np.ndarray, at: tuple[int, int], units: Sequence[list[int]]
) -> None:
    """Hide the cheapest rectangle around a cell: people must be there to move along its row and along its column, and out of
    a unit of few people; at the fourth corner (`can`) people must be able to be.
    """
    r, c = at
    cost = np.where(hidden, 0.0, values)
    total = cost[r][None, :] + cost[:, c][:, None] + cost + 0.5 * (values == 0)
    total[(values[:, c] <= 0), :] = np.inf
    total[:, (values[r] <= 0)] = np.inf
    total[~can] = np.inf
    total[r, :] = np.inf
    total[:, c] = np.inf
    for inside in units:
        if r in inside and is_small(float(values[inside, c].sum())):
            total[inside, :] = np.inf
    best = int(np.argmin(total))
    if np.isfinite(total.flat[best]):
        r2, c2 = divmod(best, values.shape[1])
        hidden[r, c2] = hidden[r2, c] = hidden[r2, c2] = True
    else:  # nobody else in its row, or in its column
        hidden[r, :] = hidden[:, c] = True
