"""Expressions of definitions as Ibis expressions. What the checker let through can be compiled; nothing else gets here."""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any

import ibis

from xinglin.indicators.definitions.checking import span_of
from xinglin.indicators.definitions.language import (
    AboutPerson,
    Span,
    conjuncts,
    in_all,
    is_about_person,
    questions,
    text_of,
)
from xinglin.indicators.engine.days import as_days
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
YES, NO = ibis.literal(value=True), ibis.literal(value=False)


@dataclass(frozen=True)
class Frame:
    """What names outside the row mean: the period, the day as of which things stand, and that of the facts (None: the same)."""

    period: Period
    ref: date
    today: date | None = None

    def names(self) -> dict[str, date]:
        """Values of `ref`, `first`, `last` and `today`."""
        first, last = self.period.first, self.period.last
        return {"ref": self.ref, "first": first, "last": last, "today": self.today or self.ref}


@dataclass(frozen=True)
class Answer:
    """Where the answer to a question stands: a column of a table of persons; None where the asked table has no file."""

    people: Any | None
    column: str


#: How a table is opened: all rows of the months that matter, None where there is no file.
Opener = Callable[[str, Span], Any | None]


#: How a table that is read often is worked out once.
Keeper = Callable[[Any], Any]


def held(table: Any) -> Any:
    """Worked out into memory."""
    return ibis.memtable(table.to_pyarrow())


def narrowed(table: Any, name: str, span: Span, frame: Frame) -> Any:
    """The rows of a span. Files hold whole months, so events need no condition."""
    if span is Span.PERIOD:
        return table
    if span is Span.LATEST:
        return _latest(table, name)
    first, last, ref = ibis.literal(frame.period.first), ibis.literal(frame.period.last), ibis.literal(frame.ref)
    end = min(frame.period.last, frame.ref)
    match span:
        case Span.IN_FORCE:
            return table.filter((table.since <= ref) & (table.until.isnull() | (table.until > ref)))
        case Span.DURING:
            return table.filter((table.since <= ibis.literal(end)) & (table.until.isnull() | (table.until > first)))
        case Span.BEGAN:
            return table.filter((table.since >= first) & (table.since <= last))
    after = ibis.literal(frame.period.last + timedelta(days=1))  # held until the last day: no longer from the one after
    return table.filter((table.until > first) & (table.until <= after))


def _latest(table: Any, name: str) -> Any:
    """The rows of the last month that has any, of each facility, and of each item where the table has items."""
    of = [table[each] for each in tables()[name].told_by]
    month = month_of(table, name)
    marked = table.mutate(month_=month, newest_=month.max().over(ibis.window(group_by=of)))
    return marked.filter(marked.month_ == marked.newest_).drop("month_", "newest_")


def month_of(table: Any, name: str) -> Any:
    """The months since the year 0 at which its events were, in the county."""
    day = table["at"] + OFFSET if is_moment(name, "at") else table["at"]
    return day.year() * 12 + day.month() - 1


class Compiler:
    """Compiles conditions over one table; questions about persons become joined columns first (`prepared`)."""

    def __init__(self, frame: Frame, opener: Opener, keep: Keeper = held) -> None:
        self.frame, self._open, self._keep = frame, opener, keep
        self._answers: dict[str, Answer] = {}

    def prepared(
        self, table: Any, conditions: Iterable[ast.expr], own: Mapping[str, str] | None = None
    ) -> tuple[Any, dict[str, str]]:
        """`table` with one column for each question the conditions ask about persons, and which column answers which;
        `own` are answered by columns it has.
        """
        asked = {text: each for text, each in questions(conditions).items() if text not in (own or {})}
        self.answer(asked)
        found = {text: self._answers[text] for text in asked}
        known: dict[int, tuple[Any, list[str]]] = {}
        for each in found.values():
            if each.people is not None:
                known.setdefault(id(each.people), (each.people, []))[1].append(each.column)
        given = {each.column: NO for each in found.values() if each.people is None}
        for people, columns in known.values():
            table = table.left_join(people.select("person_", *columns), table.person == people.person_).drop("person_")
        given |= {column: table[column].fill_null(NO) for _people, columns in known.values() for column in columns}
        return (table.mutate(**given) if found else table), {
            **(own or {}),
            **{text: each.column for text, each in found.items()},
        }

    def answer(self, asked: Mapping[str, AboutPerson]) -> None:
        """Answer questions for every person: all of one table in one pass over it, kept for every level and indicator."""
        groups: dict[tuple[str, Span], dict[str, AboutPerson]] = {}
        for text, each in asked.items():
            if text not in self._answers:
                groups.setdefault((each.rows.table, span_of(each.rows)), {})[text] = each
        for (name, span), group in groups.items():
            columns = {text: f"q{len(self._answers) + n}_" for n, text in enumerate(group)}
            table = self._open(name, span)
            people = (
                None if table is None else self._people(table, {columns[text]: each for text, each in group.items()})
            )
            self._answers |= {text: Answer(people, column) for text, column in columns.items()}

    def answers_in_one(self, asked: Iterable[str]) -> tuple[Any, dict[str, str]] | None:
        """The table of persons that answers some questions together, and the column of each; None where there is none."""
        found = {text: self._answers[text] for text in asked if text in self._answers}
        people = next((each.people for each in found.values()), None)
        if people is None or any(each.people is not people for each in found.values()):
            return None
        return people, {text: each.column for text, each in found.items()}

    def _people(self, table: Any, asked: Mapping[str, AboutPerson]) -> Any:
        """One row for each person of a table, with the answer to each question."""
        wanted = {column: conjuncts(each.rows.where) for column, each in asked.items()}
        table, rest = self.narrowest(table, wanted)
        answers = {
            column: self._answered(each, table, self.all_of(rest[column], table)) for column, each in asked.items()
        }
        return self._keep(table.group_by(person_=table.person).aggregate(**answers))

    def narrowest(
        self, table: Any, wanted: Mapping[str, list[ast.expr]], answers: Mapping[str, str] | None = None
    ) -> tuple[Any, dict[str, list[ast.expr]]]:
        """The rows of persons of which any of the wanted conditions holds, and what is left to ask of each: the file is
        read by what all have in common.
        """
        shared = in_all(wanted.values())
        common = [self.condition(each, table, answers or {}) for each in shared.values()]
        table = table.filter(table.person.notnull(), *common)
        rest = {name: [each for each in parts if text_of(each) not in shared] for name, parts in wanted.items()}
        either = [self.all_of(parts, table, answers) for parts in rest.values()]
        return (table.filter(reduce(or_, either)) if all(rest.values()) else table), rest

    def all_of(self, parts: Iterable[ast.expr], table: Any, answers: Mapping[str, str] | None = None) -> Any | None:
        """All conditions together; None where there is none."""
        found = [self.condition(each, table, answers or {}) for each in parts]
        return reduce(and_, found) if found else None

    def _answered(self, asked: AboutPerson, table: Any, where: Any | None) -> Any:
        if asked.kind == "exists":
            return YES if where is None else where.any().fill_null(NO)
        if asked.holds is None:
            return (table.count(where=where) >= asked.n).fill_null(NO)
        # the first and the last by time, then by uuid: far cheaper as the least of such triples than by ranking all rows
        # (and in far less memory than by argmin, which DuckDB runs over sorting keys)
        holds = self.condition(asked.holds, table, {}).fill_null(NO)
        ordered = ibis.struct({"at": table["at"], "uuid": table.uuid, "holds": holds})
        found = ordered.max(where=where) if asked.kind == "lastly" else ordered.min(where=where)
        return found["holds"].fill_null(NO)

    def condition(self, node: ast.expr, table: Any, answers: Mapping[str, str]) -> Any:
        """A condition or value of a row as an Ibis expression."""
        match node:
            case ast.Constant(value=value):
                return ibis.null() if value is None else ibis.literal(value)
            case ast.Name(id=name):
                return table[name] if name in table.columns else ibis.literal(self.frame.names()[name])
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

    def _comparison(self, node: ast.Compare, table: Any, answers: Mapping[str, str]) -> Any:
        left, found = node.left, None
        for sign, right in zip(node.ops, node.comparators, strict=True):
            plain = as_days(left, sign, right, self.frame.ref)
            one, two = (left, right) if plain is None else plain[::2]
            part = self._compared(one, sign if plain is None else plain[1], two, table, answers)
            found, left = part if found is None else found & part, right
        return found

    def _compared(
        self, left: ast.expr, sign: ast.cmpop, right: ast.expr, table: Any, answers: Mapping[str, str]
    ) -> Any:
        one = self.condition(left, table, answers)
        match sign:
            case ast.Is():
                return one.isnull()
            case ast.IsNot():
                return one.notnull()
            case ast.In() | ast.NotIn():
                values = [each.value for each in right.elts]  # type: ignore[attr-defined]
                return one.isin(values) if isinstance(sign, ast.In) else one.notin(values)
        return _COMPARE[type(sign)](one, self.condition(right, table, answers))

    def _call(self, node: ast.Call, table: Any, answers: Mapping[str, str]) -> Any:
        if is_about_person(node):
            return table[answers[text_of(node)]]
        assert isinstance(node.func, ast.Name)
        given = [self.condition(each, table, answers) for each in node.args]
        match node.func.id:
            case "day":
                return (given[0] + OFFSET).date()
            case "days":
                return given[1].delta(given[0], unit="day")
            case "minutes":
                return (given[1].epoch_seconds() - given[0].epoch_seconds()) / 60.0
        ref = self.frame.ref
        had = given[0].month() * 100 + given[0].day() > ref.month * 100 + ref.day
        return ibis.literal(ref.year) - given[0].year() - had.cast("int64")


def is_moment(table: str, column: str) -> bool:
    """Whether a column of a table holds moments."""
    return tables()[table].columns[column].kind is Kind.MOMENT
