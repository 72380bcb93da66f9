"""The language of numerators and denominators: expressions over facts, small enough to be checked and to be computed twice.

::

    count(visits, status != 'VOIDED' and tier in ['TOWNSHIP', 'VILLAGE'])
    persons(enrolments, programme == 'hypertension' and lastly(programme_visits, programme == 'hypertension', is_controlled))

**Measures** over a table and a condition: ``count``, ``persons`` (each once), ``distinct`` (values of a column), ``sum``,
``median``, ``quantile``, ``persons_of_days`` (below); put together by ``+ - * /`` and numbers. **Conditions** are of a row:
columns, ``ref`` (the day as of which things stand: the last of the period, or of the facts), ``first`` and ``last`` (days of the
period), ``today`` (the day of the facts, also where the period is over), ``== != < <= > >=``, ``in``, ``is None``, ``and or
not``, arithmetic, ``age(day)`` in years at ``ref``, ``day(moment)`` in the county, ``days(a, b)``, ``minutes(a, b)``. About the
person of the row: ``exists(table, condition)``, ``at_least(n, table, condition)``, ``lastly(table, among, holds)`` and
``firstly``: the last, or first, row of this person among some holds.

Of a spell table rows in force at ``ref`` are meant; ``table.during`` means those that reach into the period, ``table.began``
and ``table.ended`` those that began, or held for the last day, in it. Of an event table all of the period are meant;
``table.latest`` means those of the last month of it in which the facility told them (of a statistical return: each item): how
things stand, which no twelve returns add up to. What is unknown is neither true nor false, as in SQL.

A row counts at its ``facility``; ``table.home`` counts it at the facility that manages the person: people of a township,
wherever they go. ``persons_of_days(table.during, share, n, condition)`` counts the persons whose rows cover at least `n` days
of the period: each day once for each person, however many rows cover it, and in part where `share` says less than 1.

The text is parsed as Python and never run as Python.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from xinglin.platform.facts import tables

MEASURES = {
    "count": 1,
    "persons": 1,
    "distinct": 2,
    "sum": 2,
    "median": 2,
    "quantile": 3,
    "persons_of_days": 3,
}  # arguments before the condition
ABOUT_PERSON = {"exists", "at_least", "lastly", "firstly"}
FUNCTIONS = {"age", "day", "days", "minutes"}
NAMES = {"ref", "first", "last", "today"}
BAND = {"age_from", "age_until"}  # of an age band, where a method goes through them


class Span(StrEnum):
    """Which rows of a table are meant."""

    PERIOD = "period"  # events of the period
    IN_FORCE = "in force"  # spells in force at the day of reference
    DURING = "during"
    BEGAN = "began"
    ENDED = "ended"
    LATEST = "latest"  # events of the last month of the period that has any, of each facility


#: After a table: its rows count where the person is managed, and not where they happened.
HOME = "home"


class LanguageError(ValueError):
    """An expression is not as it must be; says what, and where in the text."""

    def __init__(self, words: str, node: ast.AST | None = None) -> None:
        column = getattr(node, "col_offset", None)
        super().__init__(words if column is None else f"column {column + 1}: {words}")


@dataclass(frozen=True)
class Rows:
    """Rows of a table: which span, the condition they must meet (None: all of them), and the column that says where they
    count.
    """

    table: str
    span: str
    where: ast.expr | None
    place: str = "facility"


@dataclass(frozen=True)
class Measure:
    """One measure: ``count`` and so on, over rows, of a value, at a quantile."""

    kind: str
    rows: Rows
    value: ast.expr | None = None
    quantile: float = 0.5
    text: str = ""
    n_days: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether the measure of two units together is the sum of both."""
        return self.kind in {"count", "sum"}


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.expr:
    """The tree of an expression. :raises LanguageError: it is none"""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise LanguageError(f"not an expression: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise LanguageError(f"not an expression: {error}") from error


def measures(tree: ast.expr) -> Iterator[Measure]:
    """The measures of a formula, from left to right."""
    yield from _measures(tree)


@lru_cache(maxsize=8192)
def _measures(tree: ast.expr) -> tuple[Measure, ...]:
    """Of a tree, once: it is asked for at every unit of every figure, and no tree is ever changed."""
    if isinstance(tree, ast.BinOp):
        return _measures(tree.left) + _measures(tree.right)
    if isinstance(tree, ast.UnaryOp):
        return _measures(tree.operand)
    return (measure(tree),) if isinstance(tree, ast.Call) else ()


@lru_cache(maxsize=32768)
def text_of(node: ast.AST) -> str:
    """The text of a node, once."""
    return ast.unparse(node)


def measure(call: ast.Call) -> Measure:
    """One measure from its call. :raises LanguageError: unknown, or of the wrong arguments"""
    kind = call.func.id if isinstance(call.func, ast.Name) else ""
    if kind not in MEASURES:
        raise LanguageError(f"unknown measure {ast.unparse(call.func)!r}: one of {', '.join(MEASURES)}", call)
    before = MEASURES[kind]
    if call.keywords or not before <= len(call.args) <= before + 1:
        raise LanguageError(f"{kind} takes {before} or {before + 1} arguments", call)
    table, span = table_of(call.args[0])
    where = call.args[before] if len(call.args) > before else None
    value = call.args[1] if before > 1 else None
    quantile, n_days = 0.5, 0
    if kind == "quantile":
        given = call.args[2]
        if not isinstance(given, ast.Constant) or not isinstance(given.value, float) or not 0 < given.value < 1:
            raise LanguageError("the quantile is a number between 0 and 1", given)
        quantile = given.value
    if kind == "persons_of_days":
        days = call.args[2]
        if not isinstance(days, ast.Constant) or type(days.value) is not int or days.value < 1:
            raise LanguageError("the days are a whole number above 0", days)
        n_days = days.value
    rows = Rows(table, "", where, HOME) if span == HOME else Rows(table, span, where)
    return Measure(kind, rows, value, quantile, ast.unparse(call), n_days)


def table_of(node: ast.expr) -> tuple[str, str]:
    """The table a node names, and the span or ``home`` after it; empty where it is the usual one. :raises LanguageError"""
    if isinstance(node, ast.Name):
        return node.id, ""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.attr not in {Span.DURING, Span.BEGAN, Span.ENDED, Span.LATEST, HOME}:
            raise LanguageError(f"unknown span {node.attr!r}: during, began, ended, latest or home", node)
        return node.value.id, node.attr
    raise LanguageError("a table is named here", node)


@dataclass(frozen=True)
class AboutPerson:
    """A question about the person of a row: how many rows he has elsewhere, or what the last of them says."""

    kind: str
    rows: Rows
    n: int = 1
    holds: ast.expr | None = None


def about_person(call: ast.Call) -> AboutPerson:
    """The question a call asks. :raises LanguageError: of the wrong arguments"""
    assert isinstance(call.func, ast.Name)
    kind, arguments, n = call.func.id, list(call.args), 1
    if kind == "at_least":
        if not arguments or not isinstance(arguments[0], ast.Constant) or type(arguments[0].value) is not int:
            raise LanguageError("at_least begins with a whole number", call)
        n = arguments.pop(0).value  # type: ignore[attr-defined]
    wanted = {"exists": (1, 2), "at_least": (1, 2), "lastly": (3, 3), "firstly": (3, 3)}[kind]
    if call.keywords or not wanted[0] <= len(arguments) <= wanted[1]:
        raise LanguageError(f"{kind} has too few or too many arguments", call)
    table, span = table_of(arguments[0])
    if span == HOME:
        raise LanguageError("a question about a person asks all his rows, wherever they are", arguments[0])
    where = arguments[1] if len(arguments) > 1 else None
    return AboutPerson(kind, Rows(table, span, where), n, arguments[2] if kind in {"lastly", "firstly"} else None)


def is_about_person(node: ast.AST) -> bool:
    """Whether a node asks about the person of the row."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ABOUT_PERSON


def questions(conditions: Iterable[ast.expr]) -> dict[str, AboutPerson]:
    """The questions about persons that conditions ask, by their text."""
    return {
        text_of(node): about_person(node)
        for condition in conditions
        for node in ast.walk(condition)
        if isinstance(node, ast.Call) and is_about_person(node)
    }


def conjuncts(where: ast.expr | None) -> list[ast.expr]:
    """The conditions that must all hold."""
    if where is None:
        return []
    if isinstance(where, ast.BoolOp) and isinstance(where.op, ast.And):
        return [part for each in where.values for part in conjuncts(each)]
    return [where]


def in_all(conditions: Iterable[list[ast.expr]]) -> dict[str, ast.expr]:
    """What stands among the conditions of every list, by its text."""
    found: dict[str, ast.expr] | None = None
    for each in conditions:
        here = {text_of(part): part for part in each}
        found = here if found is None else {text: part for text, part in found.items() if text in here}
    return found or {}


def is_of_person_only(node: ast.AST) -> bool:
    """Whether a condition asks about the person alone: it holds of all rows of somebody, or of none."""
    if is_about_person(node):
        return True
    if isinstance(node, ast.BoolOp):
        return all(is_of_person_only(each) for each in node.values)
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and is_of_person_only(node.operand)


def tables_in(tree: ast.expr) -> set[str]:
    """All tables a formula reads."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in MEASURES and node.args:
                found.add(table_of(node.args[0])[0])
            elif node.func.id in ABOUT_PERSON:
                found.add(about_person(node).rows.table)
    return found


def in_fen(tree: ast.expr) -> bool:
    """Whether a formula comes to an amount of money, which facts keep in fen: a sum of money, also for each of something."""
    match tree:
        case ast.Call():
            one = next(measures(tree))
            named = (
                {each.id for each in ast.walk(one.value) if isinstance(each, ast.Name)}
                if one.value is not None
                else set()
            )
            columns = tables()[one.rows.table].columns
            return any(columns[each].unit == "fen" for each in named & columns.keys())
        case ast.UnaryOp(operand=operand):
            return in_fen(operand)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return in_fen(left) and not in_fen(right)
        case ast.BinOp(left=left, right=right):
            return in_fen(left) or in_fen(right)
    return False
