"""The same figures in plain Python, row by row, written apart from the engine: what is not known is None all the way."""

import ast
from datetime import date, datetime, timedelta
from math import prod
from statistics import median
from typing import Any

from xinglin.indicators.definitions.reading import Indicator
from xinglin.indicators.engine.periods import Period
from xinglin.platform.facts import tables

Row = dict[str, Any]
Facts = dict[str, list[Row]]


def figure(indicator: Indicator, facts: Facts, period: Period, ref: date) -> tuple[Any, Any, Any, dict[str, int]]:
    """Value, numerator, denominator and groups over all places together."""
    period = period.windowed(indicator.window)
    world = World(facts, period, min(ref, period.last), today=ref)
    if any(table not in facts for table in indicator.tables - set(indicator.content.get("may_be_empty", ()))):
        return None, None, None, {}
    if indicator.needs is not None and not world.has_in_each_month(indicator.needs):
        return None, None, None, {}
    if indicator.method:
        return world.mortality(indicator)
    assert indicator.numerator is not None
    top = world.measure(indicator.numerator)
    groups: dict[str, int] = {}
    if indicator.group_by:
        for row in world.rows(indicator.numerator.args[0], _argument(indicator.numerator, 1)):  # type: ignore[attr-defined]
            groups[str(row[indicator.group_by])] = groups.get(str(row[indicator.group_by]), 0) + 1
    if indicator.denominator is None:
        return (None if top is None else top * indicator.per), top, None, groups
    bottom = world.measure(indicator.denominator)
    value = top / bottom * indicator.per if top is not None and bottom else None
    return value, top, bottom, groups


def _month(row: Row) -> tuple[int, int]:
    at = row["at"]
    day = at + timedelta(hours=8) if isinstance(at, datetime) else at
    return day.year, day.month


def _argument(call: Any, n: int) -> ast.expr | None:
    return call.args[n] if len(call.args) > n else None


class World:
    """Facts of one moment."""

    def __init__(self, facts: Facts, period: Period, ref: date, *, today: date | None = None) -> None:
        self.facts, self.period, self.ref, self.today = facts, period, ref, today or ref
        self.extra: Row = {}
        self.people: dict[str, dict[Any, list[Row]]] = {}

    def rows(self, table: ast.expr, where: ast.expr | None) -> list[Row]:
        name, span = (table.value.id, table.attr) if isinstance(table, ast.Attribute) else (table.id, "")  # type: ignore[attr-defined]
        kept = [row for row in self.facts.get(name, []) if self.belongs(row, span)]
        if span == "latest":
            by = [tuple(row.get(column) for column in tables()[name].told_by) for row in kept]
            newest = {key: max(_month(row) for row, of in zip(kept, by, strict=True) if of == key) for key in set(by)}
            kept = [row for row, key in zip(kept, by, strict=True) if _month(row) == newest[key]]
        return [row for row in kept if where is None or self.of(where, row) is True]

    def belongs(self, row: Row, span: str) -> bool:
        if "since" not in row:
            at = row["at"]
            day = (at + timedelta(hours=8)).date() if isinstance(at, datetime) else at
            return self.period.first <= day <= self.period.last
        since, until = row["since"], row["until"]
        first, last = self.period.first, self.period.last
        if span == "during":
            return since <= min(last, self.ref) and (until is None or until > first)
        if span == "began":
            return first <= since <= last
        if span == "ended":
            return until is not None and first < until <= last + timedelta(days=1)
        return since <= self.ref and (until is None or until > self.ref)

    def has_in_each_month(self, needs: Any) -> bool:
        """Whether some row meets what is needed, in every month that has rows at all."""
        found = {_month(row) for row in self.rows(needs.args[0], _argument(needs, 1))}
        return bool(found) and found == {_month(row) for row in self.rows(needs.args[0], None)}

    def measure(self, tree: Any) -> Any:
        if isinstance(tree, ast.Constant):
            return tree.value
        if isinstance(tree, ast.BinOp):
            return _arithmetic(tree.op, self.measure(tree.left), self.measure(tree.right))
        kind, table = tree.func.id, tree.args[0]
        n = {"count": 1, "persons": 1, "quantile": 3, "persons_of_days": 3}.get(kind, 2)
        rows = self.rows(table, _argument(tree, n))
        if kind == "count":
            return len(rows)
        if kind == "persons":
            return len({row["person"] for row in rows} - {None})
        if kind == "persons_of_days":
            return self.persons_of_days(rows, tree.args[1], tree.args[2].value)
        values = [value for row in rows if (value := self.of(tree.args[1], row)) is not None]
        if kind == "distinct":
            return len(set(values))
        if kind == "sum":
            return sum(values)
        if not values:
            return None
        return median(values) if kind == "median" else _quantile(values, tree.args[2].value)

    def persons_of_days(self, rows: list[Row], share: ast.expr, n: int) -> int:
        """Day by day: what each person did on it, at most the whole of it."""
        days: dict[Any, dict[date, float]] = {}
        for row in rows:
            mine = days.setdefault(row["person"], {})
            day = max(row["since"], self.period.first)
            while day <= min(self.period.last, self.ref) and (row["until"] is None or day < row["until"]):
                part = self.of(share, row)
                mine[day] = mine.get(day, 0.0) + (1.0 if part is None else part)
                day += timedelta(days=1)
        return sum(sum(min(1.0, each) for each in mine.values()) >= n for who, mine in days.items() if who is not None)

    def of(self, node: Any, row: Row) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name(id=name):
                if name in row:
                    return row[name]
                days = {"ref": self.ref, "first": self.period.first, "last": self.period.last, "today": self.today}
                names = {**days, **self.extra}
                return names[name]
            case ast.BoolOp(op=joint):
                parts = [self.of(each, row) for each in node.values]
                strong = not isinstance(joint, ast.And)
                return strong if strong in parts else None if None in parts else not strong
            case ast.UnaryOp(op=ast.Not()):
                inner = self.of(node.operand, row)
                return None if inner is None else not inner
            case ast.UnaryOp():
                return -self.of(node.operand, row)
            case ast.BinOp():
                return _arithmetic(node.op, self.of(node.left, row), self.of(node.right, row))
            case ast.Compare():
                left, results = self.of(node.left, row), []
                for sign, right in zip(node.ops, node.comparators, strict=True):
                    other = (
                        [e.value for e in right.elts]
                        if isinstance(right, ast.List | ast.Tuple)
                        else self.of(right, row)
                    )
                    results.append(_compared(sign, left, other))
                    left = other
                return False if False in results else None if None in results else True
        return self.call(node, row)

    def call(self, node: Any, row: Row) -> Any:
        name, given = node.func.id, node.args
        if name in {"exists", "at_least", "lastly", "firstly"}:
            if row["person"] is None:
                return False
            if name == "at_least":
                mine = self.of_person(given[1], _argument(node, 2), row)
                return len(mine) >= given[0].value
            mine = self.of_person(given[0], _argument(node, 1), row)
            if name == "exists":
                return bool(mine)
            mine.sort(key=lambda each: (each["at"], each["uuid"]), reverse=name == "lastly")
            return bool(mine) and self.of(given[2], mine[0]) is True
        values = [self.of(each, row) for each in given]
        if None in values:
            return None
        if name == "day":
            return (values[0] + timedelta(hours=8)).date()
        if name == "days":
            return (values[1] - values[0]).days
        if name == "minutes":
            return (values[1] - values[0]).total_seconds() // 1 / 60
        born = values[0]
        return self.ref.year - born.year - ((self.ref.month, self.ref.day) < (born.month, born.day))

    def of_person(self, table: ast.expr, where: ast.expr | None, row: Row) -> list[Row]:
        asked = ast.dump(table) + (ast.dump(where) if where is not None else "")
        if asked not in self.people:
            self.people[asked] = {}
            for each in self.rows(table, where):
                self.people[asked].setdefault(each["person"], []).append(each)
        return list(self.people[asked].get(row["person"], []))

    def mortality(self, indicator: Indicator) -> tuple[Any, Any, Any, dict[str, int]]:
        deaths, people = [], []
        for low in range(30, 70, 5):
            self.extra = {"age_from": low, "age_until": low + 5}
            deaths.append(self.measure(indicator.numerator))
            people.append(self.measure(indicator.denominator))
        alive = None
        if all(people):
            rates = [n / d for n, d in zip(deaths, people, strict=True)]
            alive = prod(1 - 5 * m / (1 + 2.5 * m) for m in rates)
        return (None if alive is None else 100 * (1 - alive)), sum(deaths), sum(people), {}


def _arithmetic(sign: ast.operator, one: Any, two: Any) -> Any:
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


def _compared(sign: ast.cmpop, left: Any, right: Any) -> bool | None:
    if isinstance(sign, ast.Is):
        return left is None
    if isinstance(sign, ast.IsNot):
        return left is not None
    if left is None or right is None:
        return None
    match sign:
        case ast.Eq():
            return bool(left == right)
        case ast.NotEq():
            return bool(left != right)
        case ast.Lt():
            return bool(left < right)
        case ast.LtE():
            return bool(left <= right)
        case ast.Gt():
            return bool(left > right)
        case ast.GtE():
            return bool(left >= right)
        case ast.In():
            return left in right
    return left not in right


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
