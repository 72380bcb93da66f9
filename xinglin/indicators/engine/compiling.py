"""Expressions of definitions as Ibis expressions. What the checker let through can be compiled; nothing else gets here."""

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis

from xinglin.indicators.definitions.checking import span_of
from xinglin.indicators.definitions.language import AboutPerson, Rows, Span, about_person, is_about_person
from xinglin.indicators.engine.periods import Period
from xinglin.platform.facts import Kind, tables

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}  # fmt: skip
_COUNT: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
#: The county is eight hours ahead of UTC all the year round.
OFFSET = ibis.interval(hours=8)


@dataclass(frozen=True)
class Frame:
    """What names outside the row mean: the period, and the day as of which things stand."""

    period: Period
    ref: date

    def names(self) -> dict[str, date]:
        """Values of `ref`, `first` and `last`."""
        return {"ref": self.ref, "first": self.period.first, "last": self.period.last}


#: How a table is opened: all rows of the months that matter, None where there is no file.
Opener = Callable[[str, Span], Any | None]


def narrowed(table: Any, name: str, span: Span, frame: Frame) -> Any:
    """The rows of a span. Files hold whole months, so events need no condition."""
    del name
    if span is Span.PERIOD:
        return table
    first, last, ref = ibis.literal(frame.period.first), ibis.literal(frame.period.last), ibis.literal(frame.ref)
    end = min(frame.period.last, frame.ref)
    match span:
        case Span.IN_FORCE:
            return table.filter((table.since <= ref) & (table.until.isnull() | (table.until > ref)))
        case Span.DURING:
            return table.filter((table.since <= ibis.literal(end)) & (table.until.isnull() | (table.until > first)))
        case Span.BEGAN:
            return table.filter((table.since >= first) & (table.since <= last))
    return table.filter((table.until >= first) & (table.until <= last))


def _kept(people: Any) -> Any:
    """A set of people worked out and held: eight bytes each."""
    return ibis.memtable(people.to_pyarrow())


class Compiler:
    """Compiles conditions over one table; questions about persons become joined columns first (`prepared`)."""

    def __init__(self, frame: Frame, opener: Opener) -> None:
        self._frame, self._open = frame, opener
        self._people: dict[str, Any] = {}

    def prepared(self, table: Any, conditions: list[ast.expr]) -> tuple[Any, dict[str, str]]:
        """`table` with one column for each question the conditions ask about persons, and which column answers which."""
        answers: dict[str, str] = {}
        for condition in conditions:
            for node in ast.walk(condition):
                if is_about_person(node) and (text := ast.unparse(node)) not in answers:
                    answers[text] = f"q{len(answers)}_"
                    table = self._joined(table, self._people_of(node, text), answers[text])
        return table, answers

    def _people_of(self, node: ast.AST, text: str) -> Any | None:
        """The people of whom the answer is yes, worked out once and kept for every level and indicator."""
        if text not in self._people:
            found = self.people(about_person(node))  # type: ignore[arg-type]
            self._people[text] = None if found is None else _kept(found.select(person_=found.person).distinct())
        return self._people[text]

    @staticmethod
    def _joined(table: Any, people: Any | None, column: str) -> Any:
        if people is None:
            return table.mutate(**{column: ibis.literal(value=False)})
        flagged = people.mutate(**{column: ibis.literal(value=True)})
        joined = table.left_join(flagged, table.person == flagged.person_)
        return joined.mutate(**{column: joined[column].notnull()}).drop("person_")

    def people(self, asked: AboutPerson) -> Any | None:
        """Persons of whom a question is true, as a table; None where the asked table has no file."""
        rows = self.rows(asked.rows)
        if rows is None:
            return None
        rows = rows.filter(rows.person.notnull())
        if asked.kind == "exists":
            return rows
        if asked.kind == "at_least":
            counted = rows.group_by("person").aggregate(n_=rows.count())
            return counted.filter(counted.n_ >= asked.n)
        order = [rows["at"], rows["uuid"]]
        if asked.kind == "lastly":
            order = [ibis.desc(each) for each in order]
        ranked = rows.mutate(rank_=ibis.row_number().over(ibis.window(group_by="person", order_by=order)))
        last = ranked.filter(ranked.rank_ == 0)
        assert asked.holds is not None
        return last.filter(self.condition(asked.holds, last, {}))

    def rows(self, rows: Rows) -> Any | None:
        """The rows meant, narrowed by their condition."""
        span = span_of(rows)
        table = self._open(rows.table, span)
        if table is None or rows.where is None:
            return table
        return table.filter(self.condition(rows.where, table, {}))

    def condition(self, node: ast.expr, table: Any, answers: dict[str, str]) -> Any:
        """A condition or value of a row as an Ibis expression."""
        match node:
            case ast.Constant(value=value):
                return ibis.null() if value is None else ibis.literal(value)
            case ast.Name(id=name):
                return table[name] if name in table.columns else ibis.literal(self._frame.names()[name])
            case ast.BoolOp(op=joint, values=values):
                parts = [self.condition(each, table, answers) for each in values]
                found = parts[0]
                for each in parts[1:]:
                    found = found & each if isinstance(joint, ast.And) else found | each
                return found
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ~self.condition(operand, table, answers)
            case ast.UnaryOp(operand=operand):
                return -self.condition(operand, table, answers)
            case ast.BinOp(left=left, op=sign, right=right):
                return _COUNT[type(sign)](self.condition(left, table, answers), self.condition(right, table, answers))
            case ast.Compare():
                return self._comparison(node, table, answers)
            case ast.Call():
                return self._call(node, table, answers)
        raise AssertionError(ast.unparse(node))

    def _comparison(self, node: ast.Compare, table: Any, answers: dict[str, str]) -> Any:
        left, found = node.left, None
        for sign, right in zip(node.ops, node.comparators, strict=True):
            one = self.condition(left, table, answers)
            if isinstance(sign, ast.Is):
                part = one.isnull()
            elif isinstance(sign, ast.IsNot):
                part = one.notnull()
            elif isinstance(sign, ast.In | ast.NotIn):
                values = [each.value for each in right.elts]  # type: ignore[attr-defined]
                part = one.isin(values) if isinstance(sign, ast.In) else one.notin(values)
            else:
                part = _COMPARE[type(sign)](one, self.condition(right, table, answers))
            found, left = part if found is None else found & part, right
        return found

    def _call(self, node: ast.Call, table: Any, answers: dict[str, str]) -> Any:
        if is_about_person(node):
            return table[answers[ast.unparse(node)]]
        assert isinstance(node.func, ast.Name)
        given = [self.condition(each, table, answers) for each in node.args]
        match node.func.id:
            case "day":
                return (given[0] + OFFSET).date()
            case "days":
                return given[1].delta(given[0], unit="day")
            case "minutes":
                return (given[1].epoch_seconds() - given[0].epoch_seconds()) / 60.0
        ref = self._frame.ref
        had = given[0].month() * 100 + given[0].day() > ref.month * 100 + ref.day
        return ibis.literal(ref.year) - given[0].year() - had.cast("int64")


def is_moment(table: str, column: str) -> bool:
    """Whether a column of a table holds moments."""
    return tables()[table].columns[column].kind is Kind.MOMENT
